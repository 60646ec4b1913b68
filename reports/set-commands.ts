import type { SweepResult } from '../evaluator/sweep-result.ts';
import type { Machine, MachineNode } from '../models/memory/machine.ts';
import { maskedWeights } from '../models/mempolicy/masked-weights.ts';
import { type WeightHome, weighedNodes } from '../models/mempolicy/weight-home.ts';
import {
  MAX_WEIGHT,
  reduced,
  vectorsOf,
  type Weights,
  weightsText,
} from '../models/mempolicy/weights.ts';
import { nodeOfSocket } from '../models/topology-of.ts';

/**
 * The commands that make a machine interleave with these weights: the kernel's sysfs files (as root), then numactl.
 *
 * Sources: Documentation/ABI/testing/sysfs-kernel-mm-mempolicy-weighted-interleave (Linux 6.9); numactl(8), 2.0.19.
 */
export function setCommands(nodes: readonly MachineNode[], weights: Weights): string[] {
  return [...writeCommands(nodes, weights), runCommand(nodes, weights)];
}

/** The commands that write weights, if more than one node has any. */
function writeCommands(nodes: readonly MachineNode[], weights: Weights): string[] {
  if (weights.filter((w) => w > 0).length === 1) return [];
  return nodes.flatMap(({ id }, k) =>
    weights[k] === 0
      ? []
      : [`echo ${weights[k]} > /sys/kernel/mm/mempolicy/weighted_interleave/node${id}`],
  );
}

/** The command that runs a program on the nodes that have weights. */
export function runCommand(nodes: readonly MachineNode[], weights: Weights, options = ''): string {
  const ids = nodes.filter((_, k) => weights[k] > 0).map(({ id }) => id);
  const policy = ids.length === 1 ? '--preferred' : '--weighted-interleave';
  return `numactl ${options}${policy}=${ids.join(',')} PROGRAM`;
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
 * pages, or each node the same share of them, or do so with a nodemask for each vector, the commands are those.
 */
export function instructionsFor({
  machine,
  options,
  optimum,
}: Pick<SweepResult, 'machine' | 'options'> & {
  optimum: Pick<SweepResult['optimum'], 'weights'>;
}): Instructions {
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
  if (vectors.length > 1) return maskedInstructions(machine, home, vectors, none);
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

/** How to set several vectors: from one global table, if they differ only in the nodes they use. */
function maskedInstructions(
  machine: Machine,
  home: WeightHome,
  vectors: readonly Weights[],
  none: readonly string[],
): Instructions {
  const table = maskedWeights(vectors);
  if (table === undefined) return { commands: [], notes: none };
  const { nodes } = machine;
  const runs = vectors.map((vector, v) => {
    const cpus = home === 'node' ? `--cpunodebind=${nodes[nodeOfSocket(machine, v)].id} ` : '';
    return runCommand(nodes, vector, cpus);
  });
  const interleaved = vectors.some((vector) => vector.filter((w) => w > 0).length > 1);
  const each = home === 'node' ? "each socket's programs" : 'each group of programs';
  return {
    commands: [...(interleaved ? writeCommands(nodes, table) : []), ...runs],
    notes: [
      ...none,
      `These differ only in the nodes they use: with global weights it is enough that ${each} name their own, as above.`,
      ...(interleaved ? setCommandNotes(table) : []),
    ],
  };
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
