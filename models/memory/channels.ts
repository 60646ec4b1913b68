/**
 * How the queue model serves lines: the numbers of its servers, taken from the same curves that the closed loop uses.
 *
 * A node has n parallel channels, each with a queue of its own, and a line goes to one of them by chance: so requests meet, and
 * wait, also where the node as a whole is not full. (They stand for what a memory controller has of banks and buses
 * behind them.) A channel that takes s for a line by itself, exponentially distributed, makes it wait s u / (1 - u) on
 * average (M/M/1); n of them carry n * line / s. Both are what the curve says where
 *
 *     s = a * idle,   n = B * s / line
 *
 * n is rounded down; then, and where paths to a node or epochs differ, a read is charged `stretch` times its wait, so that the
 * mean remains the curve's. Service times that vary more than that (turnaround) make for fewer channels. A table has its `a`
 * at the utilisation it is used at.
 *
 * Turnaround: a line in the other direction than the one before it takes `turn` longer, which is what B at the mix says
 * beyond B at reads and at writes alone. On a half-duplex bus it is a loss; on a full-duplex link B is largest at a mix,
 * and turn is negative: a write beside a read is nearly free.
 */

import { LoadedLatency } from './loaded-latency.ts';
import type { MemorySystem } from './memory-system.ts';

const MOST_CHANNELS = 4096;
/** Lines a node queues at least, and each of its channels: caches hold dirty lines back while a node is full. */
const [NODE_QUEUE, LEAST_QUEUE] = [4096, 64];
/** A line takes at least this share of its time, however well both directions overlap. */
const LEAST_SERVICE = 0.05;

/** Servers of all nodes, and what every path asks of them; set for the mix of one epoch at a time. */
export class Channels {
  /** Of every node: how many channels, and the first of them. */
  readonly count: Int32Array;
  readonly first: Int32Array;
  /** Mean service times, ns, at `4 * path + 2 * write + after`: `write` of the line, `after` whether the one before was one. */
  readonly serviceNs: Float64Array;
  /** Of every path: what of the idle latency is not service, ns; and what a wait is multiplied by. */
  readonly restNs: Float64Array;
  readonly stretch: Float64Array;
  /** Lines one channel of a node queues before a write has to wait for room. */
  readonly queueLines: Float64Array;
  readonly #system: MemorySystem;
  readonly #latencies: readonly LoadedLatency[];
  readonly #linkNs: Float64Array;

  /** Lines over each path and utilisations of each node are those of the whole run: they choose n. */
  constructor(
    system: MemorySystem,
    reads: Float64Array,
    writes: Float64Array,
    utilisation: Float64Array,
  ) {
    const paths = system.paths.length;
    const nodes = utilisation.length;
    this.#system = system;
    this.#latencies = system.paths.map((p) => new LoadedLatency(p.curve, p.idle_ns));
    this.#linkNs = Float64Array.from(system.paths, ({ via = [] }) =>
      via.reduce((sum, id) => sum + linkNs(system, id), 0),
    );
    this.serviceNs = new Float64Array(4 * paths);
    this.restNs = new Float64Array(paths);
    this.stretch = new Float64Array(paths).fill(1);
    this.first = new Int32Array(nodes + 1);
    this.queueLines = new Float64Array(nodes);
    // A wait is as long as there are channels, so the wait with one says how many there have to be.
    this.count = new Int32Array(nodes).fill(1);
    for (let k = 0; k < nodes; k++) {
      const waitWithOne = this.#setNode(k, reads, writes);
      let wait = Number.POSITIVE_INFINITY;
      for (let p = k; p < paths; p += nodes)
        if (reads[p] + writes[p] > 0) wait = Math.min(wait, this.#curveWait(p, utilisation[k]));
      const n = waitWithOne === 0 ? 1 : Math.floor(wait / waitWithOne);
      this.count[k] = Math.max(1, Math.min(MOST_CHANNELS, n));
      this.first[k + 1] = this.first[k] + this.count[k];
      this.queueLines[k] = Math.max(LEAST_QUEUE, NODE_QUEUE / this.count[k]);
    }
  }

  /**
   * Sets service times and stretches for an epoch: lines over each path, and the utilisation of each node, at which
   * tables are read.
   */
  setMix(reads: Float64Array, writes: Float64Array, utilisation: Float64Array): void {
    const nodes = this.count.length;
    for (let k = 0; k < nodes; k++) {
      const wait = this.#setNode(k, reads, writes);
      if (wait === 0) continue;
      for (let p = k; p < reads.length; p += nodes)
        this.stretch[p] = Math.max(1, this.#curveWait(p, utilisation[k]) / wait);
    }
  }

  /** What the curve of a path says a read waits by u / (1 - u), ns; its read share is set. */
  #curveWait(p: number, utilisation: number): number {
    return this.#latencies[p].queueingAt(utilisation) * this.#system.paths[p].idle_ns;
  }

  /**
   * Sets the service times of a node's paths for a mix of lines in random order. Returns the mean wait by u / (1 - u), which is
   * E[S^2] / (2 E[S]) (Pollaczek, Khinchine); 0 where there are no lines.
   */
  #setNode(k: number, reads: Float64Array, writes: Float64Array): number {
    const nodes = this.count.length;
    let read = 0;
    let written = 0;
    for (let p = k; p < reads.length; p += nodes) {
      read += reads[p];
      written += writes[p];
    }
    if (read + written === 0) return 0;
    const writeShare = written / (read + written);
    let mean = 0;
    let square = 0;
    for (let p = k; p < reads.length; p += nodes) {
      if (reads[p] + writes[p] === 0) continue;
      this.#setServices(p, reads[p] / (reads[p] + writes[p]), writeShare);
      for (let i = 0; i < 4; i++) {
        const lines = (i & 2) === 0 ? reads[p] : writes[p];
        const chance = lines * ((i & 1) === 0 ? 1 - writeShare : writeShare);
        const service = this.serviceNs[4 * p + i];
        mean += chance * service;
        square += chance * 2 * service * service;
      }
    }
    return square / (2 * mean);
  }

  /** Sets the service times of a path whose lines are in random order among those of its node. */
  #setServices(p: number, share: number, writeShare: number): void {
    const { paths, lineBytes } = this.#system;
    const latency = this.#latencies[p];
    const perGbps = this.count[p % this.count.length] * lineBytes;
    latency.setShare(1);
    const read = perGbps / latency.gbps;
    latency.setShare(0);
    const write = perGbps / latency.gbps;
    latency.setShare(share);
    const mixed = perGbps / latency.gbps;
    const turns = share * writeShare + (1 - share) * (1 - writeShare);
    const straight = share * read + (1 - share) * write;
    const most = (1 - LEAST_SERVICE) * Math.min(read, write);
    const turn = turns === 0 ? 0 : Math.max(-most, (mixed - straight) / turns);
    const scale = mixed / (straight + turns * turn);
    const at = 4 * p;
    this.serviceNs[at] = scale * read;
    this.serviceNs[at + 1] = scale * (read + turn);
    this.serviceNs[at + 2] = scale * (write + turn);
    this.serviceNs[at + 3] = scale * write;
    this.restNs[p] = Math.max(0, paths[p].idle_ns - mixed - this.#linkNs[p]);
  }
}

function linkNs({ lineBytes, links }: MemorySystem, id: string): number {
  const link = links.find((own) => own.id === id);
  return link === undefined ? 0 : lineBytes / link.readGbps;
}
