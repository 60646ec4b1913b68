/**
 * A memory policy (`struct mempolicy`) and what happens to its nodes: made from what the user said, bound to the nodes a
 * cpuset allows, bound anew when those change.
 *
 * Source: mm/mempolicy.c, Linux 6.12 (`mpol_new`, `mpol_set_nodemask`, `mpol_rebind_policy`, `__mpol_equal`,
 * `mpol_to_str`). Beside it, `weights` are those a policy may bring itself, as the extensible interface proposed.
 */

import type { KernelVersion } from '../kernel-version.ts';
import {
  firstNode,
  fold,
  maskOf,
  type Nodemask,
  nodelistText,
  nodesOf,
  onto,
  remap,
} from '../nodemask.ts';
import type { Errno, Outcome } from './errno.ts';
import {
  MPOL,
  MPOL_F_NUMA_BALANCING,
  MPOL_F_RELATIVE_NODES,
  MPOL_F_STATIC_NODES,
  MPOL_MODE_FLAGS,
  NUMA_NO_NODE,
} from './mpol-constants.ts';

/** A policy of a task or of a mapping. No policy at all (null) is the default one. */
export type Mempolicy = {
  mode: number;
  readonly flags: number;
  /** The nodes it comes to under the cpuset as it is. */
  nodes: Nodemask;
  home_node: number;
  /**
   * The union `w`: the nodemask the user gave where the policy keeps it (see `storesUserNodemask`), else the cpuset's
   * nodes when it was bound. Both in one place, as in the kernel: a rebind writes the cpuset's over the user's.
   */
  w: Nodemask;
  /** A weight for each node id, 0 counting as 1; null where the weights are those of the weight home. */
  readonly weights: readonly number[] | null;
};

/** True where a policy keeps the user's own nodemask in `w` (`mpol_store_user_nodemask`). */
export function storesUserNodemask({ flags }: Mempolicy, version: KernelVersion): boolean {
  const keeping = version.balancingKeepsNodemask
    ? MPOL_MODE_FLAGS
    : MPOL_F_STATIC_NODES | MPOL_F_RELATIVE_NODES;
  return (flags & keeping) !== 0;
}

/** True for the two modes that spread pages over nodes. */
export function interleaves({ mode }: Mempolicy): boolean {
  return mode === MPOL.INTERLEAVE || mode === MPOL.WEIGHTED_INTERLEAVE;
}

/**
 * A policy as the user gave it, its nodes not bound yet; null for the default one. EINVAL where mode, flags and nodes
 * contradict each other (`mpol_new`).
 */
export function newMempolicy(
  mode: number,
  flags: number,
  nodes: Nodemask,
  weights: readonly number[] | null,
): Mempolicy | null | Errno {
  const empty = nodes === 0n;
  const pinned = (flags & (MPOL_F_STATIC_NODES | MPOL_F_RELATIVE_NODES)) !== 0;
  if (mode === MPOL.DEFAULT) return empty ? null : 'EINVAL';
  if (mode === MPOL.PREFERRED && empty) {
    if (pinned) return 'EINVAL';
  } else if (mode === MPOL.LOCAL) {
    if (!empty || pinned) return 'EINVAL';
  } else if (empty) return 'EINVAL';
  return {
    mode: mode === MPOL.PREFERRED && empty ? MPOL.LOCAL : mode,
    flags,
    nodes: 0n,
    home_node: NUMA_NO_NODE,
    w: 0n,
    weights,
  };
}

/** Binds a new policy to the nodes allowed; EINVAL where none of the user's is (`mpol_set_nodemask`). */
export function bindNodes(
  policy: Mempolicy,
  user: Nodemask,
  allowed: Nodemask,
  version: KernelVersion,
): Outcome {
  if (policy.mode === MPOL.LOCAL) return 0;
  const relative = (policy.flags & MPOL_F_RELATIVE_NODES) !== 0;
  const nodes = relative ? relativeNodes(user, allowed) : user & allowed;
  policy.w = storesUserNodemask(policy, version) ? user : allowed;
  if (nodes === 0n) return 'EINVAL';
  policy.nodes = policy.mode === MPOL.PREFERRED ? maskOf([firstNode(nodes)]) : nodes;
  return 0;
}

/** The user's mask folded over as many nodes as are allowed, then mapped onto them (`mpol_relative_nodemask`). */
function relativeNodes(user: Nodemask, allowed: Nodemask): Nodemask {
  return onto(fold(user, nodesOf(allowed).length), allowed);
}

/** Binds a policy to other nodes once its cpuset has them (`mpol_rebind_policy`). */
export function rebind(policy: Mempolicy | null, allowed: Nodemask, version: KernelVersion): void {
  if (policy === null || policy.mode === MPOL.LOCAL) return;
  if (!storesUserNodemask(policy, version) && policy.w === allowed) return;
  if (policy.mode === MPOL.PREFERRED || policy.mode === MPOL.PREFERRED_MANY) {
    policy.w = allowed;
    return;
  }
  let nodes: Nodemask;
  if ((policy.flags & MPOL_F_STATIC_NODES) !== 0) nodes = policy.w & allowed;
  else if ((policy.flags & MPOL_F_RELATIVE_NODES) !== 0) nodes = relativeNodes(policy.w, allowed);
  else {
    nodes = remap(policy.nodes, policy.w, allowed);
    policy.w = allowed;
  }
  policy.nodes = nodes === 0n ? allowed : nodes;
}

/** True where two policies are the same, so that their mappings may merge (`mpol_equal`). */
export function equalPolicies(
  a: Mempolicy | null,
  b: Mempolicy | null,
  version: KernelVersion,
): boolean {
  if (a === b) return true;
  if (a === null || b === null) return false;
  if (a.mode !== b.mode || a.flags !== b.flags || a.home_node !== b.home_node) return false;
  if (storesUserNodemask(a, version) && a.w !== b.w) return false;
  if (String(a.weights) !== String(b.weights)) return false;
  return a.mode === MPOL.LOCAL || a.nodes === b.nodes;
}

const MODE_NAMES: Readonly<Record<number, string>> = {
  [MPOL.PREFERRED]: 'prefer',
  [MPOL.BIND]: 'bind',
  [MPOL.INTERLEAVE]: 'interleave',
  [MPOL.LOCAL]: 'local',
  [MPOL.PREFERRED_MANY]: 'prefer (many)',
  [MPOL.WEIGHTED_INTERLEAVE]: 'weighted interleave',
};

/** A policy as numa_maps prints it (`mpol_to_str`): `weighted interleave=static:0-2`. */
export function mempolicyText(policy: Mempolicy | null): string {
  if (policy === null) return 'default';
  const { mode, flags, nodes } = policy;
  const named = [
    ...((flags & MPOL_F_STATIC_NODES) !== 0 ? ['static'] : []),
    ...((flags & MPOL_F_RELATIVE_NODES) !== 0 ? ['relative'] : []),
    ...((flags & MPOL_F_NUMA_BALANCING) !== 0 ? ['balancing'] : []),
  ];
  const list = mode === MPOL.LOCAL || nodes === 0n ? '' : `:${nodelistText(nodes)}`;
  return `${MODE_NAMES[mode]}${named.length === 0 ? '' : `=${named.join('|')}`}${list}`;
}
