import { type Scenario, scenario } from '../../../evaluator/scenario.ts';
import type { Demand } from '../../../traces/demand.ts';
import { machineOf } from '../two-node-machine.ts';

/** Pages that every total up to 10 divides, so that every vector places its exact share of them. */
export const PAGES = 2520;

/** Reads alike of all pages, in so many epochs; each of `threads` keeps one read in flight unless told otherwise. */
export function readsOfAllPages(
  options: Readonly<{ epochs?: number; lines?: number; threads?: number; period?: number }> = {},
): Demand {
  const { epochs = 1, lines = 8, threads = 1, period = 1 } = options;
  return {
    metadata: {
      pageBytes: 4096,
      lineBytes: 64,
      samplePeriod: period,
      timeUnit: 'accesses',
      accesses: PAGES * lines * epochs,
      loads: PAGES * lines * epochs,
      stores: 0,
      threads,
      source: 'test',
    },
    pages: Float64Array.from({ length: PAGES }, (_, i) => i),
    epochStart: Uint32Array.from({ length: epochs + 1 }, (_, e) => e * PAGES),
    epochTime: new Float64Array(epochs).fill(1),
    page: Uint32Array.from({ length: PAGES * epochs }, (_, i) => i % PAGES),
    reads: new Uint32Array(PAGES * epochs).fill(lines),
    writes: new Uint32Array(PAGES * epochs),
  };
}

/** Node 0 with 150 GB/s at 100 ns, node 1 with 50 GB/s at 300 ns. */
export const MACHINE = machineOf([
  { gbps: 150, idleNs: 100 },
  { gbps: 50, idleNs: 300 },
]);

const PLAIN = { copies: 1, cpi: 0.5, computeShare: 0 } as const;

/** A demand under the bottleneck bound, whose times are known: bound by bandwidth, it wants 3:1; by latency, 1:0. */
export function bound(by: 'bandwidth' | 'latency'): Scenario {
  const outstanding = by === 'bandwidth' ? 65536 : 1;
  return scenario(readsOfAllPages(), MACHINE, { ...PLAIN, outstanding, model: 'bottleneck' });
}

/** Copies of a demand in the closed loop. */
export function looped(demand: Demand, copies = 4): Scenario {
  return scenario(demand, MACHINE, { ...PLAIN, copies });
}
