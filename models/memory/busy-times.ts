import { LoadedLatency } from './loaded-latency.ts';
import { linksOfPaths, type MemorySystem } from './memory-system.ts';

/**
 * The least times that nodes and link lanes need for an epoch's lines:
 *
 *     t[k] = sum over sockets s of line * (r[s,k] + w[s,k]) / B[s,k](rho of that path)
 *     t[l] = line * (lines over link l in one direction) / that lane's bandwidth
 *
 * `update` allocates nothing.
 */
export class BusyTimes {
  /** Nodes first, then the read lanes of links, ns. */
  readonly all: Float64Array;
  /** Busy time of every node, ns: a view of `all`. */
  readonly nodes: Float64Array;
  /** Busy time of every link's write lane, ns. */
  readonly writeLanes: Float64Array;
  /** Lines read over each link, socket by socket. */
  readonly readLines: Float64Array;
  /** Every path's curve, at the read share of the last lines; and the links it goes over. */
  readonly latencies: readonly LoadedLatency[];
  readonly linksOf: readonly (readonly number[])[];
  readonly #system: MemorySystem;
  readonly #sockets: number;

  constructor(system: MemorySystem, sockets: number) {
    const nodes = system.paths.length / sockets;
    const links = system.links.length;
    this.#system = system;
    this.#sockets = sockets;
    this.all = new Float64Array(nodes + links);
    this.nodes = this.all.subarray(0, nodes);
    this.writeLanes = new Float64Array(links);
    this.readLines = new Float64Array(links * sockets);
    this.latencies = system.paths.map((p) => new LoadedLatency(p.curve, p.idle_ns));
    this.linksOf = linksOfPaths(system);
  }

  /** Sets all times for lines read and written over each path. */
  update(reads: Float64Array, writes: Float64Array): void {
    const { lineBytes } = this.#system;
    const busy = this.all;
    const nodes = this.nodes.length;
    const paths = reads.length;
    for (let k = 0; k < nodes; k++) busy[k] = 0;
    for (let p = 0, k = 0; p < paths; p++, k++) {
      if (k === nodes) k = 0;
      const lines = reads[p] + writes[p];
      if (lines === 0) continue;
      const latency = this.latencies[p];
      latency.setShare(reads[p] / lines);
      busy[k] += (lines * lineBytes) / latency.gbps;
    }
    if (this.writeLanes.length > 0) this.#updateLinks(reads, writes);
  }

  #updateLinks(reads: Float64Array, writes: Float64Array): void {
    const { lineBytes, links } = this.#system;
    const { readLines, writeLanes } = this;
    const nodes = this.nodes.length;
    readLines.fill(0);
    writeLanes.fill(0);
    for (let s = 0, p = 0; s < this.#sockets; s++) {
      for (let k = 0; k < nodes; k++, p++) {
        for (const l of this.linksOf[p]) {
          readLines[s * links.length + l] += reads[p];
          writeLanes[l] += writes[p];
        }
      }
    }
    for (let l = 0; l < links.length; l++) {
      let lines = 0;
      for (let s = 0; s < this.#sockets; s++) lines += readLines[s * links.length + l];
      this.all[nodes + l] = (lines * lineBytes) / links[l].readGbps;
      writeLanes[l] = (writeLanes[l] * lineBytes) / links[l].writeGbps;
    }
  }
}
