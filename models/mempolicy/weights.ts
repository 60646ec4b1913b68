import { gcd } from '../../traces/gcd.ts';

/** Interleave weights of all nodes in ascending order of node id, or of groups of nodes; 0 leaves one out. */
export type Weights = readonly number[];

/** One vector of weights, or several where a weight home holds several. */
export type WeightVectors = Weights | readonly Weights[];

/** The largest weight the kernel takes (`mm/mempolicy.c`: `iw_table` is an array of `u8`). */
export const MAX_WEIGHT = 255;

/** The greatest common divisor of non-negative integers; 0 where all are 0. */
export function gcdOf(values: readonly number[]): number {
  return values.reduce(gcd, 0);
}

/** The same ratio in the smallest whole numbers: 18:2 becomes 9:1. */
export function reduced(weights: Weights): Weights {
  const divisor = gcdOf(weights);
  return divisor <= 1 ? weights : weights.map((w) => w / divisor);
}

/** The sum of the weights: pages in one cycle of the interleave. */
export function totalOf(weights: Weights): number {
  return weights.reduce((sum, w) => sum + w, 0);
}

/** Weights as people write them: `9:1`, and several vectors `9:1/1:9`. */
export function weightsText(weights: WeightVectors): string {
  return vectorsOf(weights)
    .map((vector) => vector.join(':'))
    .join('/');
}

/** The vectors there are: one in a list of its own, or several as they are. */
export function vectorsOf(weights: WeightVectors): readonly Weights[] {
  return typeof weights[0] === 'number' ? [weights as Weights] : (weights as readonly Weights[]);
}

/** The other way round, in its shortest form: vectors that are all the same become one. */
export function shortestOf(vectors: readonly Weights[]): WeightVectors {
  const texts = vectors.map(weightsText);
  return texts.every((text) => text === texts[0]) ? vectors[0] : vectors;
}

/**
 * Reads weights such as `9:1`, one for each node or whatever else `what` says. Throws where they are not whole numbers
 * from 0 to 255, as many as `count`, at least one of them above 0.
 */
export function parseWeights(text: string, count: number, what = 'one for each node'): Weights {
  const parts = text.split(':');
  const weights = parts.map(Number);
  const valid = parts.every((part) => /^[0-9]{1,9}$/.test(part));
  if (!valid)
    throw new Error(
      `weights: not weights (got ${JSON.stringify(text)}, expected whole numbers such as 9:1)`,
    );
  const high = weights.find((w) => w > MAX_WEIGHT);
  if (high !== undefined)
    throw new Error(`weights ${text}: out of range (got ${high}, expected 0 to ${MAX_WEIGHT})`);
  if (weights.length !== count) {
    throw new Error(
      `weights ${text}: wrong number (got ${weights.length}, expected ${count}, ${what})`,
    );
  }
  if (totalOf(weights) === 0) {
    throw new Error(
      `weights ${text}: no node (got all zero, expected at least one node with a weight)`,
    );
  }
  return weights;
}

/**
 * Every reduced vector over `nodes` nodes whose weights sum to `total`, at most 255 each, in descending order of the
 * first weight, then the second, and so on. Vectors that are multiples of a smaller one are left out.
 */
export function* reducedVectors(nodes: number, total: number): Generator<Weights> {
  for (const weights of compositions(nodes, total)) {
    if (gcdOf(weights) === 1) yield weights;
  }
}

/** Compares vectors as sweeps list them: by total, then as `reducedVectors` has them. */
export function inOrder(a: Weights, b: Weights): number {
  const byTotal = totalOf(a) - totalOf(b);
  if (byTotal !== 0) return byTotal;
  const differ = a.findIndex((w, k) => w !== b[k]);
  return differ === -1 ? 0 : b[differ] - a[differ];
}

function* compositions(parts: number, total: number): Generator<number[]> {
  if (parts === 1) {
    if (total <= MAX_WEIGHT) yield [total];
    return;
  }
  for (let first = Math.min(total, MAX_WEIGHT); first >= 0; first--) {
    for (const rest of compositions(parts - 1, total - first)) yield [first, ...rest];
  }
}

/** The number of vectors, reduced or not, over `nodes` nodes with a total up to `maxTotal` (weights unbounded). */
export function vectorCount(nodes: number, maxTotal: number): number {
  let count = 1;
  for (let i = 1; i <= nodes; i++) count = (count * (maxTotal + i)) / i;
  return count - 1;
}
