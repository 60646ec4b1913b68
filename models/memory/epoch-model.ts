import { Bottleneck } from './bottleneck.ts';
import { ClosedLoop } from './closed-loop.ts';
import type { MemorySystem } from './memory-system.ts';
import type { TimeModel, TimeModelName } from './time-model.ts';

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
