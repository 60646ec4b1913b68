import type { MemorySystem } from '../models/memory/memory-system.ts';
import type { WeightVectors } from '../models/mempolicy/weights.ts';
import { LINK, linksAt, NODE, ROW } from './epoch-runner.ts';

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
  /** Mean latency of a read from this node, ns; null where none is. */
  meanLoadNs: number | null;
  /** With the queue model, the latency that 50, 99 and 99.9 % of the reads have at most, ns. */
  loadPercentilesNs?: Readonly<{ p50: number; p99: number; p999: number }>;
}>;

/** What one link carries. A lane's utilisation is its bandwidth as a share of what it can carry. */
export type LinkUse = Readonly<{
  id: string;
  readGbps: number;
  writeGbps: number;
  readUtilisation: number;
  writeUtilisation: number;
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
  /** Of machines that have links. */
  links?: readonly LinkUse[];
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
    memory: MemorySystem;
    lines: Readonly<{ reads: number; writes: number }>;
    optimumGbps: number;
  }>,
): Evaluation {
  const { nodeIds, memory, lines, optimumGbps } = context;
  const { lineBytes } = memory;
  const timeNs = rows[at + ROW.timeNs];
  let reads = 0;
  let writes = 0;
  const nodes = nodeIds.map((id, k) => {
    const node = at + ROW.nodes + k * NODE.size;
    const read = rows[node + NODE.reads];
    reads += read;
    writes += rows[node + NODE.writes];
    const [p50, p99, p999] = [NODE.p50Ns, NODE.p99Ns, NODE.p999Ns].map((i) => rows[node + i]);
    return {
      id,
      readGbps: (read * lineBytes) / timeNs,
      writeGbps: (rows[node + NODE.writes] * lineBytes) / timeNs,
      utilisation: rows[node + NODE.busyNs] / timeNs,
      pages: rows[node + NODE.pages],
      missed: rows[node + NODE.missed],
      meanLoadNs: read === 0 ? null : rows[node + NODE.loadNsSum] / read,
      ...(p50 > 0 ? { loadPercentilesNs: { p50, p99, p999 } } : {}),
    };
  });
  if (differ(reads, lines.reads) || differ(writes, lines.writes)) {
    const got = `${reads} reads and ${writes} writes`;
    throw new Error(
      `evaluation: nodes do not add up (got ${got}, expected ${lines.reads} and ${lines.writes})`,
    );
  }
  const links = memory.links.map(({ id, readGbps: readLane, writeGbps: writeLane }, l) => {
    const link = at + linksAt(nodeIds.length) + l * LINK.size;
    const readGbps = (rows[link + LINK.reads] * lineBytes) / timeNs;
    const writeGbps = (rows[link + LINK.writes] * lineBytes) / timeNs;
    return {
      id,
      readGbps,
      writeGbps,
      readUtilisation: readGbps / readLane,
      writeUtilisation: writeGbps / writeLane,
    };
  });
  const throughputGbps = ((reads + writes) * lineBytes) / timeNs;
  return {
    weights,
    throughputGbps,
    timeNs,
    shareOfOptimum: throughputGbps / optimumGbps,
    meanLoadNs: reads === 0 ? null : rows[at + ROW.loadNsSum] / reads,
    missedPages: nodes.reduce((sum, n) => sum + n.missed, 0),
    nodes,
    ...(links.length === 0 ? {} : { links }),
  };
}

/** Counts of lines are exact below 2^53; beyond, adding them up in another order may round. */
function differ(a: number, b: number): boolean {
  return Math.abs(a - b) > 1e-12 * b;
}
