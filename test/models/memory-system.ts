import { ClosedLoop } from '../../models/memory/closed-loop.ts';
import type { MemorySystem } from '../../models/memory/memory-system.ts';
import { QueueModel } from '../../models/memory/queue-model.ts';
import { RandomOrder } from '../../models/memory/random-order.ts';

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

/**
 * An epoch through the queue model, its accesses in random order: how long it takes, and each path's mean latency. With
 * `after`, so many epochs alike came before it, and the time is that until the next one could begin.
 */
export function replayed(
  memory: MemorySystem,
  slots: readonly number[],
  reads: readonly number[],
  writes: readonly number[],
  computeNs: number | readonly number[] = 0,
  after = 0,
) {
  const [r, w] = [Float64Array.from(reads), Float64Array.from(writes)];
  const queue = new QueueModel(memory, slots, r, w);
  const nodes = reads.length / slots.length;
  const orders = slots.map((_, s) => new RandomOrder(reads.length, 1 + s));
  const own = typeof computeNs === 'number' ? computeNs : Float64Array.from(computeNs);
  let time = 0;
  for (let epoch = 0; epoch <= after; epoch++) {
    for (const [s, order] of orders.entries()) order.start(r, w, s * nodes, (s + 1) * nodes);
    time = queue.replay(r, w, own, (s, into) => orders[s].fill(into));
  }
  const whole = queue.finish();
  return {
    time: after === 0 ? whole : time,
    loadNs: [...queue.loadNsSum].map((sum, p) =>
      reads[p] === 0 ? 0 : sum / (1 + after) / Math.round(reads[p]),
    ),
    histograms: queue.histograms,
  };
}
