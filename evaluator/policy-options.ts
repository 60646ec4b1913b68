import type { Discipline } from '../models/mempolicy/discipline.ts';
import { DEFAULT_KERNEL } from '../models/mempolicy/kernel-version.ts';
import type { WeightHome } from '../models/mempolicy/weight-home.ts';

/** What the user may choose about how the kernel places pages. */
export type PolicyOptions = Readonly<{
  /** Where weights live. */
  weightHome: WeightHome;
  /** What an interleave index is made of. */
  discipline: Discipline;
  /** The kernel, by the name models/mempolicy/kernel-version.ts has for it: which weights it would choose itself. */
  kernel: string;
  /** All memory in pages of 2 MiB. */
  huge: boolean;
}>;

/** What mainline does: one table of weights for the machine, by address, base pages. */
export const DEFAULT_POLICY: PolicyOptions = {
  weightHome: 'global',
  discipline: 'address',
  kernel: DEFAULT_KERNEL,
  huge: false,
};
