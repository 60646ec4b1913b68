/**
 * How long an epoch takes, as a closed loop: reads hold one of a socket's Q slots until they are answered, writes are
 * posted. For every socket s with copies on it
 *
 *     T[s] = C[s] + (sum over nodes k of r[s,k] * L[s,k]) / Q[s]
 *     L[s,k] = idle[s,k] * (1 + excess[s,k](u)) + (sum over the path's links l of s[l] * v / (1 - v))
 *     u = t[k] / T,  v = t[l] / T
 *
 * `r`, `w` are lines read and written, `C` compute time, `t` the time a node or a link's read lane is busy at the least
 * (busy-times.ts), `excess` the path's curve (curve.ts), `s[l]` the time a line takes on a link. This is Little's law over
 * the slots (J. D. C. Little, Operations Research 9, 1961). A link's write lane is a bound only: T is never below its busy time.
 *
 * Sockets run in step and wait at the same nodes and links, so an epoch takes T, the largest of their roots T[s], at which
 * each socket's equation asks for no more than T.
 *
 * Written with `S = C + (sum of r * idle) / Q`, a socket's equation is `f(T) = T - S - sum of excess terms = 0`, where f grows
 * above the largest pole: so there is one root. With parametric curves alone the terms are `c / (T - t)`, f is concave, and
 * Newton's method from below climbs to the root and cannot overshoot. With tables f need not be concave: then
 * all excess terms together are taken for one `c / (T - t)` with their value and slope, whose root is the next step; a bracket
 * shrinks with every step, and is halved where one would leave it. T is never below the busy time of a
 * node or a link's lane, nor below the latency of a read.
 *
 * Left out: slots held by one node starving another (all nodes share all slots of a socket evenly), latency of writes,
 * variation inside an epoch, what a node loses when sockets with different paths take turns at it (each path's lines take
 * the share of the node's time that they would take of that path alone), coherence traffic between sockets.
 */

import { BusyTimes } from './busy-times.ts';
import type { LoadedLatency } from './loaded-latency.ts';
import type { MemorySystem } from './memory-system.ts';
import type { TimeModel } from './time-model.ts';

const NEWTON_LIMIT = 100;
/** A bracket this narrow, relative to its upper end, is the root; so is what a step moves by no more. */
const [BRACKET, ARRIVED] = [1e-14, 1e-12];
/** Where a root is sought above a pole, no nearer to it than this at first. */
const LEAST_STEP = 1 + 1e-6;

/**
 * The closed loop over one memory system, with each socket's number of slots in the order of the system's sockets.
 * `solve` allocates nothing.
 */
export class ClosedLoop implements TimeModel {
  readonly loadNs: Float64Array;
  readonly busyNs: Float64Array;
  readonly #system: MemorySystem;
  readonly #slots: readonly number[];
  readonly #busy: BusyTimes;
  /** Each socket's weight of every pole; and of every path with a table, which have their own way. */
  readonly #weights: readonly Float64Array[];
  readonly #tableWeight: Float64Array;
  /** The weights of poles if tables were parametric curves: where a solution with tables is sought first. */
  readonly #startWeight: Float64Array;

  constructor(system: MemorySystem, ...slots: readonly number[]) {
    this.#system = system;
    this.#slots = slots;
    this.#busy = new BusyTimes(system, slots.length);
    this.loadNs = new Float64Array(system.paths.length);
    this.busyNs = this.#busy.nodes;
    this.#weights = slots.map(() => new Float64Array(this.#busy.all.length));
    this.#tableWeight = new Float64Array(system.paths.length);
    this.#startWeight = new Float64Array(this.#busy.all.length);
  }

  solve(reads: Float64Array, writes: Float64Array, computeNs: number | Float64Array): number {
    const { paths, links } = this.#system;
    const slots = this.#slots;
    const busy = this.#busy;
    busy.update(reads, writes);
    const pole = busy.all;
    const nodes = busy.nodes.length;
    let time = links.length > 0 ? this.#loadLinks() : 0;
    for (let s = 0; s < slots.length; s++) {
      const own = slots[s];
      const first = s * nodes;
      const weight = this.#weights[s];
      let fixed = typeof computeNs === 'number' ? computeNs : computeNs[s];
      let tables = false;
      for (let k = 0, p = first; k < nodes; k++, p++) {
        const read = reads[p];
        const least = pole[k];
        weight[k] = 0;
        this.#tableWeight[p] = 0;
        if (read === 0) {
          if (least > time) time = least;
          continue;
        }
        const { idle_ns: idle } = paths[p];
        const latency = busy.latencies[p];
        fixed += (read * idle) / own;
        const excess = idle * latency.queueing * least;
        if (latency.tabulated) {
          tables = true;
          this.#tableWeight[p] = (read * idle) / own;
          this.#startWeight[k] = (read * excess) / own;
          continue;
        }
        weight[k] = (read * excess) / own;
      }
      const root = rootAbove(fixed, pole, weight);
      const whole = tables ? this.#rootWithTables(s, fixed, root) : root;
      if (whole > time) time = whole;
    }
    time = this.#noShorterThanRead(reads, time);
    this.#setLatencies(reads, time);
    return time;
  }

  /** A time no shorter than one read's latency in it: that matters where there are fewer reads than slots. */
  #noShorterThanRead(reads: Float64Array, timeNs: number): number {
    const { paths } = this.#system;
    const { nodes: pole, latencies } = this.#busy;
    let time = timeNs;
    for (let p = 0, k = 0; p < paths.length; p++, k++) {
      if (k === pole.length) k = 0;
      if (reads[p] === 0) continue;
      const { idle_ns: idle } = paths[p];
      const latency = latencies[p];
      if (latency.tabulated) {
        latency.evaluate(pole[k] / time);
        if (idle * (1 + latency.excess) > time) time = rootOfTable(idle, pole[k], latency);
        continue;
      }
      const excess = idle * latency.queueing * pole[k];
      if (!(idle + excess / (time - pole[k]) <= time)) time = rootAlone(idle, pole[k], excess);
    }
    return time;
  }

  /** The root of a socket's equation with tables, from the root without them, which lies below it. */
  #rootWithTables(socket: number, fixed: number, below: number): number {
    const { all: pole, nodes, latencies } = this.#busy;
    const weight = this.#weights[socket];
    const first = socket * nodes.length;
    let low = below;
    for (let k = 0; k < nodes.length; k++)
      if (this.#tableWeight[first + k] > 0 && pole[k] > low) low = pole[k];
    let high = Number.POSITIVE_INFINITY;
    const start = this.#startWeight;
    for (let i = 0; i < pole.length; i++)
      if (i >= nodes.length || this.#tableWeight[first + i] === 0) start[i] = weight[i];
    let time = Math.max(rootAbove(fixed, pole, start), low * LEAST_STEP);
    for (let step = 0; step < 2 * NEWTON_LIMIT; step++) {
      // What waiting adds to the time, and how much less that is in a longer one.
      let waiting = 0;
      let relief = 0;
      for (let i = 0; i < pole.length; i++) {
        if (weight[i] === 0) continue;
        const gap = time - pole[i];
        const term = weight[i] / gap;
        waiting += term;
        relief += term / gap;
      }
      for (let k = 0; k < nodes.length; k++) {
        const own = this.#tableWeight[first + k];
        if (own === 0) continue;
        const latency = latencies[first + k];
        latency.evaluate(pole[k] / time);
        waiting += own * latency.excess;
        relief += (own * latency.slope * pole[k]) / (time * time);
      }
      if (time <= fixed + waiting) low = time;
      else high = time;
      if (high < Number.POSITIVE_INFINITY && high - low <= BRACKET * high) break;
      const gap = waiting / relief;
      const next = gap > 0 ? rootAlone(fixed, time - gap, waiting * gap) : fixed + waiting;
      if (Math.abs(next - time) <= ARRIVED * time) return next;
      if (next > low && next < high) time = next;
      else time = high === Number.POSITIVE_INFINITY ? 2 * low : (low + high) / 2;
    }
    return high === Number.POSITIVE_INFINITY ? low : high;
  }

  #setLatencies(reads: Float64Array, time: number): void {
    const { lineBytes, paths, links } = this.#system;
    const { all: pole, nodes, latencies, linksOf } = this.#busy;
    const loadNs = this.loadNs;
    for (let p = 0, k = 0; p < paths.length; p++, k++) {
      if (k === nodes.length) k = 0;
      loadNs[p] = 0;
      if (reads[p] === 0) continue;
      const latency = latencies[p];
      latency.evaluate(pole[k] / time);
      let load = paths[p].idle_ns * (1 + latency.excess);
      for (const l of linksOf[p]) {
        const lane = pole[nodes.length + l];
        load += ((lineBytes / links[l].readGbps) * lane) / (time - lane);
      }
      loadNs[p] = load;
    }
  }

  /** Sets the weights of the links' read lanes; returns the least time all lanes, write lanes too, allow. */
  #loadLinks(): number {
    const { lineBytes, links } = this.#system;
    const { all: pole, nodes, readLines, writeLanes } = this.#busy;
    let floor = 0;
    for (let l = 0; l < links.length; l++) {
      const lane = nodes.length + l;
      const service = lineBytes / links[l].readGbps;
      for (let s = 0; s < this.#slots.length; s++) {
        this.#weights[s][lane] =
          (readLines[s * links.length + l] * service * pole[lane]) / this.#slots[s];
      }
      floor = Math.max(floor, pole[lane], writeLanes[l]);
    }
    return floor;
  }
}

/** The root above `busy` of `T = idle * (1 + excess(busy / T))`: the latency of a read in an epoch as long as that. */
function rootOfTable(idle: number, busy: number, latency: LoadedLatency): number {
  let low = Math.max(idle, busy);
  let high = Number.POSITIVE_INFINITY;
  let time = low * 1.25;
  while (high === Number.POSITIVE_INFINITY || high - low > BRACKET * high) {
    latency.evaluate(busy / time);
    if (idle * (1 + latency.excess) >= time) low = time;
    else high = time;
    time = high === Number.POSITIVE_INFINITY ? 2 * time : (low + high) / 2;
    if (time === low || time === high) break;
  }
  return low;
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

/** The root above the pole of `T = fixed + weight / (T - pole)`, a quadratic. */
function rootAlone(fixed: number, pole: number, weight: number): number {
  const apart = fixed - pole;
  return (fixed + pole + Math.sqrt(apart * apart + 4 * weight)) / 2;
}
