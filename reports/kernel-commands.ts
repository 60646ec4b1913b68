import type { SweepResult } from '../evaluator/sweep-result.ts';
import { kernelVersion } from '../models/mempolicy/kernel-version.ts';
import { vectorsOf, weightsText } from '../models/mempolicy/weights.ts';
import { runCommand } from './set-commands.ts';

const WEIGHTS = '/sys/kernel/mm/mempolicy/weighted_interleave';

/**
 * The commands that give a machine the kernel's own weights back (as root), then numactl. From 6.16 on the file `auto` has
 * the kernel derive them from firmware bandwidths; before, a 0 makes a node's weight the default, 1.
 *
 * Source: Documentation/ABI/testing/sysfs-kernel-mm-mempolicy-weighted-interleave (Linux 6.9, 6.16).
 */
export function kernelCommands({ machine, options, baselines }: SweepResult): string[] {
  const { nodes } = machine;
  const run = runCommand(nodes, vectorsOf(baselines.kernelAuto.weights)[0]);
  if (kernelVersion(options.kernel).autoWeights) return [`echo true > ${WEIGHTS}/auto`, run];
  return [...nodes.map(({ id }) => `echo 0 > ${WEIGHTS}/node${id}`), run];
}

/** What those commands are for, and the weights they come to. */
export function kernelWeightsTitle({ options, baselines }: SweepResult): string {
  const { autoWeights, name } = kernelVersion(options.kernel);
  const since = autoWeights ? ', Linux 6.16 or later' : '';
  const whose = autoWeights ? "the kernel's auto weights" : `the weights of Linux ${name}`;
  return `For ${whose} instead (${weightsText(baselines.kernelAuto.weights)}${since}):`;
}
