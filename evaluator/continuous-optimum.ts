/**
 * The best any real-valued split of the demand could do: the 100 % line.
 *
 * In every epoch the demand is divided over the nodes in the shares `x[k]` that make the epoch shortest, every page in
 * the same proportion. With `t[k]` the busy time of node k if it had all of the epoch, `i[k] = R * idle[k] / Q` and
 * `v = x * t / T`, the epoch can be done in T where
 *
 *     C + sum of i[k] * x[k] * (1 + excess[k](v)) <= T   for some shares x >= 0 that sum to 1.
 *
 * The left side is convex in x (of tables the largest convex function below it is taken: convex-cost.ts) and has one term
 * per node, so at its minimum the marginal cost is the same, `m`, on every node used and higher on the others. The shares
 * for a given T follow from bisecting m, and T from bisecting T.
 *
 * Several sockets are split together in pooled-split.ts.
 *
 * Left out: links shared by paths, which only the closed loop sees (with them the line is a bound that may be out of
 * reach); and what a placement gains by keeping reads and writes apart, so that a vector whose cycle happens to do
 * that can lie above 100 %.
 */

import { convexCost } from '../models/memory/convex-cost.ts';
import { bandwidthAt } from '../models/memory/curve.ts';
import type { MemorySystem } from '../models/memory/memory-system.ts';
import type { LoadColumns } from './loads.ts';
import { pooledSplit, type SocketEpoch } from './pooled-split.ts';
import type { EvaluatorSetup } from './vector-evaluator.ts';

/** Halvings of a bracket: enough to reach the last bit of a float from a bracket of a factor of two. */
const HALVINGS = 54;

/** The continuous optimum: each node's share of all lines, and the throughput in GB/s. */
export type ContinuousOptimum = Readonly<{ fractions: readonly number[]; throughputGbps: number }>;

/** The continuous optimum of a demand. Every vector is measured against its throughput. */
export function continuousOptimum(setup: EvaluatorSetup): ContinuousOptimum {
  const { demand, memory, slots, copies, spanning, computeNs, samplePeriod, tiers } = setup;
  const nodes = tiers.length;
  const sockets = slots.length;
  const lines = new Float64Array(nodes);
  let allLines = 0;
  let timeNs = 0;
  const spans = spanning ? sockets : 1;
  const scale = slots.map((_, s) => copies[spanning ? 0 : s] * samplePeriod);
  for (let epoch = 0; (epoch + 1) * spans < demand.epochStart.length; epoch++) {
    const counted = Array.from({ length: spans }, (_, s) => linesIn(demand, epoch * spans + s));
    const inSockets = slots.map((own, s): SocketEpoch => {
      const { reads, writes } = counted[spanning ? s : 0];
      const computing = computeNs[epoch * sockets + s];
      return {
        slots: own,
        reads: reads * scale[s],
        writes: writes * scale[s],
        computeNs: computing,
      };
    });
    const split = splitOfSockets(memory, inSockets);
    for (const [s, { reads, writes }] of inSockets.entries()) {
      const inEpoch = reads + writes;
      for (let k = 0; k < nodes; k++) lines[k] += split.shares[s * nodes + k] * inEpoch;
      allLines += inEpoch;
    }
    timeNs += split.timeNs;
  }
  return {
    fractions: Array.from(lines, (n) => Math.min(1, n / allLines)),
    throughputGbps: (allLines * memory.lineBytes) / timeNs,
  };
}

/** Lines read and written in one epoch of a demand. */
function linesIn(demand: LoadColumns, epoch: number): { reads: number; writes: number } {
  let reads = 0;
  let writes = 0;
  for (let i = demand.epochStart[epoch]; i < demand.epochStart[epoch + 1]; i++) {
    reads += demand.reads[i];
    writes += demand.writes[i];
  }
  return { reads, writes };
}

/** The best split of one socket's epoch; of several together, but no shorter than any of them would take alone. */
function splitOfSockets(
  memory: MemorySystem,
  sockets: readonly SocketEpoch[],
): { shares: Float64Array; timeNs: number } {
  const nodes = memory.paths.length / sockets.length;
  const pathsOf = (s: number) => memory.paths.slice(s * nodes, (s + 1) * nodes);
  const alone = sockets.map(({ slots, reads, writes, computeNs }, s) =>
    bestSplit({ ...memory, paths: pathsOf(s) }, slots, reads, writes, computeNs),
  );
  if (alone.length === 1) return alone[0];
  const longest = Math.max(...alone.map((split) => split.timeNs));
  const shares = new Float64Array(memory.paths.length);
  // A socket without lines only computes; the others share the nodes among themselves.
  const busy = [...sockets.keys()].filter((s) => sockets[s].reads + sockets[s].writes > 0);
  if (busy.length === 0) return { shares, timeNs: longest };
  const split =
    busy.length === 1
      ? alone[busy[0]]
      : pooledSplit(
          { ...memory, paths: busy.flatMap(pathsOf) },
          busy.map((s) => sockets[s]),
        );
  for (const [i, s] of busy.entries())
    shares.set(split.shares.subarray(i * nodes, (i + 1) * nodes), s * nodes);
  return { shares, timeNs: Math.max(split.timeNs, longest) };
}

/** The shares of an epoch's lines on one socket that make it shortest, and how long it then takes, ns. */
export function bestSplit(
  memory: MemorySystem,
  slots: number,
  reads: number,
  writes: number,
  computeNs: number,
): { shares: Float64Array; timeNs: number } {
  const { paths, lineBytes } = memory;
  const lines = reads + writes;
  const shares = new Float64Array(paths.length);
  if (lines === 0) return { shares, timeNs: computeNs };
  const busy = paths.map((p) => (lines * lineBytes) / bandwidthAt(p.curve, reads / lines));
  const idle = paths.map((p) => (reads * p.idle_ns) / slots);
  const allBusy = 1 / busy.reduce((sum, t) => sum + 1 / t, 0);
  if (reads === 0) {
    return {
      shares: shares.map((_, k) => allBusy / busy[k]),
      timeNs: Math.max(computeNs, allBusy),
    };
  }
  const costs = paths.map((p) => convexCost(p.curve, p.idle_ns, reads / lines));
  const dearer = new Float64Array(paths.length);

  /** Sets `into` to the shares whose marginal cost is `m` in an epoch of `time`; returns their sum. */
  function sharesAt(m: number, time: number, into: Float64Array): number {
    let sum = 0;
    for (let k = 0; k < into.length; k++) {
      into[k] = (costs[k].utilisationAt(m / idle[k]) * time) / busy[k];
      sum += into[k];
    }
    return sum;
  }

  /** Sets the cheapest shares for an epoch of `time`; true where the epoch can be done in that time. */
  function fits(time: number): boolean {
    let high = 2 * Math.max(...idle);
    while (sharesAt(high, time, dearer) < 1) high *= 2;
    let low = 0;
    for (let i = 0; i < HALVINGS; i++) {
      const middle = (low + high) / 2;
      if (sharesAt(middle, time, shares) < 1) low = middle;
      else high = middle;
    }
    // Where a cost is a straight line, its share jumps at one marginal cost: any share between is as cheap.
    const below = sharesAt(low, time, shares);
    const above = sharesAt(high, time, dearer);
    const along = above > below ? (1 - below) / (above - below) : 0;
    let sum = 0;
    for (let k = 0; k < shares.length; k++) {
      shares[k] += along * (dearer[k] - shares[k]);
      sum += shares[k];
    }
    let needed = computeNs;
    for (let k = 0; k < shares.length; k++) {
      shares[k] /= sum;
      const utilisation = (shares[k] * busy[k]) / time;
      needed += (idle[k] * time * costs[k].at(utilisation)) / busy[k];
    }
    return needed <= time;
  }

  let low = allBusy;
  let high = 2 * Math.max(allBusy, computeNs);
  while (!fits(high)) {
    low = high;
    high *= 2;
  }
  for (let i = 0; i < HALVINGS; i++) {
    const middle = (low + high) / 2;
    if (middle > low && !fits(middle)) low = middle;
    else high = middle;
  }
  fits(high);
  // No read takes less than the lowest idle latency, however few there are.
  return { shares, timeNs: Math.max(high, Math.min(...paths.map((p) => p.idle_ns))) };
}
