import { MAX_WEIGHT, reduced, type Weights } from './weights.ts';

/**
 * One table of weights from which each of several vectors comes by naming its nodes only, as a global table serves tasks
 * with different nodemasks; undefined where they want the same two nodes in different proportions, or a weight above 255.
 */
export function maskedWeights(vectors: readonly Weights[]): Weights | undefined {
  let table: number[] = vectors[0].map(() => 0);
  // Each vector that shares nodes with what there is scales both; those that share none yet wait for one that does.
  const waiting = [...vectors];
  while (waiting.length > 0) {
    const next = waiting.findIndex((vector) => vector.some((w, k) => w > 0 && table[k] > 0));
    const [vector] = waiting.splice(Math.max(0, next), 1);
    const shared = vector.findIndex((w, k) => w > 0 && table[k] > 0);
    const [byTable, byVector] = shared < 0 ? [1, 1] : [vector[shared], table[shared]];
    if (vector.some((w, k) => w > 0 && table[k] > 0 && table[k] * byTable !== w * byVector))
      return undefined;
    table = table.map((w, k) => (w > 0 ? w * byTable : vector[k] * byVector));
  }
  const smallest = reduced(table);
  return Math.max(...smallest) <= MAX_WEIGHT ? smallest : undefined;
}
