import { residues } from '../models/mempolicy/residues.ts';
import type { Weights } from '../models/mempolicy/weights.ts';
import type { LoadColumns } from './loads.ts';

/**
 * For any total, the weights whose nodes get lines nearest to these shares: what rounding the shares would be if all pages
 * were alike. A few hot pages make the difference: where in the cycle they fall is seen here.
 *
 * Each node gets the indices up to where the lines of all nodes so far come nearest to their share; `shares` sum to 1, 0
 * leaves a node out. For homes whose cycle is one run of indices a node.
 */
export function loadBalanced(
  columns: LoadColumns,
): (shares: readonly number[], total: number) => Weights {
  const { ilx, page, reads, writes } = columns;
  const lines = new Float64Array(ilx.length);
  for (let i = 0; i < page.length; i++) lines[page[i]] += reads[i] + writes[i];
  const below = new Map<number, Float64Array>();
  function linesBelow(total: number): Float64Array {
    const known = below.get(total);
    if (known !== undefined) return known;
    const sums = new Float64Array(total + 1);
    const residue = residues(ilx, total);
    for (let i = 0; i < residue.length; i++) sums[residue[i] + 1] += lines[i];
    for (let r = 1; r <= total; r++) sums[r] += sums[r - 1];
    below.set(total, sums);
    return sums;
  }
  return (shares, total) => {
    const sums = linesBelow(total);
    const all = sums[total];
    const last = shares.findLastIndex((share) => share > 0);
    let from = 0;
    let share = 0;
    return shares.map((own, k) => {
      share += own;
      if (own === 0) return 0;
      let to = from;
      while (to < total && Math.abs(sums[to + 1] - share * all) <= Math.abs(sums[to] - share * all))
        to++;
      if (k === last) to = total;
      const weight = to - from;
      from = to;
      return weight;
    });
  };
}
