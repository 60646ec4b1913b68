import type { WeightHome } from '../models/mempolicy/weight-home.ts';
import { reducedVectors, vectorCount, type Weights } from '../models/mempolicy/weights.ts';

/** What a sweep goes through; plain data, so that workers can be sent it. */
export type SweptSpace = Readonly<{
  home: WeightHome;
  /** Weights in a vector: of nodes, or of groups of them. */
  weights: number;
  /** Vectors that are combined: one for each socket that has copies under `node`, else 1. */
  combined: number;
  /** Vectors the home holds, of which those beyond `combined` stand for sockets without copies. */
  held: number;
  maxTotal: number;
}>;

/** Spaces with more vectors than this, reduced or not, are not counted one by one. */
const COUNTED = 2_000_000;

/** How many vectors a space has, or combinations of several; where that takes long to count, how many unreduced ones. */
export function spaceSize({ weights, combined, maxTotal }: SweptSpace): number {
  const unreduced = vectorCount(weights, maxTotal);
  if (unreduced > COUNTED) return unreduced ** combined;
  let count = 0;
  for (let total = 1; total <= maxTotal; total++)
    for (const _ of reducedVectors(weights, total)) count++;
  return count ** combined;
}

/**
 * The tasks a space is divided into, each a list of what is to be evaluated: of one vector all those with two totals, 1 and 2,
 * 3 and 4 and so on, for which a demand is counted together; of several all combinations with the same first vector, in
 * the order of those.
 * Vectors come in ascending order of total, then as `reducedVectors` has them.
 */
export function sweepTasks(space: SweptSpace): (task: number) => (readonly Weights[])[] {
  const { weights, combined, held, maxTotal } = space;
  const ofTotal = (total: number) => [...reducedVectors(weights, total)];
  const filled = (row: readonly Weights[]) => [
    ...row,
    ...Array.from({ length: held - combined }, () => row[0]),
  ];
  if (combined === 1) {
    return (task) =>
      [2 * task + 1, 2 * task + 2]
        .filter((total) => total <= maxTotal)
        .flatMap(ofTotal)
        .map((vector) => filled([vector]));
  }
  const all = Array.from({ length: maxTotal }, (_, i) => ofTotal(i + 1)).flat();
  return (task) => {
    let rows: Weights[][] = [[all[task]]];
    for (let s = 1; s < combined; s++)
      rows = rows.flatMap((row) => all.map((vector) => [...row, vector]));
    return rows.map(filled);
  };
}

/** What a home that holds one vector holds where it is this one. */
export function policyOf({ held }: SweptSpace, vector: Weights): readonly Weights[] {
  return Array<Weights>(held).fill(vector);
}

/** How many tasks a space is divided into. */
export function taskCount({ weights, combined, maxTotal }: SweptSpace): number {
  if (combined === 1) return Math.ceil(maxTotal / 2);
  let count = 0;
  for (let total = 1; total <= maxTotal; total++)
    count += [...reducedVectors(weights, total)].length;
  return count;
}
