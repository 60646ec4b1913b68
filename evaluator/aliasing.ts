/**
 * Aliasing: pages whose numbers share a factor with the interleave's cycle fall on few of its places, whatever the weights.
 * A program that touches every 8th page has all of them on one node under 3:1, since 8 is a multiple of 4.
 */

import { interleaveCycle } from '../models/mempolicy/interleave.ts';
import { placePages } from '../models/mempolicy/place-pages.ts';
import { type WeightHome, weightGroups } from '../models/mempolicy/weight-home.ts';
import { totalOf, type Weights } from '../models/mempolicy/weights.ts';
import { gcd } from '../traces/gcd.ts';
import { nearest } from './baselines.ts';

/** What is worth saying: cycles that the pages fill, points that a node is off, standard deviations of chance. */
const [LEAST_CYCLES, LEAST_OFF, DEVIATIONS] = [4, 0.05, 4];
/** A vector avoids it where every node comes within this; vectors are looked for up to this total. */
const [CLOSE, MOST_TOTAL] = [0.03, 64];

/** How pages miss the shares of their weights, and the vector that keeps nearest to them. */
export type Aliasing = Readonly<{
  /** The greatest common divisor of the distances between pages. */
  stride: number;
  /** Pages in the interleave's cycle, and how many of its places the pages fall on. */
  cycle: number;
  hit: number;
  /** The node (its place) that is farthest off: its share of the pages, and of the weights. */
  node: number;
  placed: number;
  wanted: number;
  /** Another vector for the same shares, and the share it puts on that node; absent where none is nearer. */
  instead?: Readonly<{ weights: Weights; placed: number }>;
}>;

/**
 * Looks for aliasing of pages with these interleave indices under one vector of a weight home. Undefined where there are
 * fewer pages than four cycles of them, or no node's share is off by more than 5 points, one cycle of pages and what chance
 * would do: four standard deviations of that many pages placed at random.
 */
export function aliasingOf(
  ilx: Float64Array,
  home: WeightHome,
  weights: Weights,
  tiers: readonly number[],
): Aliasing | undefined {
  const pages = ilx.length;
  const places = [...tiers.keys()];
  const placement = (vector: Weights) => {
    const cycle = interleaveCycle(weightGroups(home, vector, places, tiers));
    return { cycle, placed: sharesOf(placePages(ilx, cycle), places.length) };
  };
  const { cycle, placed } = placement(weights);
  if (pages < LEAST_CYCLES * cycle.length) return undefined;
  const wanted = sharesOf(cycle, places.length);
  const off = (shares: Float64Array) => shares.map((share, k) => Math.abs(share - wanted[k]));
  const meaningful = off(placed).some((by, k) => {
    const chance = Math.sqrt((wanted[k] * (1 - wanted[k])) / pages);
    return by > LEAST_OFF && by > DEVIATIONS * chance && by * pages > cycle.length;
  });
  if (!meaningful) return undefined;
  const deviations = off(placed);
  // The farthest off; of two as far off, as they always are on two nodes, the one that has too many.
  const [node] = places.toSorted(
    (a, b) =>
      Math.round((deviations[b] - deviations[a]) * 1e9) ||
      placed[b] - wanted[b] - (placed[a] - wanted[a]),
  );
  const total = totalOf(weights);
  const shares = weights.map((weight) => weight / total);
  let instead: Aliasing['instead'];
  let least = deviations[node];
  for (let other = 1; other <= MOST_TOTAL && least > CLOSE; other++) {
    const vector = nearest(shares, other);
    const there = placement(vector).placed;
    const error = Math.max(...off(there));
    if (error >= least - 1e-9) continue;
    least = error;
    instead = { weights: vector, placed: there[node] };
  }
  const found = {
    stride: strideOf(ilx),
    cycle: cycle.length,
    hit: placesHit(ilx, cycle.length),
    node,
    placed: placed[node],
    wanted: wanted[node],
  };
  return instead === undefined ? found : { ...found, instead };
}

function sharesOf(nodes: Uint8Array, count: number): Float64Array {
  const pages = new Float64Array(count);
  for (let i = 0; i < nodes.length; i++) pages[nodes[i]]++;
  return pages.map((n) => n / nodes.length);
}

function strideOf(ilx: Float64Array): number {
  let stride = 0;
  for (let i = 1; i < ilx.length && stride !== 1; i++) {
    stride = gcd(stride, Math.abs(ilx[i] - ilx[0]));
  }
  return stride;
}

function placesHit(ilx: Float64Array, period: number): number {
  const hit = new Uint8Array(period);
  for (let i = 0; i < ilx.length; i++) hit[ilx[i] % period] = 1;
  return hit.reduce((sum, n) => sum + n, 0);
}
