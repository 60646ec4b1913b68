/**
 * The best split of an epoch's lines where several sockets share the nodes: a bound that no placement can beat.
 *
 * Socket s puts the share `x[s,k]` of its lines on node k. Its equation (closed-loop.ts) holds for every socket, hence also
 * for the mean of all, weighted by their slots Q[s]: with `i = R[s] idle[s,k] / Q`, `Q` and `C` of all sockets together,
 * and `t[s,k]` the busy time of node k had it all lines of socket s,
 *
 *     C + sum of i[s,k] x[s,k] (1 + a[s,k] u[k] / (1 - u[k])) <= T,   u[k] = b[k] / T,  b[k] = sum over s of x[s,k] t[s,k]
 *
 * The queueing term is replaced by the convex `c[k] b[k]^2 / (T - b[k])` with `c[k]` the least `i a / t` of any socket, which
 * is never more (of a table `a` is the least that lies below it). What is left is convex: minimised over one socket's shares at a time, each by bisecting its marginal cost,
 * and over exchanges of load between two sockets and two nodes, while T falls to the time those shares take. With one
 * socket it is the equation of continuous-optimum.ts.
 *
 * The shares found need not be the best to the last digit, so the time given is that of the dual problem: for any prices
 * `p[k]` of busy time on the nodes, here the marginal costs at those shares, no split is done before
 *
 *     T = (C + sum over s of min over k of (i + p[k] t)) / (1 + sum over k of (p u - c u^2 / (1 - u)))
 *
 * with u the utilisation at which a node's marginal cost is its price. (S. Boyd, L. Vandenberghe, Convex Optimization, 2004,
 * section 5.2: the dual is a bound for any prices, and the optimum for the best.)
 *
 * Left out: links, and the gap that the mean and the least `c` leave; so the bound may be out of reach.
 */

import { rootAbove } from '../models/memory/closed-loop.ts';
import { leastQueueing } from '../models/memory/convex-cost.ts';
import { bandwidthAt } from '../models/memory/curve.ts';
import type { MemorySystem } from '../models/memory/memory-system.ts';

const HALVINGS = 54;
const ROUNDS = 200;
/** Rounds end when this many in a row have shortened the time by less than this share. */
const [STILL_ROUNDS, STILL] = [3, 1e-10];
/** How often an exchange that does not pay is halved before it is given up. */
const EXCHANGE_HALVINGS = 12;
/** Posted writes hold no slot; a share this small of reads among them keeps the problem strictly convex. */
const LEAST_READS = 1e-9;

/** One socket's part of an epoch: its slots, lines read and written, and compute time in ns. */
export type SocketEpoch = Readonly<{
  slots: number;
  reads: number;
  writes: number;
  computeNs: number;
}>;

/**
 * The shares of every socket's lines on each node (socket by socket) that make an epoch shortest, and the time in ns that no
 * split can beat. `memory` holds the paths of those sockets; every socket has lines.
 */
export function pooledSplit(
  memory: MemorySystem,
  sockets: readonly SocketEpoch[],
): { shares: Float64Array; timeNs: number } {
  const { paths, lineBytes } = memory;
  const nodes = paths.length / sockets.length;
  const slots = sockets.reduce((sum, s) => sum + s.slots, 0);
  const computeNs = sockets.reduce((sum, s) => sum + s.slots * s.computeNs, 0) / slots;
  const of = (path: number) => sockets[Math.floor(path / nodes)];
  const busy = Float64Array.from(paths, ({ curve }, p) => {
    const { reads, writes } = of(p);
    const lines = reads + writes;
    return (lines * lineBytes) / bandwidthAt(curve, reads / lines);
  });
  const idle = Float64Array.from(paths, ({ idle_ns: ns }, p) => {
    const { reads, writes } = of(p);
    return (Math.max(reads, LEAST_READS * writes) * ns) / slots;
  });
  const queueing = Float64Array.from({ length: nodes }, (_, k) =>
    Math.min(...sockets.map((_, s) => costPerBusy(s * nodes + k))),
  );
  function costPerBusy(p: number): number {
    const { curve, idle_ns: ns } = paths[p];
    const { reads, writes } = of(p);
    return (idle[p] * leastQueueing(curve, ns, reads / (reads + writes))) / busy[p];
  }
  const shares = new Float64Array(paths.length);
  const load = new Float64Array(nodes);
  const weight = new Float64Array(nodes);

  /** The time the shares take; leaves the nodes' busy times in `load`. */
  function time(): number {
    let fixed = computeNs;
    load.fill(0);
    for (let p = 0; p < shares.length; p++) {
      fixed += idle[p] * shares[p];
      load[p % nodes] += shares[p] * busy[p];
    }
    for (let k = 0; k < nodes; k++) weight[k] = queueing[k] * load[k] * load[k];
    return rootAbove(fixed, load, weight);
  }

  /** Sets one socket's shares, beside what others have on the nodes, to those whose marginal cost is `m`; their sum. */
  function setShares(first: number, others: Float64Array, m: number, timeNs: number): number {
    let sum = 0;
    for (let k = 0; k < nodes; k++) {
      const p = first + k;
      const excess = (m - idle[p]) / (busy[p] * queueing[k]);
      const utilisation = excess <= 0 ? 0 : 1 - 1 / Math.sqrt(1 + excess);
      shares[p] = Math.max(0, utilisation * timeNs - others[k]) / busy[p];
      sum += shares[p];
    }
    return sum;
  }

  function improve(socket: number, timeNs: number): void {
    const first = socket * nodes;
    const others = load.map((all, k) => Math.max(0, all - shares[first + k] * busy[first + k]));
    const own = idle.subarray(first, first + nodes);
    let low = Math.min(...own);
    let high = 2 * Math.max(...own);
    while (setShares(first, others, high, timeNs) < 1) high *= 2;
    for (let i = 0; i < HALVINGS; i++) {
      const middle = (low + high) / 2;
      if (setShares(first, others, middle, timeNs) < 1) low = middle;
      else high = middle;
    }
    const sum = setShares(first, others, high, timeNs);
    for (let k = 0; k < nodes; k++) {
      shares[first + k] /= sum;
      load[k] = others[k] + shares[first + k] * busy[first + k];
    }
  }

  /**
   * Moves load of socket `s` from node a to b, and as much of socket `r` from b to a, for as long as it shortens the time:
   * what the sockets cannot do one by one where nodes are full.
   */
  function exchange(s: number, r: number, a: number, b: number, timeNs: number): number {
    const [sa, sb, ra, rb] = [s * nodes + a, s * nodes + b, r * nodes + a, r * nodes + b];
    const perShare = busy[sb] / busy[rb];
    let step = Math.min(shares[sa], shares[rb] / perShare);
    const before = [shares[sa], shares[sb], shares[ra], shares[rb]];
    for (let i = 0; i < EXCHANGE_HALVINGS && step > 0; i++, step /= 2) {
      shares[sa] = Math.max(0, before[0] - step);
      shares[sb] = before[1] + step;
      shares[ra] = before[2] + step * perShare;
      shares[rb] = Math.max(0, before[3] - step * perShare);
      const next = time();
      if (next < timeNs) return next;
    }
    [shares[sa], shares[sb], shares[ra], shares[rb]] = before;
    return timeNs;
  }

  /** The time that no split can beat, by the prices of the shares there are. */
  function bound(timeNs: number): number {
    time();
    const price = load.map((own, k) => {
      const left = 1 - Math.min(own / timeNs, 1 - Number.EPSILON);
      return queueing[k] * (1 / (left * left) - 1);
    });
    let cost = computeNs;
    for (const s of sockets.keys()) {
      let least = Number.POSITIVE_INFINITY;
      for (let k = 0; k < nodes; k++)
        least = Math.min(least, idle[s * nodes + k] + price[k] * busy[s * nodes + k]);
      cost += least;
    }
    let held = 1;
    for (let k = 0; k < nodes; k++) {
      const u = Math.min(load[k] / timeNs, 1 - Number.EPSILON);
      held += price[k] * u - (queueing[k] * u * u) / (1 - u);
    }
    return cost / held;
  }

  for (const s of sockets.keys()) {
    const own = idle.subarray(s * nodes, (s + 1) * nodes);
    shares[s * nodes + own.indexOf(Math.min(...own))] = 1;
  }
  let timeNs = time();
  for (let round = 0, still = 0; round < ROUNDS && still < STILL_ROUNDS; round++) {
    for (const s of sockets.keys()) improve(s, timeNs);
    let next = Math.min(timeNs, time());
    for (const s of sockets.keys()) {
      for (const r of sockets.keys()) {
        if (r === s) continue;
        for (let a = 0; a < nodes; a++) {
          for (let b = 0; b < nodes; b++) if (a !== b) next = exchange(s, r, a, b, next);
        }
      }
    }
    time();
    still = next > timeNs * (1 - STILL) ? still + 1 : 0;
    timeNs = next;
  }
  return { shares, timeNs: bound(timeNs) };
}
