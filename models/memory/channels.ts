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
 * n is rounded; then, and where service times vary more (turnaround, several paths, a table's `a` at the
 * utilisation it is used at), a read is charged `stretch` times its wait, so that the mean remains the curve's.
 *
 * Turnaround: a line in the other direction than the one before it takes `turn` longer, which is what B at the mix says
 * beyond B at reads and at writes alone. On a half-duplex bus it is a loss; on a full-duplex link B is largest at a mix,
 * and turn is negative: a write beside a read is nearly free.
 */

import { LoadedLatency } from './loaded-latency.ts';
import type { MemorySystem } from './memory-system.ts';

const MOST_CHANNELS = 4096;
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
  readonly #system: MemorySystem;
  readonly #latencies: readonly LoadedLatency[];
  readonly #linkNs: Float64Array;

  /** `readShares` are those of the whole run over each path: they choose n. */
  constructor(system: MemorySystem, sockets: number, readShares: Float64Array) {
    const paths = system.paths.length;
    const nodes = paths / sockets;
    this.#system = system;
    this.#latencies = system.paths.map((p) => new LoadedLatency(p.curve, p.idle_ns));
    this.#linkNs = Float64Array.from(system.paths, ({ via = [] }) =>
      via.reduce((sum, id) => sum + linkNs(system, id), 0),
    );
    this.count = Int32Array.from({ length: nodes }, (_, k) => this.#channels(k, nodes, readShares));
    this.first = new Int32Array(nodes + 1);
    for (let k = 0; k < nodes; k++) this.first[k + 1] = this.first[k] + this.count[k];
    this.serviceNs = new Float64Array(4 * paths);
    this.restNs = new Float64Array(paths);
    this.stretch = new Float64Array(paths);
  }

  /** How many channels node `k` has: what its nearest path's curve says. */
  #channels(k: number, nodes: number, readShares: Float64Array): number {
    const { paths, lineBytes } = this.#system;
    let nearest = k;
    for (let p = k; p < paths.length; p += nodes)
      if (paths[p].idle_ns < paths[nearest].idle_ns) nearest = p;
    const latency = this.#latencies[nearest];
    latency.setShare(readShares[nearest]);
    const service = latency.queueingAt(TYPICAL_LOAD) * paths[nearest].idle_ns;
    const n = Math.round((latency.gbps * Math.min(service, paths[nearest].idle_ns)) / lineBytes);
    return Math.max(1, Math.min(MOST_CHANNELS, n));
  }

  /**
   * Sets service times and stretches for an epoch: lines over each path, and the utilisation of each node, at which
   * tables are read.
   */
  setMix(reads: Float64Array, writes: Float64Array, utilisation: Float64Array): void {
    const { paths } = this.#system;
    const nodes = this.count.length;
    for (let k = 0; k < nodes; k++) {
      let read = 0;
      let written = 0;
      for (let p = k; p < paths.length; p += nodes) {
        read += reads[p];
        written += writes[p];
      }
      if (read + written === 0) continue;
      const writeShare = written / (read + written);
      // Mean wait by u / (1 - u) of lines in random order: E[S^2] / (2 E[S]) (Pollaczek, Khinchine).
      let mean = 0;
      let square = 0;
      for (let p = k; p < paths.length; p += nodes) {
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
      for (let p = k; p < paths.length; p += nodes) {
        const wait = this.#latencies[p].queueingAt(utilisation[k]) * paths[p].idle_ns;
        this.stretch[p] = (wait * 2 * mean) / square;
      }
    }
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

/** Utilisation at which a table's `a` is read where only one number can be had. */
const TYPICAL_LOAD = 0.8;

function linkNs({ lineBytes, links }: MemorySystem, id: string): number {
  const link = links.find((own) => own.id === id);
  return link === undefined ? 0 : lineBytes / link.readGbps;
}
