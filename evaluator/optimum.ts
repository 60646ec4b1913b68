import { type WeightHome, weighedNodes } from '../models/mempolicy/weight-home.ts';
import {
  totalOf,
  vectorsOf,
  type Weights,
  type WeightVectors,
  weightsText,
} from '../models/mempolicy/weights.ts';
import type { Evaluation } from './evaluation.ts';

/** How far below the best a vector may be and still count as good as it, %, where nothing else is asked for. */
export const DEFAULT_WITHIN = 1;

/** The vector to set (or vectors, where the weight home holds several), and what it was chosen from. */
export type Optimum = Readonly<{
  /** The recommended one: of the plateau, the shortest cycle, then the least weight on slow tiers. */
  weights: WeightVectors;
  throughputGbps: number;
  /** The fastest of all, by however little. */
  best: Readonly<{ weights: WeightVectors; throughputGbps: number }>;
  /** All so near the best, in the order of preference: the recommended one first. */
  plateau: readonly WeightVectors[];
}>;

/**
 * Chooses among evaluations of vectors of one weight home, those whose pages all lie where they should before all others.
 * `tiers` holds the memory tier of every node, 0 the fastest; the plateau is what lies `within` so many percent of the best.
 *
 * On the plateau a shorter cycle is preferred, since it spreads small allocations as well as large ones; then less
 * weight on slow tiers, which are the larger and cheaper ones to keep free; then throughput. Of several vectors the mean
 * counts.
 */
export function chooseOptimum(
  evaluations: readonly Pick<Evaluation, 'weights' | 'throughputGbps' | 'missedPages'>[],
  home: WeightHome,
  tiers: readonly number[],
  within = DEFAULT_WITHIN,
): Optimum {
  const fitting = evaluations.filter((e) => e.missedPages === 0);
  const candidates = fitting.length > 0 ? fitting : evaluations;
  const best = candidates.reduce((a, b) => (b.throughputGbps > a.throughputGbps ? b : a));
  // The tier of what each weight is for: of a node, or the mean of a group of nodes.
  const groups = weighedNodes(home, [...tiers.keys()], tiers);
  const tierOf = groups.map((group) => meanOf(group.map((place) => tiers[place])));
  const slowness = (weights: Weights) =>
    weights.reduce((sum, w, i) => sum + w * tierOf[i], 0) / totalOf(weights);
  const plateau = candidates
    .filter((e) => e.throughputGbps >= best.throughputGbps * (1 - within / 100))
    .map((evaluation) => {
      const vectors = vectorsOf(evaluation.weights);
      return {
        evaluation,
        total: meanOf(vectors.map(totalOf)),
        slowness: meanOf(vectors.map(slowness)),
      };
    })
    .sort(
      (a, b) =>
        a.total - b.total ||
        a.slowness - b.slowness ||
        b.evaluation.throughputGbps - a.evaluation.throughputGbps ||
        weightsText(b.evaluation.weights).localeCompare(weightsText(a.evaluation.weights)),
    )
    .map(({ evaluation }) => evaluation);
  const [recommended] = plateau;
  return {
    weights: recommended.weights,
    throughputGbps: recommended.throughputGbps,
    best: { weights: best.weights, throughputGbps: best.throughputGbps },
    plateau: plateau.map((e) => e.weights),
  };
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
