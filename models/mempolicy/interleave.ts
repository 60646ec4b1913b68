/**
 * The node an interleave index falls on, as `mm/mempolicy.c` finds it (`weighted_interleave_nid`, Linux 6.9 and later):
 *
 *     target = ilx mod (sum of the weights)
 *     walk the nodes ascending, subtracting weights, until target falls within one
 *
 * Written over groups of nodes that share one weight, so that weights given to memory tiers are the same walk: the nodes
 * of a group take its indices in turn. Interleave without weights is every node with weight 1, in a group of its own.
 *
 * For a private anonymous mapping of base pages `ilx` is the virtual page number, since `vm_pgoff` is
 * `vm_start >> PAGE_SHIFT`.
 */

import { gcd } from '../../traces/gcd.ts';

/** Nodes (ids or places, as the caller counts them) that share one weight, taking its indices in turn. */
export type WeightGroup = Readonly<{ weight: number; nodes: readonly number[] }>;

/** The sum of the weights: indices in one round over all groups. */
export function weightTotal(groups: readonly WeightGroup[]): number {
  return groups.reduce((sum, { weight }) => sum + weight, 0);
}

/** The node of an interleave index, a whole number from 0 (exact below 2^53). At least one group has a weight. */
export function interleaveNid(groups: readonly WeightGroup[], ilx: number): number {
  const total = weightTotal(groups);
  let target = ilx % total;
  let group = 0;
  while (target >= groups[group].weight) target -= groups[group++].weight;
  const { weight, nodes } = groups[group];
  if (nodes.length === 1) return nodes[0];
  const round = (ilx - (ilx % total)) / total;
  return nodes[(round * weight + target) % nodes.length];
}

/**
 * The nodes of indices 0, 1, 2 and so on until they repeat: `cycle[ilx % cycle.length]` is the node of any index.
 * As long as the weights' total where every group is one node; longer where groups share.
 */
export function interleaveCycle(groups: readonly WeightGroup[]): Uint8Array {
  const total = weightTotal(groups);
  const rounds = groups
    .filter(({ weight }) => weight > 0)
    .map(({ weight, nodes }) => nodes.length / gcd(weight, nodes.length))
    .reduce((common, own) => (common * own) / gcd(common, own), 1);
  return Uint8Array.from({ length: total * rounds }, (_, ilx) => interleaveNid(groups, ilx));
}
