import {
  MAX_WEIGHT,
  reduced,
  reducedVectors,
  totalOf,
  vectorCount,
  type Weights,
  weightsText,
} from '../models/mempolicy/weights.ts';
import { nearest } from './baselines.ts';

/**
 * Finds good vectors where there are too many to evaluate them all.
 *
 * It starts from all vectors with small totals, and from the continuous optimum rounded to every total, over all nodes and over every
 * subset of them. Of each total the best is then improved by moving units from node to node, as long as that helps: totals differ in
 * which pages fall together. From then on it is best first: the neighbours of the best vectors so far are evaluated, until the budget is
 * used up or the best that is left to start from is far from the best there is. Neighbours have one unit more, one less, or one
 * moved from a node to another; also of twice the vector, which is the same ratio more finely.
 */

/** Vectors whose neighbours are evaluated together: so many, or this part of those known; never by the number of threads. */
const [TOGETHER, PART_TOGETHER] = [32, 1 / 64];
/** The search ends where all vectors left are this far below the best. */
const HOPELESS = 0.03;
/** This part of the budget goes to small totals, all of them; and this to the rounded optima of subsets of the nodes. */
const [SMALL_PART, SUBSETS_PART] = [0.3, 0.2];
/** Subsets of more nodes than this are not tried one by one. */
const MOST_SUBSET_NODES = 8;

export type SearchSpace = Readonly<{
  /** Weights in a vector, and the largest total. */
  weights: number;
  maxTotal: number;
  /** Vectors evaluated at most. */
  budget: number;
  /** The share of each weight in the continuous optimum; and such shares as weights of a total. */
  fractions: readonly number[];
  rounded: (shares: readonly number[], total: number) => Weights;
}>;

/**
 * Searches a space; `evaluate` gives the throughput of vectors it is asked about, each once. All that were evaluated are
 * what it was asked about.
 */
export async function searchVectors(
  space: SearchSpace,
  evaluate: (vectors: readonly Weights[]) => Promise<readonly number[]>,
): Promise<void> {
  const known = new Map<string, number>();
  const open = new Map<string, { weights: Weights; gbps: number }>();
  let best = 0;
  async function ask(vectors: Iterable<Weights>): Promise<void> {
    const asked = new Map<string, Weights>();
    for (const vector of vectors) {
      if (known.size + asked.size >= space.budget) break;
      const weights = reduced(vector);
      const text = weightsText(weights);
      if (!known.has(text)) asked.set(text, weights);
    }
    // By total: a demand is counted once for each.
    const sorted = [...asked].sort(([, a], [, b]) => totalOf(a) - totalOf(b));
    const found = await evaluate(sorted.map(([, weights]) => weights));
    for (const [i, [text, weights]] of sorted.entries()) {
      known.set(text, found[i]);
      open.set(text, { weights, gbps: found[i] });
      best = Math.max(best, found[i]);
    }
  }
  await ask(smallTotals(space));
  await ask(roundedOptima(space));
  await ask(optimaOfSubsets(space));
  const climbed = new Set<string>();
  while (known.size < space.budget) {
    const next = bestOfTotals([...open.values()]).filter((w) => !climbed.has(weightsText(w)));
    if (next.length === 0) break;
    for (const weights of next) climbed.add(weightsText(weights));
    await ask(
      next.flatMap((weights) =>
        [...neighbours(weights, totalOf(weights), [1])].filter(
          (w) => totalOf(w) === totalOf(weights),
        ),
      ),
    );
  }
  while (known.size < space.budget) {
    for (const [text, { gbps }] of open) if (gbps < best * (1 - HOPELESS)) open.delete(text);
    const next = [...open.values()]
      .sort((a, b) => b.gbps - a.gbps || totalOf(a.weights) - totalOf(b.weights))
      .slice(0, Math.max(TOGETHER, Math.floor(known.size * PART_TOGETHER)));
    if (next.length === 0) break;
    for (const { weights } of next) open.delete(weightsText(weights));
    await ask(next.flatMap(({ weights }) => [...neighbours(weights, space.maxTotal)]));
  }
}

/** The best vector of every total. */
function bestOfTotals(found: readonly { weights: Weights; gbps: number }[]): Weights[] {
  const best = new Map<number, { weights: Weights; gbps: number }>();
  for (const one of found) {
    const total = totalOf(one.weights);
    const before = best.get(total);
    if (before === undefined || one.gbps > before.gbps) best.set(total, one);
  }
  return [...best.values()].map(({ weights }) => weights);
}

/** All reduced vectors with totals as far as a part of the budget goes. */
function* smallTotals({ weights, maxTotal, budget }: SearchSpace): Generator<Weights> {
  for (let total = 1; total <= maxTotal; total++) {
    if (vectorCount(weights, total) > SMALL_PART * budget) return;
    yield* reducedVectors(weights, total);
  }
}

/** The continuous optimum rounded to every total. */
function* roundedOptima({ maxTotal, fractions, rounded }: SearchSpace): Generator<Weights> {
  for (let total = 1; total <= maxTotal; total++) {
    for (const weights of [nearest(fractions, total), rounded(fractions, total)])
      if (Math.max(...weights) <= MAX_WEIGHT) yield weights;
  }
}

/** The same over every subset of the nodes, in proportion, as far as a part of the budget goes. */
function* optimaOfSubsets(space: SearchSpace): Generator<Weights> {
  const { weights, maxTotal, budget, fractions } = space;
  if (weights > MOST_SUBSET_NODES) return;
  const subsets = 2 ** weights;
  const totals = Math.min(maxTotal, Math.floor((SUBSETS_PART * budget) / subsets));
  for (let subset = 1; subset < subsets - 1; subset++) {
    const shares = fractions.map((share, k) => ((subset >> k) & 1 ? share : 0));
    const sum = totalOf(shares);
    if (sum === 0) continue;
    yield* roundedOptima({ ...space, maxTotal: totals, fractions: shares.map((s) => s / sum) });
  }
}

/** Vectors one unit away, and one unit away from twice the vector. */
export function* neighbours(
  weights: Weights,
  maxTotal: number,
  factors: readonly number[] = [1, 2],
): Generator<Weights> {
  for (const factor of factors) {
    const from = weights.map((w) => w * factor);
    for (let up = -1; up < from.length; up++) {
      for (let down = -1; down < from.length; down++) {
        if (up === down) continue;
        const moved = from.map((w, k) => w + (k === up ? 1 : 0) - (k === down ? 1 : 0));
        const total = totalOf(moved);
        if (total < 1 || total > maxTotal) continue;
        if (moved.every((w) => w >= 0 && w <= MAX_WEIGHT)) yield moved;
      }
    }
  }
}
