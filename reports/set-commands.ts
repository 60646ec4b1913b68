import type { MachineNode } from '../models/memory/machine.ts';
import type { Weights } from '../models/mempolicy/weights.ts';

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
