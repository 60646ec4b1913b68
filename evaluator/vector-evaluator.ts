import { ClosedLoop, type MemorySystem } from '../models/memory/closed-loop.ts';
import { residues } from '../models/mempolicy/residues.ts';
import type { Weights } from '../models/mempolicy/weights.ts';
import type { Demand } from '../traces/demand.ts';

/** All that evaluating a vector needs; plain data and shared columns, so that workers can be sent it. */
export type EvaluatorSetup = Readonly<{
  demand: Pick<Demand, 'pages' | 'epochStart' | 'page' | 'reads' | 'writes'>;
  memory: MemorySystem;
  slots: number;
  computeNs: Float64Array;
  /** What one counted line stands for: copies times sample period. */
  scale: number;
}>;

/** Where the figures of one evaluated vector lie in its row; the node's own four follow for each node in turn. */
export const ROW = { timeNs: 0, loadNsSum: 1, nodes: 2 } as const;
export const NODE = { reads: 0, writes: 1, busyNs: 2, pages: 3, size: 4 } as const;

/** Numbers in a row: time, sum over reads of their latency, and lines read, written, busy time and pages per node. */
export function rowLength(nodes: number): number {
  return ROW.nodes + NODE.size * nodes;
}

/**
 * Evaluates weight vectors over one demand, cheaply for many with the same total.
 *
 * Placement by address depends on a page's number modulo the weights' total only. So `setTotal` counts the demand once
 * per (epoch, residue) as prefix sums over residues, and each vector with that total is then read off them in
 * O(epochs * nodes). Counts are whole numbers below 2^53, so any order of adding gives the same bits.
 */
export class VectorEvaluator {
  readonly #setup: EvaluatorSetup;
  readonly #loop: ClosedLoop;
  readonly #reads: Float64Array;
  readonly #writes: Float64Array;
  #total = 0;
  /** Lines of each epoch on residues below r, at `epoch * (total + 1) + r`; and pages on residues below r. */
  #readsBelow = new Float64Array(0);
  #writesBelow = new Float64Array(0);
  #pagesBelow = new Float64Array(0);

  constructor(setup: EvaluatorSetup) {
    const nodes = setup.memory.paths.length;
    this.#setup = setup;
    this.#loop = new ClosedLoop(setup.memory, setup.slots);
    this.#reads = new Float64Array(nodes);
    this.#writes = new Float64Array(nodes);
  }

  /** Counts the demand for vectors whose weights sum to `total`. */
  setTotal(total: number): void {
    const { pages, epochStart, page, reads, writes } = this.#setup.demand;
    const epochs = epochStart.length - 1;
    const stride = total + 1;
    const readsBelow = new Float64Array(epochs * stride);
    const writesBelow = new Float64Array(epochs * stride);
    const pagesBelow = new Float64Array(stride);
    const residue = residues(pages, total);
    for (let i = 0; i < residue.length; i++) pagesBelow[residue[i] + 1]++;
    for (let epoch = 0; epoch < epochs; epoch++) {
      const base = epoch * stride + 1;
      const end = epochStart[epoch + 1];
      for (let i = epochStart[epoch]; i < end; i++) {
        const at = base + residue[page[i]];
        readsBelow[at] += reads[i];
        writesBelow[at] += writes[i];
      }
    }
    for (let r = 1; r <= total; r++) {
      pagesBelow[r] += pagesBelow[r - 1];
      for (let epoch = 0; epoch < epochs; epoch++) {
        const at = epoch * stride + r;
        readsBelow[at] += readsBelow[at - 1];
        writesBelow[at] += writesBelow[at - 1];
      }
    }
    this.#total = total;
    this.#readsBelow = readsBelow;
    this.#writesBelow = writesBelow;
    this.#pagesBelow = pagesBelow;
  }

  /** Evaluates a vector whose weights sum to the total set, into the row that begins at `at`. */
  evaluate(weights: Weights, rows: Float64Array, at: number): void {
    const { computeNs, scale } = this.#setup;
    const reads = this.#reads;
    const writes = this.#writes;
    const { loadNs, busyNs } = this.#loop;
    const nodes = weights.length;
    const stride = this.#total + 1;
    rows.fill(0, at, at + rowLength(nodes));
    for (let epoch = 0; epoch < computeNs.length; epoch++) {
      let below = epoch * stride;
      for (let k = 0; k < nodes; k++) {
        const above = below + weights[k];
        reads[k] = (this.#readsBelow[above] - this.#readsBelow[below]) * scale;
        writes[k] = (this.#writesBelow[above] - this.#writesBelow[below]) * scale;
        below = above;
      }
      rows[at + ROW.timeNs] += this.#loop.solve(reads, writes, computeNs[epoch]);
      for (let k = 0; k < nodes; k++) {
        const node = at + ROW.nodes + k * NODE.size;
        rows[at + ROW.loadNsSum] += reads[k] * loadNs[k];
        rows[node + NODE.reads] += reads[k];
        rows[node + NODE.writes] += writes[k];
        rows[node + NODE.busyNs] += busyNs[k];
      }
    }
    let below = 0;
    for (let k = 0; k < nodes; k++) {
      const above = below + weights[k];
      rows[at + ROW.nodes + k * NODE.size + NODE.pages] =
        this.#pagesBelow[above] - this.#pagesBelow[below];
      below = above;
    }
  }
}
