import { type AddressSpace, indexIn, type Vma } from '../kernel/address-space.ts';
import { failed, type Outcome } from '../kernel/errno.ts';
import type { Kernel, Task } from '../kernel/kernel.ts';
import { interleaves, type Mempolicy } from '../kernel/mempolicy.ts';
import { misplacedFolios, moveFolio } from '../kernel/migration.ts';
import {
  MPOL,
  MPOL_MF_MOVE_ALL,
  MPOL_MF_STRICT,
  MPOL_MF_VALID,
  NUMA_NO_NODE,
} from '../kernel/mpol-constants.ts';
import { allocatePages } from '../kernel/page-allocator.ts';
import { vmaPolicy } from '../kernel/page-fault.ts';
import type { Folio } from '../kernel/page-tables.ts';
import { type Nodemask, nodeIsset } from '../nodemask.ts';
import { type MpolArgs, policyRequest } from './mpol-args.ts';
import { pageRange } from './page-range.ts';
import { argsOf, boundPolicy } from './set-mempolicy.ts';

/**
 * set_vma_mempolicy: sets the policy of all mappings in a range of `length` bytes, splitting those at its ends, and moves
 * or complains of pages that lie elsewhere (STRICT, MOVE, MOVE_ALL). A home node may come along with the modes that have
 * one. `caller` needs CAP_SYS_NICE for MOVE_ALL.
 *
 * Source: `do_mbind` in mm/mempolicy.c, Linux 6.12. Which pages lie elsewhere is told by the nodes as the user gave them,
 * so that relative ones are taken as they are.
 */
export function setVmaMempolicy(
  kernel: Kernel,
  caller: Task,
  target: Task,
  address: number,
  length: number,
  args: MpolArgs,
  givenFlags: number,
): Outcome {
  const asked = policyRequest(args, kernel.settings.extendInterleave);
  if (failed(asked)) return asked;
  let flags = givenFlags;
  if ((flags & ~MPOL_MF_VALID) !== 0) return 'EINVAL';
  if ((flags & MPOL_MF_MOVE_ALL) !== 0 && !caller.cap_sys_nice) return 'EPERM';
  if (asked.mode === MPOL.DEFAULT) flags &= ~MPOL_MF_STRICT;
  const range = pageRange(kernel, address, length);
  if (failed(range)) return range;
  const [start, end] = range;
  if (start === end) return 0;
  const policy = boundPolicy(kernel, target, asked);
  if (failed(policy)) return policy;
  if (args.home_node !== NUMA_NO_NODE) {
    if (!nodeIsset(args.home_node, kernel.n_memory)) return 'EINVAL';
    if (policy === null || !hasHomeNode(policy)) return 'EOPNOTSUPP';
    policy.home_node = args.home_node;
  }
  const { mm } = target;
  const misplaced = misplacedFolios(mm, range, asked.nodes, flags, policy === null);
  if (failed(misplaced)) return misplaced;
  for (const vma of mm.within(start, end)) mm.setPolicy(vma, start, end, policy);
  const failures = moveByPolicy(kernel, target, policy, misplaced, mm.within(start, end));
  return failures > 0 && (flags & MPOL_MF_STRICT) !== 0 ? 'EIO' : 0;
}

/** mbind: the same for the caller's own mappings, with mode and flags in one number and no home node. */
export function mbind(
  kernel: Kernel,
  task: Task,
  address: number,
  length: number,
  mode: number,
  nodemask: Nodemask | null,
  maxnode: number,
  flags: number,
): Outcome {
  const args = argsOf(mode, nodemask, maxnode);
  return setVmaMempolicy(kernel, task, task, address, length, args, flags);
}

/** True for the modes that choose the nearest node to a home node. */
export function hasHomeNode({ mode }: Mempolicy): boolean {
  return mode === MPOL.BIND || mode === MPOL.PREFERRED_MANY;
}

/**
 * Moves folios to where their new policy, or else the task's, wants them; returns how many found no room. Interleaving
 * policies count by the folio's own index, from a base at which the first folio falls where its mapping has it.
 */
function moveByPolicy(
  kernel: Kernel,
  target: Task,
  own: Mempolicy | null,
  folios: readonly Folio[],
  vmas: readonly Vma[],
): number {
  const { mm } = target;
  const policy = own ?? target.mempolicy;
  if (folios.length === 0) return 0;
  const [{ first, pages }] = folios;
  const vma = vmas.find((v) => v.start <= first && first < v.end);
  const counted = vma !== undefined && policy !== null && interleaves(policy);
  const base = counted
    ? vmaPolicy(target, vma, first, pages).ilx - Math.floor(indexOf(mm, first) / pages)
    : 0;
  const place = (page: number, long: number) =>
    allocatePages(kernel, target, policy, base + Math.floor(indexOf(mm, page) / long), long);
  return folios.reduce((failures, folio) => failures + moveFolio(kernel, mm, folio, place), 0);
}

/** The index of a page in what it is a page of: the address space, or the shared memory. */
function indexOf(mm: AddressSpace, page: number): number {
  const vma = mm.lookup(page);
  return vma === undefined ? page : indexIn(vma, page);
}
