import type { Evaluation } from './evaluation.ts';

/** Where the loads of evaluations are from. */
export const PLACEMENTS = ['residues', 'pages', 'both'] as const;

/**
 * How the pages of a sweep's evaluations were placed: read off sums by residue of the interleave index, or one by one,
 * since a node filled up or a cycle was too long for the sums. Both give the same where both apply.
 */
export type PlacementCounts = Readonly<{
  from: (typeof PLACEMENTS)[number];
  residues: number;
  pages: number;
}>;

/** Counts evaluations; `singly` holds those whose pages were placed one by one. */
export function placementCounts(
  evaluations: readonly Evaluation[],
  singly: ReadonlySet<Evaluation>,
): PlacementCounts {
  const pages = evaluations.filter((e) => singly.has(e)).length;
  const residues = evaluations.length - pages;
  return { from: pages === 0 ? 'residues' : residues === 0 ? 'pages' : 'both', residues, pages };
}
