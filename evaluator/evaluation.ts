import type { WeightVectors } from '../models/mempolicy/weights.ts';
import { NODE, ROW } from './vector-evaluator.ts';

/** What one node carries under a policy. Rates are over the whole run, all copies together, in GB/s. */
export type NodeUse = Readonly<{
  id: number;
  readGbps: number;
  writeGbps: number;
  /** Busy time over run time: bandwidth as a share of the curve's asymptote at the read shares it sees. */
  utilisation: number;
  /** Pages of one copy placed here, averaged over copies where those differ. */
  pages: number;
  /** Pages of one copy, likewise, whose index fell here but which lie elsewhere, since the node was full. */
  missed: number;
}>;

/** Time, throughput, latency and utilisation of one policy. */
export type Evaluation = Readonly<{
  weights: WeightVectors;
  /** Bytes moved to and from memory over time, all copies together, GB/s. */
  throughputGbps: number;
  /** Time the run takes, ns. */
  timeNs: number;
  /** Throughput over that of the continuous optimum. */
  shareOfOptimum: number;
  /** Mean latency of a read from memory, ns; null where nothing is read. */
  meanLoadNs: number | null;
  /** Pages of one copy, averaged over copies, that are not on the node their index fell on: the sum over the nodes. */
  missedPages: number;
  nodes: readonly NodeUse[];
}>;

/**
 * The evaluation in a row the vector evaluator filled. `lines` are all lines read and written, against which the sums
 * over the nodes are checked: throws where a line was lost or counted twice.
 */
export function evaluationOf(
  weights: WeightVectors,
  rows: Float64Array,
  at: number,
  context: Readonly<{
    /** Ids of the nodes, ascending. */
    nodeIds: readonly number[];
    lineBytes: number;
    lines: Readonly<{ reads: number; writes: number }>;
    optimumGbps: number;
  }>,
): Evaluation {
  const { nodeIds, lineBytes, lines, optimumGbps } = context;
  const timeNs = rows[at + ROW.timeNs];
  let reads = 0;
  let writes = 0;
  const nodes = nodeIds.map((id, k) => {
    const node = at + ROW.nodes + k * NODE.size;
    reads += rows[node + NODE.reads];
    writes += rows[node + NODE.writes];
    return {
      id,
      readGbps: (rows[node + NODE.reads] * lineBytes) / timeNs,
      writeGbps: (rows[node + NODE.writes] * lineBytes) / timeNs,
      utilisation: rows[node + NODE.busyNs] / timeNs,
      pages: rows[node + NODE.pages],
      missed: rows[node + NODE.missed],
    };
  });
  if (differ(reads, lines.reads) || differ(writes, lines.writes)) {
    const got = `${reads} reads and ${writes} writes`;
    throw new Error(
      `evaluation: nodes do not add up (got ${got}, expected ${lines.reads} and ${lines.writes})`,
    );
  }
  const throughputGbps = ((reads + writes) * lineBytes) / timeNs;
  return {
    weights,
    throughputGbps,
    timeNs,
    shareOfOptimum: throughputGbps / optimumGbps,
    meanLoadNs: reads === 0 ? null : rows[at + ROW.loadNsSum] / reads,
    missedPages: nodes.reduce((sum, n) => sum + n.missed, 0),
    nodes,
  };
}

/** Counts of lines are exact below 2^53; beyond, adding them up in another order may round. */
function differ(a: number, b: number): boolean {
  return Math.abs(a - b) > 1e-12 * b;
}
