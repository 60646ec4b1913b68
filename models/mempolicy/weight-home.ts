import type { WeightGroup } from './interleave.ts';

/**
 * Where interleave weights live, as six designs proposed it. Each turns what is stored there into the weight of every
 * node for a given task:
 *
 * | home | what is stored | from |
 * |---|---|---|
 * | `global` | one weight a node for the machine, in sysfs | mainline since 6.9 |
 * | `policy` | one weight a node in the policy itself | set_mempolicy2, 2023 |
 * | `node` | one weight a node for each node with CPUs | node-based weights, 2023 |
 * | `memtier` | one weight a memory tier, its nodes share its pages in turn | memory tier weights, 2023 |
 * | `cgroup` | one weight a node for each cgroup | cgroup weights, 2023 |
 * | `ratio` | N:M, the fastest tier against all others | N:M interleave, 2022 |
 */
export const WEIGHT_HOMES = ['global', 'policy', 'node', 'memtier', 'cgroup', 'ratio'] as const;
export type WeightHome = (typeof WEIGHT_HOMES)[number];

/** True where a home holds a weight for each node, false where it holds one for each of several groups of nodes. */
export function weighsNodes(home: WeightHome): boolean {
  return home !== 'memtier' && home !== 'ratio';
}

/**
 * The nodes that share each weight a home holds, in the order of its weights: every node by itself, the nodes of each
 * tier from the fastest on, or the fastest tier and all the others (left out where there are none).
 * `tiers` is the memory tier of every node, `nodes` how they are called; both in ascending order of node id. `fastest` is
 * the machine's fastest tier, which the nodes given may not have.
 */
export function weighedNodes(
  home: WeightHome,
  nodes: readonly number[],
  tiers: readonly number[],
  fastest: number = Math.min(...tiers),
): number[][] {
  if (weighsNodes(home)) return nodes.map((node) => [node]);
  const order = [...new Set(tiers)].sort((a, b) => a - b);
  const inTiers = (wanted: readonly number[]) => nodes.filter((_, k) => wanted.includes(tiers[k]));
  const groups =
    home === 'memtier'
      ? order.map((tier) => inTiers([tier]))
      : [inTiers([fastest]), inTiers(order.filter((tier) => tier !== fastest))];
  return groups.filter((group) => group.length > 0);
}

/** The groups that weights from a home make of the nodes; `weights` has one for each of `weighedNodes`. */
export function weightGroups(
  home: WeightHome,
  weights: readonly number[],
  nodes: readonly number[],
  tiers: readonly number[],
): WeightGroup[] {
  return weighedNodes(home, nodes, tiers).map((group, i) => ({ weight: weights[i], nodes: group }));
}
