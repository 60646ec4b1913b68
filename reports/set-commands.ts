import type { SweepResult } from '../evaluator/sweep-result.ts';
import type { MachineNode } from '../models/memory/machine.ts';
import { type WeightHome, weighedNodes } from '../models/mempolicy/weight-home.ts';
import {
  MAX_WEIGHT,
  reduced,
  vectorsOf,
  type Weights,
  weightsText,
} from '../models/mempolicy/weights.ts';

/**
 * The commands that make a machine interleave with these weights: the kernel's sysfs files (as root), then numactl.
 *
 * Sources: Documentation/ABI/testing/sysfs-kernel-mm-mempolicy-weighted-interleave (Linux 6.9); numactl(8), 2.0.19.
 */
export function setCommands(nodes: readonly MachineNode[], weights: Weights): string[] {
  const used = nodes
    .map(({ id }, k) => ({ id, weight: weights[k] }))
    .filter(({ weight }) => weight > 0);
  const ids = used.map(({ id }) => id).join(',');
  if (used.length === 1) return [`numactl --preferred=${ids} PROGRAM`];
  return [
    ...used.map(
      ({ id, weight }) => `echo ${weight} > /sys/kernel/mm/mempolicy/weighted_interleave/node${id}`,
    ),
    `numactl --weighted-interleave=${ids} PROGRAM`,
  ];
}

/** What those commands need, and what they do not do. */
export function setCommandNotes(weights: Weights): string[] {
  if (weights.filter((w) => w > 0).length === 1) {
    return [
      'One node alone needs no interleaving; once it is full, the kernel places pages on the next nearest.',
    ];
  }
  return [
    'Needs Linux 6.9 or later and numactl 2.0.19 or later (older ones say "Invalid argument"); echo as root.',
    'Weights are global to the machine, and from 6.16 on writing one turns the auto weights off.',
    'Only pages first touched afterwards are placed by them: memory already allocated does not move.',
  ];
}

/** What keeps weights where, for homes that no kernel has. */
const NO_KERNEL: Readonly<Record<Exclude<WeightHome, 'global'>, string>> = {
  policy: 'No kernel takes weights with the policy itself (set_mempolicy2 was proposed in 2023).',
  node: 'No kernel keeps weights for each socket (proposed in 2023).',
  memtier: 'No kernel keeps weights of memory tiers (proposed in 2023).',
  cgroup: 'No kernel keeps weights for each cgroup (proposed in 2023).',
  ratio: 'No kernel keeps a ratio of memory tiers (proposed in 2022).',
};

/** Commands and what to know of them. */
export type Instructions = Readonly<{ commands: readonly string[]; notes: readonly string[] }>;

/**
 * How to set what a sweep recommends. For weight homes that no kernel has, this says so; where global weights give the same
 * pages, or each node the same share of them, the commands are those.
 */
export function instructionsFor({ machine, options, optimum }: SweepResult): Instructions {
  const { nodes } = machine;
  const home = options.weightHome;
  const vectors = vectorsOf(optimum.weights);
  const settable = (weights: Weights, notes: readonly string[]): Instructions => ({
    commands: setCommands(nodes, weights),
    notes: [...notes, ...setCommandNotes(weights)],
  });
  const discipline =
    options.discipline === 'address'
      ? []
      : [
          'The kernel places by address, not by first touch; without --discipline it is evaluated so.',
        ];
  if (home === 'global') return settable(vectors[0], discipline);
  const none = [NO_KERNEL[home], ...discipline];
  if (vectors.length > 1) return { commands: [], notes: none };
  if (home === 'memtier' || home === 'ratio') {
    const shares = sameShares(
      vectors[0],
      weighedNodes(
        home,
        [...nodes.keys()],
        nodes.map((n) => n.tier),
      ),
      nodes.length,
    );
    if (Math.max(...shares) > MAX_WEIGHT) return { commands: [], notes: none };
    const same = `Global weights ${weightsText(shares)}, as above, give every node the same share of the pages.`;
    return settable(shares, [...none, same]);
  }
  return settable(vectors[0], [
    ...none,
    'One vector for all places pages as the same global weights do, as above.',
  ]);
}

/** The weight of every node that gives it the share it has in a group, the nodes of each group alike. */
function sameShares(
  weights: Weights,
  groups: readonly (readonly number[])[],
  nodes: number,
): Weights {
  const scale = groups.reduce((product, group) => product * group.length, 1);
  const shares: number[] = Array.from({ length: nodes }, () => 0);
  for (const [i, group] of groups.entries()) {
    for (const place of group) shares[place] = (weights[i] * scale) / group.length;
  }
  return reduced(shares);
}
