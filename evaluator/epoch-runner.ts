import { epochModel } from '../models/memory/epoch-model.ts';
import { linksOfPaths } from '../models/memory/memory-system.ts';
import { QueueModel } from '../models/memory/queue-model.ts';
import { RandomOrder } from '../models/memory/random-order.ts';
import type { TimeModel } from '../models/memory/time-model.ts';
import type { CopyGroup } from './copy-groups.ts';
import type { Loads } from './loads.ts';
import type { EvaluatorSetup } from './vector-evaluator.ts';

/** Where a vector's figures lie in its row, then nodes, then links; `singly` is 1 where pages were placed one by one. */
export const ROW = { timeNs: 0, loadNsSum: 1, singly: 2, nodes: 3 } as const;
/** Of a node; percentiles are numbers only with the queue model. */
export const NODE = {
  reads: 0,
  writes: 1,
  busyNs: 2,
  pages: 3,
  missed: 4,
  loadNsSum: 5,
  p50Ns: 6,
  p99Ns: 7,
  p999Ns: 8,
  size: 9,
} as const;
export const LINK = { reads: 0, writes: 1, size: 2 } as const;

/** Numbers in a row of a machine with so many nodes and links. */
export function rowLength(nodes: number, links: number): number {
  return linksAt(nodes) + LINK.size * links;
}

/** Where in a row the links begin. */
export function linksAt(nodes: number): number {
  return ROW.nodes + NODE.size * nodes;
}

/** What groups of copies put on the nodes. */
export type GroupLoads = Readonly<{ groups: readonly CopyGroup[]; loads: readonly Loads[] }>;

/** Seeds of the sockets' random orders: the same for every vector. */
const ORDER_SEED = 0x2545f491;

/** Takes all epochs of a placement through a time model, and adds them up in a row; one row at a time. */
export class EpochRunner {
  readonly #setup: EvaluatorSetup;
  readonly #model: TimeModel | undefined;
  readonly #linksOf: readonly (readonly number[])[];
  readonly #nodes: number;
  readonly #epochs: number;
  /** Lines over each path in one epoch, and each socket's compute time in it. */
  readonly #reads: Float64Array;
  readonly #writes: Float64Array;
  readonly #computeNs: Float64Array;

  constructor(setup: EvaluatorSetup) {
    const { memory, slots, model, demand, spanning } = setup;
    this.#setup = setup;
    this.#model = model === 'queue' ? undefined : epochModel(model, memory, slots);
    this.#linksOf = linksOfPaths(memory);
    this.#nodes = memory.paths.length / slots.length;
    this.#epochs = (demand.epochStart.length - 1) / (spanning ? slots.length : 1);
    this.#reads = new Float64Array(memory.paths.length);
    this.#writes = new Float64Array(memory.paths.length);
    this.#computeNs = new Float64Array(slots.length);
  }

  /** Fills the row that begins at `at`, all but the pages. */
  run(placed: GroupLoads, rows: Float64Array, at: number): void {
    rows.fill(0, at, at + rowLength(this.#nodes, this.#setup.memory.links.length));
    if (this.#model === undefined) this.#replay(placed, rows, at);
    else this.#solve(this.#model, placed, rows, at);
  }

  /** The time every epoch of a placement takes, ns. Throws with the queue model, where epochs follow without a pause. */
  epochTimes(placed: GroupLoads): Float64Array {
    const model = this.#model;
    if (model === undefined)
      throw new Error(
        'epoch times: no model of epochs (got queue, expected closed-loop or bottleneck)',
      );
    const compute = this.#computeNs;
    return Float64Array.from({ length: this.#epochs }, (_, epoch) => {
      this.#setEpoch(placed, epoch);
      return model.solve(this.#reads, this.#writes, compute.length === 1 ? compute[0] : compute);
    });
  }

  #solve(model: TimeModel, placed: GroupLoads, rows: Float64Array, at: number): void {
    const reads = this.#reads;
    const compute = this.#computeNs;
    const { loadNs, busyNs } = model;
    const nodes = this.#nodes;
    let timeNs = 0;
    for (let epoch = 0; epoch < this.#epochs; epoch++) {
      this.#setEpoch(placed, epoch);
      timeNs += model.solve(reads, this.#writes, compute.length === 1 ? compute[0] : compute);
      this.#addLines(rows, at);
      for (let p = 0; p < reads.length; ) {
        let node = at + ROW.nodes;
        for (let k = 0; k < nodes; k++, p++, node += NODE.size)
          rows[node + NODE.loadNsSum] += reads[p] * loadNs[p];
      }
      for (let k = 0, node = at + ROW.nodes; k < nodes; k++, node += NODE.size)
        rows[node + NODE.busyNs] += busyNs[k];
    }
    rows[at + ROW.timeNs] = timeNs;
    for (let k = 0, node = at + ROW.nodes; k < nodes; k++, node += NODE.size)
      rows[at + ROW.loadNsSum] += rows[node + NODE.loadNsSum];
  }

  /** Replays every line, or so many of them, in proportion, as were asked for. */
  #replay(placed: GroupLoads, rows: Float64Array, at: number): void {
    const { memory, slots, queueLines } = this.#setup;
    const [reads, writes, compute] = [this.#reads, this.#writes, this.#computeNs];
    const nodes = this.#nodes;
    const paths = reads.length;
    const all = [new Float64Array(paths), new Float64Array(paths)];
    let lines = 0;
    for (let epoch = 0; epoch < this.#epochs; epoch++) {
      this.#setEpoch(placed, epoch);
      this.#addLines(rows, at);
      for (let p = 0; p < paths; p++) {
        all[0][p] += reads[p];
        all[1][p] += writes[p];
        lines += reads[p] + writes[p];
      }
    }
    const share = Math.min(1, queueLines / lines);
    const queue = new QueueModel(memory, slots, all[0], all[1]);
    const orders = slots.map((_, s) => new RandomOrder(paths, ORDER_SEED + s));
    // What was replayed so far, and what should have been: rounding does not add up over epochs.
    const done = [new Float64Array(paths), new Float64Array(paths)];
    const due = [new Float64Array(paths), new Float64Array(paths)];
    const part = (own: Float64Array, i: number) => {
      for (let p = 0; p < paths; p++) {
        due[i][p] += own[p] * share;
        own[p] = Math.round(due[i][p]) - done[i][p];
        done[i][p] += own[p];
      }
    };
    for (let epoch = 0; epoch < this.#epochs; epoch++) {
      this.#setEpoch(placed, epoch);
      part(reads, 0);
      part(writes, 1);
      for (let s = 0; s < slots.length; s++) {
        compute[s] *= share;
        orders[s].start(reads, writes, s * nodes, (s + 1) * nodes);
      }
      queue.replay(reads, writes, compute, (s, into) => orders[s].fill(into));
      for (let k = 0, node = at + ROW.nodes; k < nodes; k++, node += NODE.size)
        rows[node + NODE.busyNs] += queue.busyNs[k] / share;
    }
    rows[at + ROW.timeNs] = queue.finish() / share;
    for (let p = 0; p < paths; p++) {
      if (done[0][p] === 0) continue;
      const sum = (queue.loadNsSum[p] / done[0][p]) * all[0][p];
      rows[at + ROW.nodes + (p % nodes) * NODE.size + NODE.loadNsSum] += sum;
      rows[at + ROW.loadNsSum] += sum;
    }
    for (const [k, histogram] of queue.histograms.entries()) {
      const node = at + ROW.nodes + k * NODE.size;
      rows[node + NODE.p50Ns] = histogram.quantile(0.5);
      rows[node + NODE.p99Ns] = histogram.quantile(0.99);
      rows[node + NODE.p999Ns] = histogram.quantile(0.999);
    }
  }

  /** Sets the lines of all copies over each path in an epoch, and the sockets' compute times. */
  #setEpoch({ groups, loads }: GroupLoads, epoch: number): void {
    const { computeNs, samplePeriod, spanning } = this.#setup;
    const reads = this.#reads;
    const writes = this.#writes;
    const nodes = this.#nodes;
    const sockets = this.#computeNs.length;
    const spans = spanning ? sockets : 1;
    for (let g = 0; g < groups.length; g++) {
      const { socket, copies } = groups[g];
      const scale = copies * samplePeriod;
      const own = loads[g];
      let from = epoch * spans * nodes;
      const end = (socket + spans) * nodes;
      // The groups of a socket come one after another; the first of them begins its sums.
      if (g === 0 || groups[g - 1].socket !== socket) {
        for (let p = socket * nodes; p < end; p++, from++) {
          reads[p] = own.reads[from] * scale;
          writes[p] = own.writes[from] * scale;
        }
      } else {
        for (let p = socket * nodes; p < end; p++, from++) {
          reads[p] += own.reads[from] * scale;
          writes[p] += own.writes[from] * scale;
        }
      }
    }
    for (let s = 0; s < sockets; s++) this.#computeNs[s] = computeNs[epoch * sockets + s];
  }

  /** Adds the lines that are set to the nodes and links they go over. */
  #addLines(rows: Float64Array, at: number): void {
    const reads = this.#reads;
    const writes = this.#writes;
    const nodes = this.#nodes;
    for (let p = 0; p < reads.length; ) {
      let node = at + ROW.nodes;
      for (let k = 0; k < nodes; k++, p++, node += NODE.size) {
        rows[node + NODE.reads] += reads[p];
        rows[node + NODE.writes] += writes[p];
      }
    }
    if (this.#setup.memory.links.length === 0) return;
    const links = at + linksAt(nodes);
    for (let p = 0; p < reads.length; p++) {
      for (const l of this.#linksOf[p]) {
        rows[links + l * LINK.size + LINK.reads] += reads[p];
        rows[links + l * LINK.size + LINK.writes] += writes[p];
      }
    }
  }
}
