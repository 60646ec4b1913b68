import type { MachinePath } from '../../models/memory/machine.ts';
import type { MemorySystem } from '../../models/memory/memory-system.ts';
import { throughputOf } from '../../models/memory/throughput.ts';

/** What a prediction takes from elsewhere than the rows it is made from, by name. */
export type Inputs = Readonly<{
  slots: number;
  dramIdleNs: number;
  dramQueueing: number;
  cxlIdleNs: number;
  cxlQueueing: number;
}>;
export const INPUT_NAMES: Readonly<Record<keyof Inputs, string>> = {
  slots: 'reads in flight',
  dramIdleNs: 'idle latency of DRAM',
  dramQueueing: 'queueing of DRAM',
  cxlIdleNs: 'idle latency of CXL',
  cxlQueueing: 'queueing of CXL',
};

const LINE_BYTES = 64;
/** Halvings of a bracket of bandwidths. */
const HALVINGS = 60;

/** One DRAM node and so many expanders, each a node, as one socket sees them; B in GB/s at all read shares. */
export function system(
  inputs: Inputs,
  dramGbps: number,
  cxlGbps: number,
  expanders: number,
): MemorySystem {
  const path = (node: number, idleNs: number, queueing: number, gbps: number): MachinePath => ({
    socket: 0,
    node,
    idle_ns: idleNs,
    curve: { queueing, bandwidth: [{ read_share: 1, gbps }] },
  });
  return {
    lineBytes: LINE_BYTES,
    paths: [
      path(0, inputs.dramIdleNs, inputs.dramQueueing, dramGbps),
      ...Array.from({ length: expanders }, (_, i) =>
        path(1 + i, inputs.cxlIdleNs, inputs.cxlQueueing, cxlGbps),
      ),
    ],
    links: [],
  };
}

/**
 * The B of DRAM with which DRAM alone has the throughput that was measured, and that of each expander with which the weights
 * given (DRAM, then every expander) have theirs.
 */
export function bandwidths(
  inputs: Inputs,
  readShare: number,
  dramAlone: number,
  expanders: number,
  cxl: Readonly<{ weights: readonly number[]; gbps: number }>,
): { dram: number; cxl: number } {
  const alone = [1, ...Array<number>(expanders).fill(0)];
  const dram = rising(
    (gbps) => throughputOf(system(inputs, gbps, 1, expanders), inputs.slots, readShare, alone),
    dramAlone,
  );
  const own = rising(
    (gbps) =>
      throughputOf(system(inputs, dram, gbps, expanders), inputs.slots, readShare, cxl.weights),
    cxl.gbps,
  );
  return { dram, cxl: own };
}

/** Where a rising function of a bandwidth reaches a value of about that size. */
function rising(f: (gbps: number) => number, value: number): number {
  let [low, high] = [value / 100, value * 100];
  for (let i = 0; i < HALVINGS; i++) {
    const middle = Math.sqrt(low * high);
    if (f(middle) < value) low = middle;
    else high = middle;
  }
  return high;
}
