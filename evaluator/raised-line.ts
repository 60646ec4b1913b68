import type { ContinuousOptimum } from './continuous-optimum.ts';
import type { Evaluation } from './evaluation.ts';

/**
 * The 100 % line that none of these evaluations lies above (others might): the continuous optimum, which divides all pages of an epoch in one proportion,
 * or the best evaluation where that is faster, since its cycle keeps apart pages that are read from pages that are written.
 * Both are divisions of the demand among the nodes, so the best of all divisions is at least as fast.
 */
export function raisedLine(
  continuous: ContinuousOptimum,
  evaluations: Iterable<Evaluation>,
): ContinuousOptimum {
  let line = continuous;
  for (const { throughputGbps, nodes } of evaluations) {
    if (throughputGbps <= line.throughputGbps) continue;
    const fractions = nodes.map((n) => Math.min(1, (n.readGbps + n.writeGbps) / throughputGbps));
    line = { fractions, throughputGbps };
  }
  return line;
}

/** An evaluation as a share of that line. */
export function measuredBy(line: ContinuousOptimum, evaluation: Evaluation): Evaluation {
  const shareOfOptimum = evaluation.throughputGbps / line.throughputGbps;
  return shareOfOptimum === evaluation.shareOfOptimum
    ? evaluation
    : { ...evaluation, shareOfOptimum };
}
