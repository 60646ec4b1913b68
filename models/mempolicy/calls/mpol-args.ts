/**
 * The one argument structure of the extensible calls (`struct mpol_args`, as the 2023 proposal has it and no kernel does),
 * and how its size versions it, like openat2 and clone3 (`copy_struct_from_user`).
 *
 * | offset | field | | offset | field |
 * |---|---|---|---|---|
 * | 0 | `u16 mode` | | 32 | `u64 mems_maxnode` |
 * | 2 | `u16 mode_flags` | | 40 | `s32 policy_node` |
 * | 8 | `u64 policy_nodemask` (pointer) | | 44 | `s32 vma_node` |
 * | 16 | `u64 policy_maxnode` | | 48 | `s32 home_node` |
 * | 24 | `u64 mems_allowed` (pointer) | | 56 | `u64 interleave_weights` (pointer) |
 *
 * Version 0 ends before `interleave_weights`, which came last in the proposal, too: so all rules of size have a case.
 */

import { type Errno, failed } from '../kernel/errno.ts';
import {
  MPOL,
  MPOL_F_NUMA_BALANCING,
  MPOL_F_RELATIVE_NODES,
  MPOL_F_STATIC_NODES,
  MPOL_MODE_FLAGS,
  NUMA_NO_NODE,
} from '../kernel/mpol-constants.ts';
import { MAX_NUMNODES, type Nodemask } from '../nodemask.ts';

export const MPOL_ARGS_SIZE_VER0 = 56;
export const MPOL_ARGS_SIZE = 64;
const PAGE_SIZE = 4096;

/** The structure as a caller fills it. A pointer that is null is null here; of out pointers only that they are set counts. */
export type MpolArgs = Readonly<{
  mode: number;
  mode_flags: number;
  policy_nodemask: Nodemask | null;
  policy_maxnode: number;
  /** Whether the nodes the cpuset allows are asked for. */
  mems_allowed: boolean;
  mems_maxnode: number;
  home_node: number;
  /** A byte a node; 0 counts as 1. */
  interleave_weights: readonly number[] | null;
}>;

/** A structure of zeros but for what is given; no home node. */
export function mpolArgs(given: Partial<MpolArgs>): MpolArgs {
  return {
    mode: MPOL.DEFAULT,
    mode_flags: 0,
    policy_nodemask: null,
    policy_maxnode: 0,
    mems_allowed: false,
    mems_maxnode: 0,
    home_node: NUMA_NO_NODE,
    interleave_weights: null,
    ...given,
  };
}

/**
 * The structure as the kernel reads it from a caller who says it is `usize` bytes long, with something other than zeros
 * behind what this kernel knows if `tail`. EINVAL where it is shorter than version 0, E2BIG where it asks for what is not
 * known, or is longer than a page. What a shorter structure lacks reads as zero.
 */
export function copyArgs(args: MpolArgs, usize: number, tail: boolean): MpolArgs | Errno {
  if (usize < MPOL_ARGS_SIZE_VER0) return 'EINVAL';
  if (usize > PAGE_SIZE || (usize > MPOL_ARGS_SIZE && tail)) return 'E2BIG';
  return usize < MPOL_ARGS_SIZE ? { ...args, interleave_weights: null } : args;
}

/**
 * A nodemask as the kernel reads it from a caller who says it has `maxnode` bits, of which it takes one less (`get_nodes`).
 * EINVAL for more than a page of bits, and where a node is named that the kernel has no room for.
 */
export function getNodes(mask: Nodemask | null, maxnode: number): Nodemask | Errno {
  if (maxnode === 1 || mask === null) return 0n;
  // A length of 0 wraps around. The kernel lets one bit more than a page pass, but no caller has memory of zeros there.
  if (maxnode === 0 || maxnode > PAGE_SIZE * 8) return 'EINVAL';
  const nodes = BigInt.asUintN(maxnode - 1, mask);
  return nodes >> BigInt(MAX_NUMNODES) === 0n ? nodes : 'EINVAL';
}

/** What a structure asks of a new policy. */
export type PolicyRequest = Readonly<{
  mode: number;
  flags: number;
  nodes: Nodemask;
  weights: readonly number[] | null;
}>;

/**
 * Checks mode and flags (`sanitize_mpol_flags`), reads the nodes, and checks that weights come with a mode that has use
 * for them: weighted interleave, or with `extendInterleave` interleave, too.
 */
export function policyRequest(args: MpolArgs, extendInterleave: boolean): PolicyRequest | Errno {
  const { mode, mode_flags: flags, interleave_weights: weights } = args;
  if (mode < 0 || mode >= MPOL.MAX || (flags & ~MPOL_MODE_FLAGS) !== 0) return 'EINVAL';
  const both = MPOL_F_STATIC_NODES | MPOL_F_RELATIVE_NODES;
  if ((flags & both) === both) return 'EINVAL';
  const balancing = (flags & MPOL_F_NUMA_BALANCING) !== 0;
  if (balancing && mode !== MPOL.BIND && mode !== MPOL.PREFERRED_MANY) return 'EINVAL';
  const nodes = getNodes(args.policy_nodemask, args.policy_maxnode);
  if (failed(nodes)) return nodes;
  const weighted =
    mode === MPOL.WEIGHTED_INTERLEAVE || (mode === MPOL.INTERLEAVE && extendInterleave);
  if (weights !== null && !weighted) return 'EINVAL';
  return { mode, flags, nodes, weights: weights?.slice(0, args.policy_maxnode) ?? null };
}
