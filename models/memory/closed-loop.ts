/**
 * How long an epoch takes, as a closed loop: reads hold one of Q slots until they are answered, writes are posted.
 *
 *     T = C + (sum over nodes k of r[k] * L[k]) / Q
 *     L[k] = idle[k] * (1 + a[k] * u / (1 - u)) + (sum over the path's links l of s[l] * v / (1 - v))
 *     u = t[k] / T,  t[k] = line * (r[k] + w[k]) / B[k](rho)     v = t[l] / T,  t[l] = line * (reads over l) / read_gbps[l]
 *
 * `r`, `w` are lines read and written, `C` compute time, `t` the time a node or a link lane is busy at the least, `s`
 * the time a line takes on a link. This is Little's law over the slots (J. D. C. Little, Operations Research 9, 1961)
 * with the loaded latency of curve.ts. A link's write lane is a bound only: T is never below its busy time.
 *
 * Written with `S = C + (sum of r * idle) / Q` and one pole per node or lane, the equation is
 * `f(T) = T - S - sum of c / (T - t) = 0`, where f grows and is concave above the largest pole: so there is one root,
 * and Newton's method from below it climbs to it and cannot overshoot. T is never below the busy time of a node or a
 * link's lane, nor below the latency of a read.
 *
 * Left out: slots held by one node starving another (all nodes share all slots evenly), latency of writes, variation
 * inside an epoch.
 */

import { bandwidthAt } from './curve.ts';
import type { Machine, MachinePath } from './machine.ts';

const NEWTON_LIMIT = 100;

/** What the closed loop needs of a machine, seen from one socket; plain data, so that workers can be sent it. */
export type MemorySystem = Readonly<{
  lineBytes: number;
  /** The socket's path to every node, in ascending order of node id. */
  paths: readonly MachinePath[];
  links: readonly Readonly<{ id: string; readGbps: number; writeGbps: number }>[];
}>;

/** A machine's memory as one of its sockets sees it. */
export function memorySystem(machine: Machine, socket: number): MemorySystem {
  return {
    lineBytes: machine.line_bytes,
    paths: machine.paths.filter((p) => p.socket === socket).sort((a, b) => a.node - b.node),
    links: (machine.links ?? []).map((l) => ({
      id: l.id,
      readGbps: l.read_gbps,
      writeGbps: l.write_gbps,
    })),
  };
}

/**
 * The closed loop over one memory system with a number of slots. `solve` leaves each node's loaded latency and busy
 * time in `loadNs` and `busyNs`, which stay valid until the next call; it allocates nothing.
 */
export class ClosedLoop {
  /** Mean latency of a read from each node, ns; 0 for a node that is not read. */
  readonly loadNs: Float64Array;
  /** The least time each node needs for its lines, ns: busy / T is its utilisation. */
  readonly busyNs: Float64Array;
  readonly #system: MemorySystem;
  readonly #slots: number;
  readonly #linksOf: readonly (readonly number[])[];
  /** Busy time and weight of every pole: nodes first, then the links' read lanes. */
  readonly #pole: Float64Array;
  readonly #weight: Float64Array;
  readonly #linkWriteLines: Float64Array;
  readonly #linkReadLines: Float64Array;

  constructor(system: MemorySystem, slots: number) {
    const nodes = system.paths.length;
    const links = system.links.length;
    this.#system = system;
    this.#slots = slots;
    this.#linksOf = system.paths.map(({ via = [] }) =>
      via.map((id) => system.links.findIndex((link) => link.id === id)),
    );
    this.loadNs = new Float64Array(nodes);
    this.#pole = new Float64Array(nodes + links);
    this.busyNs = this.#pole.subarray(0, nodes);
    this.#weight = new Float64Array(nodes + links);
    this.#linkReadLines = new Float64Array(links);
    this.#linkWriteLines = new Float64Array(links);
  }

  /**
   * The time in ns that lines `reads[k]` and `writes[k]` on each node and `computeNs` of computing take.
   * An epoch without lines takes its compute time.
   */
  solve(reads: Float64Array, writes: Float64Array, computeNs: number): number {
    const { lineBytes, paths, links } = this.#system;
    const pole = this.#pole;
    const weight = this.#weight;
    const nodes = paths.length;
    const slots = this.#slots;
    let fixed = computeNs;
    let floor = 0;
    for (let k = 0; k < nodes; k++) {
      const lines = reads[k] + writes[k];
      const { idle_ns: idle, curve } = paths[k];
      const busy =
        lines === 0 ? 0 : (lines * lineBytes) / bandwidthAt(curve.bandwidth, reads[k] / lines);
      pole[k] = busy;
      weight[k] = (reads[k] * idle * curve.queueing * busy) / slots;
      fixed += (reads[k] * idle) / slots;
      // No epoch is shorter than one read's latency: that matters where there are fewer reads than slots.
      const least = reads[k] === 0 ? busy : rootAlone(idle, busy, idle * curve.queueing * busy);
      if (least > floor) floor = least;
    }
    if (links.length > 0) floor = Math.max(floor, this.#loadLinks(reads, writes));
    const time = this.#root(fixed, floor);
    for (let k = 0; k < nodes; k++) {
      const { idle_ns: idle, curve } = paths[k];
      let latency = idle + (idle * curve.queueing * pole[k]) / (time - pole[k]);
      for (const l of this.#linksOf[k]) {
        latency += ((lineBytes / links[l].readGbps) * pole[nodes + l]) / (time - pole[nodes + l]);
      }
      this.loadNs[k] = reads[k] === 0 ? 0 : latency;
    }
    return time;
  }

  /** Sets the poles of the links' read lanes; returns the least time all lanes, write lanes too, allow. */
  #loadLinks(reads: Float64Array, writes: Float64Array): number {
    const { lineBytes, paths, links } = this.#system;
    const nodes = paths.length;
    this.#linkReadLines.fill(0);
    this.#linkWriteLines.fill(0);
    for (let k = 0; k < nodes; k++) {
      for (const l of this.#linksOf[k]) {
        this.#linkReadLines[l] += reads[k];
        this.#linkWriteLines[l] += writes[k];
      }
    }
    let floor = 0;
    for (let l = 0; l < links.length; l++) {
      const service = lineBytes / links[l].readGbps;
      const busy = this.#linkReadLines[l] * service;
      this.#pole[nodes + l] = busy;
      this.#weight[nodes + l] = (this.#linkReadLines[l] * service * busy) / this.#slots;
      floor = Math.max(floor, busy, (this.#linkWriteLines[l] * lineBytes) / links[l].writeGbps);
    }
    return floor;
  }

  /** The root of `T - fixed - sum of weight / (T - pole)` above all poles with a weight, or `floor` if that is more. */
  #root(fixed: number, floor: number): number {
    const pole = this.#pole;
    const weight = this.#weight;
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
    return Math.max(time, floor);
  }
}

/** The root above the pole of `T = fixed + weight / (T - pole)`, a quadratic. */
function rootAlone(fixed: number, pole: number, weight: number): number {
  const apart = fixed - pole;
  return (fixed + pole + Math.sqrt(apart * apart + 4 * weight)) / 2;
}
