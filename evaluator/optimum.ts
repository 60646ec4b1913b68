import { totalOf, type Weights, weightsText } from '../models/mempolicy/weights.ts';
import type { Evaluation } from './evaluation.ts';

/** How far below the best a vector may be and still count as good as it. */
export const PLATEAU = 0.01;

/** The vector to set, and what it was chosen from. */
export type Optimum = Readonly<{
  /** The recommended vector: of the plateau, the shortest cycle, then the least weight on slow tiers. */
  weights: Weights;
  throughputGbps: number;
  /** The fastest vector of all, by however little. */
  best: Readonly<{ weights: Weights; throughputGbps: number }>;
  /** All vectors within 1 % of the best, in the order of preference: the recommended one first. */
  plateau: readonly Weights[];
}>;

/**
 * Chooses among evaluations, those whose pages fit into their nodes before all others (`fits`). `tiers` holds the memory
 * tier of every node, 0 the fastest.
 *
 * On the plateau a shorter cycle is preferred, since it spreads small allocations as well as large ones; then less
 * weight on slow tiers, which are the larger and cheaper ones to keep free; then throughput.
 */
export function chooseOptimum(
  evaluations: readonly Evaluation[],
  tiers: readonly number[],
  fits: (evaluation: Evaluation) => boolean,
): Optimum {
  const fitting = evaluations.filter(fits);
  const candidates = fitting.length > 0 ? fitting : evaluations;
  const best = candidates.reduce((a, b) => (b.throughputGbps > a.throughputGbps ? b : a));
  const slowness = (weights: Weights) =>
    weights.reduce((sum, w, k) => sum + w * tiers[k], 0) / totalOf(weights);
  const plateau = candidates
    .filter((e) => e.throughputGbps >= best.throughputGbps * (1 - PLATEAU))
    .sort(
      (a, b) =>
        totalOf(a.weights) - totalOf(b.weights) ||
        slowness(a.weights) - slowness(b.weights) ||
        b.throughputGbps - a.throughputGbps ||
        weightsText(b.weights).localeCompare(weightsText(a.weights)),
    );
  const [recommended] = plateau;
  return {
    weights: recommended.weights,
    throughputGbps: recommended.throughputGbps,
    best: { weights: best.weights, throughputGbps: best.throughputGbps },
    plateau: plateau.map((e) => e.weights),
  };
}
