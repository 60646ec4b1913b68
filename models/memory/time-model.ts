import { Bottleneck } from './bottleneck.ts';
import { ClosedLoop } from './closed-loop.ts';
import type { MemorySystem } from './memory-system.ts';

/** How long an epoch takes: what the models that know an epoch by its sums have in common. */
export interface TimeModel {
  /** Mean latency of a read over each path, ns; 0 for a path that is not read over. Valid until the next `solve`. */
  readonly loadNs: Float64Array;
  /** The least time each node needs for its lines, ns: busy / T is its utilisation. */
  readonly busyNs: Float64Array;
  /**
   * The time in ns that lines `reads` and `writes` over each path and computing take, `computeNs` on every socket, or on
   * each its own. An epoch without lines takes its compute time.
   */
  solve(reads: Float64Array, writes: Float64Array, computeNs: number | Float64Array): number;
}

/** `--model`: the closed loop; its bound by bandwidth and idle latency; every access, event by event. */
export const TIME_MODELS = ['closed-loop', 'bottleneck', 'queue'] as const;
export type TimeModelName = (typeof TIME_MODELS)[number];

/** A model of epochs over one memory system, with each socket's number of slots in the order of the system's sockets. */
export function epochModel(
  name: Exclude<TimeModelName, 'queue'>,
  system: MemorySystem,
  slots: readonly number[],
): TimeModel {
  return name === 'bottleneck'
    ? new Bottleneck(system, ...slots)
    : new ClosedLoop(system, ...slots);
}
