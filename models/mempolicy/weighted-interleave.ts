/**
 * Weighted interleave by address, as `mm/mempolicy.c` places a page of a VMA (`weighted_interleave_nid`, Linux 6.9
 * and later):
 *
 *     target = ilx mod (sum of the weights of the nodes in the mask)
 *     walk the nodes ascending, subtracting weights, until target falls within one
 *
 * For base pages of a private anonymous mapping `ilx` is the virtual page number, since `vm_pgoff` is
 * `vm_start >> PAGE_SHIFT`. So node k takes the residues from `first[k]` up to `first[k + 1]`.
 *
 * Left out: huge pages, shared mappings (their inode number is added), nodes that are full.
 */

import type { Weights } from './weights.ts';

/** Where each node's residues begin, and as last entry their number, the weights' total. */
export function firstResidues(weights: Weights): Uint32Array {
  const first = new Uint32Array(weights.length + 1);
  for (let node = 0; node < weights.length; node++) first[node + 1] = first[node] + weights[node];
  return first;
}

/**
 * `ilx mod total` for page numbers held as floats (exact to 2^53). Split in two words first: 32-bit remainders are an
 * order of magnitude faster than those of floats.
 */
export function residues(pages: Float64Array, total: number): Uint16Array {
  const result = new Uint16Array(pages.length);
  const SPLIT = 0x100_0000;
  const carry = SPLIT % total;
  for (let i = 0; i < pages.length; i++) {
    const high = Math.floor(pages[i] / SPLIT);
    const low = pages[i] - high * SPLIT;
    result[i] = ((((high >>> 0) % total) * carry + low) >>> 0) % total;
  }
  return result;
}

/** The node (its place among all nodes, not its id) of every page. */
export function placeByAddress(pages: Float64Array, weights: Weights): Uint8Array {
  const first = firstResidues(weights);
  const total = first[weights.length];
  const nodeOf = new Uint8Array(total);
  for (let node = 0; node < weights.length; node++) nodeOf.fill(node, first[node], first[node + 1]);
  const residue = residues(pages, total);
  return Uint8Array.from(residue, (r) => nodeOf[r]);
}
