import type { Weights } from '../models/mempolicy/weights.ts';
import { type EvaluatorSetup, NODE, ROW } from './vector-evaluator.ts';

/** What one node carries under a policy. Rates are over the whole run, all copies together, in GB/s. */
export type NodeUse = Readonly<{
  id: number;
  readGbps: number;
  writeGbps: number;
  /** Busy time over run time: bandwidth as a share of the curve's asymptote at the read shares it sees. */
  utilisation: number;
  /** Pages of one copy placed here. */
  pages: number;
}>;

/** Time, throughput, latency and utilisation of one policy. */
export type Evaluation = Readonly<{
  weights: Weights;
  /** Bytes moved to and from memory over time, all copies together, GB/s. */
  throughputGbps: number;
  /** Time the run takes, ns. */
  timeNs: number;
  /** Throughput over that of the continuous optimum. */
  shareOfOptimum: number;
  /** Mean latency of a read from memory, ns; null where nothing is read. */
  meanLoadNs: number | null;
  nodes: readonly NodeUse[];
}>;

/**
 * The evaluation in a row the vector evaluator filled. `lines` are all lines read and written, against which the sums
 * over the nodes are checked: throws where a line was lost or counted twice.
 */
export function evaluationOf(
  weights: Weights,
  rows: Float64Array,
  at: number,
  context: Readonly<{
    setup: EvaluatorSetup;
    lines: Readonly<{ reads: number; writes: number }>;
    optimumGbps: number;
  }>,
): Evaluation {
  const { setup, lines, optimumGbps } = context;
  const { lineBytes, paths } = setup.memory;
  const timeNs = rows[at + ROW.timeNs];
  let reads = 0;
  let writes = 0;
  const nodes = paths.map(({ node: id }, k) => {
    const node = at + ROW.nodes + k * NODE.size;
    reads += rows[node + NODE.reads];
    writes += rows[node + NODE.writes];
    return {
      id,
      readGbps: (rows[node + NODE.reads] * lineBytes) / timeNs,
      writeGbps: (rows[node + NODE.writes] * lineBytes) / timeNs,
      utilisation: rows[node + NODE.busyNs] / timeNs,
      pages: rows[node + NODE.pages],
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
    nodes,
  };
}

/** Counts of lines are exact below 2^53; beyond, adding them up in another order may round. */
function differ(a: number, b: number): boolean {
  return Math.abs(a - b) > 1e-12 * b;
}
