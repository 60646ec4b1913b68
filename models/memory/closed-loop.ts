/**
 * How long an epoch takes, as a closed loop: reads hold one of a socket's Q slots until they are answered, writes are
 * posted. For every socket s with copies on it
 *
 *     T[s] = C[s] + (sum over nodes k of r[s,k] * L[s,k]) / Q[s]
 *     L[s,k] = idle[s,k] * (1 + a[s,k] * u / (1 - u)) + (sum over the path's links l of s[l] * v / (1 - v))
 *     u = t[k] / T,  t[k] = sum over sockets s of line * (r[s,k] + w[s,k]) / B[s,k](rho of that path)
 *     v = t[l] / T,  t[l] = line * (reads over l) / read_gbps[l]
 *
 * `r`, `w` are lines read and written, `C` compute time, `t` the time a node or a link lane is busy at the least, `s[l]`
 * the time a line takes on a link. This is Little's law over the slots (J. D. C. Little, Operations Research 9, 1961)
 * with the loaded latency of curve.ts. A link's write lane is a bound only: T is never below its busy time.
 *
 * Sockets run in step and wait at the same nodes and links, so an epoch takes T, the largest of their roots T[s], at which
 * each socket's equation asks for no more than T.
 *
 * Written with `S = C + (sum of r * idle) / Q` and one pole per node or lane, a socket's equation is
 * `f(T) = T - S - sum of c / (T - t) = 0`, where f grows and is concave above the largest pole: so there is one root,
 * and Newton's method from below it climbs to it and cannot overshoot. T is never below the busy time of a node or a
 * link's lane, nor below the latency of a read.
 *
 * Left out: slots held by one node starving another (all nodes share all slots of a socket evenly), latency of writes,
 * variation inside an epoch, what a node loses when sockets with different paths take turns at it (each path's lines take
 * the share of the node's time that they would take of that path alone), coherence traffic between sockets.
 */

import { bandwidthAt } from './curve.ts';
import type { Machine, MachinePath } from './machine.ts';

const NEWTON_LIMIT = 100;

/** What the closed loop needs of a machine, seen from some of its sockets; plain data, so that workers can be sent it. */
export type MemorySystem = Readonly<{
  lineBytes: number;
  /** Every socket's path to every node: socket by socket, each in ascending order of node id. */
  paths: readonly MachinePath[];
  links: readonly Readonly<{ id: string; readGbps: number; writeGbps: number }>[];
}>;

/** A machine's memory as these of its sockets see it together. */
export function memorySystem(machine: Machine, ...sockets: readonly number[]): MemorySystem {
  return {
    lineBytes: machine.line_bytes,
    paths: sockets.flatMap((socket) =>
      machine.paths.filter((p) => p.socket === socket).sort((a, b) => a.node - b.node),
    ),
    links: (machine.links ?? []).map((l) => ({
      id: l.id,
      readGbps: l.read_gbps,
      writeGbps: l.write_gbps,
    })),
  };
}

/**
 * The closed loop over one memory system, with each socket's number of slots in the order of the system's sockets.
 * `solve` leaves each path's loaded latency and each node's busy time in `loadNs` and `busyNs`, which stay valid until
 * the next call; it allocates nothing.
 */
export class ClosedLoop {
  /** Mean latency of a read over each path, ns; 0 for a path that is not read over. */
  readonly loadNs: Float64Array;
  /** The least time each node needs for its lines, ns: busy / T is its utilisation. */
  readonly busyNs: Float64Array;
  readonly #system: MemorySystem;
  readonly #slots: readonly number[];
  readonly #linksOf: readonly (readonly number[])[];
  /** Busy time of every pole: nodes first, then the links' read lanes; and each socket's weights of them. */
  readonly #pole: Float64Array;
  readonly #weights: readonly Float64Array[];
  /** Lines over each link: read, socket by socket; and written. */
  readonly #linkReadLines: Float64Array;
  readonly #linkWriteLines: Float64Array;

  constructor(system: MemorySystem, ...slots: readonly number[]) {
    const nodes = system.paths.length / slots.length;
    const links = system.links.length;
    this.#system = system;
    this.#slots = slots;
    this.#linksOf = system.paths.map(({ via = [] }) =>
      via.map((id) => system.links.findIndex((link) => link.id === id)),
    );
    this.loadNs = new Float64Array(system.paths.length);
    this.#pole = new Float64Array(nodes + links);
    this.busyNs = this.#pole.subarray(0, nodes);
    this.#weights = slots.map(() => new Float64Array(nodes + links));
    this.#linkReadLines = new Float64Array(links * slots.length);
    this.#linkWriteLines = new Float64Array(links);
  }

  /**
   * The time in ns that lines `reads` and `writes` over each path and computing take, `computeNs` on every socket, or on
   * each its own. An epoch without lines takes its compute time.
   */
  solve(reads: Float64Array, writes: Float64Array, computeNs: number | Float64Array): number {
    const { lineBytes, paths, links } = this.#system;
    const pole = this.#pole;
    const slots = this.#slots;
    const sockets = slots.length;
    const poles = pole.length;
    const nodes = poles - links.length;
    for (let k = 0; k < nodes; k++) pole[k] = busyOver(paths[k], reads[k], writes[k], lineBytes);
    for (let p = nodes; p < paths.length; p++)
      pole[p % nodes] += busyOver(paths[p], reads[p], writes[p], lineBytes);
    let time = links.length > 0 ? this.#loadLinks(reads, writes) : 0;
    for (let s = 0; s < sockets; s++) {
      const own = slots[s];
      const first = s * nodes;
      const weight = this.#weights[s];
      let fixed = typeof computeNs === 'number' ? computeNs : computeNs[s];
      for (let k = 0; k < nodes; k++) {
        const read = reads[first + k];
        const busy = pole[k];
        if (read === 0) {
          weight[k] = 0;
          if (busy > time) time = busy;
          continue;
        }
        const { idle_ns: idle, curve } = paths[first + k];
        weight[k] = (read * idle * curve.queueing * busy) / own;
        fixed += (read * idle) / own;
        // No epoch is shorter than one read's latency: that matters where there are fewer reads than slots.
        const least = rootAlone(idle, busy, idle * curve.queueing * busy);
        if (least > time) time = least;
      }
      const root = rootAbove(fixed, pole, weight);
      if (root > time) time = root;
    }
    this.#setLatencies(reads, time);
    return time;
  }

  #setLatencies(reads: Float64Array, time: number): void {
    const { lineBytes, paths, links } = this.#system;
    const pole = this.#pole;
    const loadNs = this.loadNs;
    const nodes = pole.length - links.length;
    for (let p = 0, k = 0; p < paths.length; p++, k++) {
      if (k === nodes) k = 0;
      loadNs[p] = 0;
      if (reads[p] === 0) continue;
      const { idle_ns: idle, curve } = paths[p];
      let latency = idle + (idle * curve.queueing * pole[k]) / (time - pole[k]);
      for (const l of this.#linksOf[p]) {
        latency += ((lineBytes / links[l].readGbps) * pole[nodes + l]) / (time - pole[nodes + l]);
      }
      loadNs[p] = latency;
    }
  }

  /** Sets the links' read lanes as poles; returns the least time all lanes, write lanes too, allow. */
  #loadLinks(reads: Float64Array, writes: Float64Array): number {
    const { lineBytes, links } = this.#system;
    const readLines = this.#linkReadLines;
    const writeLines = this.#linkWriteLines;
    const sockets = this.#slots.length;
    const poles = this.#pole.length;
    const nodes = poles - links.length;
    readLines.fill(0);
    writeLines.fill(0);
    for (let s = 0, p = 0; s < sockets; s++) {
      for (let k = 0; k < nodes; k++, p++) {
        for (const l of this.#linksOf[p]) {
          readLines[s * links.length + l] += reads[p];
          writeLines[l] += writes[p];
        }
      }
    }
    let floor = 0;
    for (let l = 0; l < links.length; l++) {
      const service = lineBytes / links[l].readGbps;
      let lines = 0;
      for (let s = 0; s < sockets; s++) lines += readLines[s * links.length + l];
      const busy = lines * service;
      this.#pole[nodes + l] = busy;
      for (let s = 0; s < sockets; s++) {
        this.#weights[s][nodes + l] =
          (readLines[s * links.length + l] * service * busy) / this.#slots[s];
      }
      floor = Math.max(floor, busy, (writeLines[l] * lineBytes) / links[l].writeGbps);
    }
    return floor;
  }
}

/** The root of `T - fixed - sum of weight / (T - pole)` above all poles that have a weight; no weight is below 0. */
export function rootAbove(fixed: number, pole: Float64Array, weight: Float64Array): number {
  const poles = pole.length;
  // With one pole alone the root lies below that of the sum, and above that pole.
  let time = fixed;
  for (let k = 0; k < poles; k++) {
    if (weight[k] === 0) continue;
    const alone = rootAlone(fixed, pole[k], weight[k]);
    if (alone > time) time = alone;
  }
  for (let step = 0; step < NEWTON_LIMIT; step++) {
    let value = time - fixed;
    let slope = 1;
    for (let k = 0; k < poles; k++) {
      if (weight[k] === 0) continue;
      const gap = time - pole[k];
      const term = weight[k] / gap;
      value -= term;
      slope += term / gap;
    }
    const next = time - value / slope;
    if (!(next > time)) break;
    time = next;
  }
  return time;
}

/** The least time in ns that lines read and written over a path keep its node busy. */
function busyOver(path: MachinePath, reads: number, writes: number, lineBytes: number): number {
  const lines = reads + writes;
  if (lines === 0) return 0;
  return (lines * lineBytes) / bandwidthAt(path.curve.bandwidth, reads / lines);
}

/** The root above the pole of `T = fixed + weight / (T - pole)`, a quadratic. */
function rootAlone(fixed: number, pole: number, weight: number): number {
  const apart = fixed - pole;
  return (fixed + pole + Math.sqrt(apart * apart + 4 * weight)) / 2;
}
