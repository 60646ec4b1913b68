import { ClosedLoop } from '../../models/memory/closed-loop.ts';
import type { MemorySystem } from '../../models/memory/memory-system.ts';

/** One socket's path to a node. */
export type Path = { idle: number; gbps: number; queueing: number; via?: string[] };

/** A system of several sockets, each given as its paths to all nodes. */
export function systemOf(
  sockets: readonly (readonly Path[])[],
  links: MemorySystem['links'] = [],
): MemorySystem {
  return {
    lineBytes: 64,
    paths: sockets.flatMap((paths, socket) =>
      paths.map(({ idle, gbps, queueing, via = [] }, node) => ({
        socket,
        node,
        idle_ns: idle,
        curve: { queueing, bandwidth: [{ read_share: 1, gbps }] },
        via,
      })),
    ),
    links,
  };
}

/** An epoch through the closed loop: how long it takes, and what every path and node shows. */
export function solved(
  memory: MemorySystem,
  slots: number | readonly number[],
  reads: readonly number[],
  writes: readonly number[],
  computeNs: number | readonly number[] = 0,
) {
  const loop = new ClosedLoop(memory, ...[slots].flat());
  const own = typeof computeNs === 'number' ? computeNs : Float64Array.from(computeNs);
  const time = loop.solve(Float64Array.from(reads), Float64Array.from(writes), own);
  return { time, loadNs: [...loop.loadNs], busyNs: [...loop.busyNs] };
}
