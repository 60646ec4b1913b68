import { policyAt } from '../kernel/address-space.ts';
import { type Errno, failed } from '../kernel/errno.ts';
import type { Kernel, Task } from '../kernel/kernel.ts';
import { interleaves, type Mempolicy, storesUserNodemask } from '../kernel/mempolicy.ts';
import {
  MPOL,
  MPOL_F_ADDR,
  MPOL_F_MEMS_ALLOWED,
  MPOL_F_NODE,
  MPOL_MODE_FLAGS,
  NUMA_NO_NODE,
} from '../kernel/mpol-constants.ts';
import { lookupNode } from '../kernel/page-fault.ts';
import { nextNode, policyGroups } from '../kernel/policy-nodes.ts';
import type { Nodemask } from '../nodemask.ts';
import { type MpolArgs, mpolArgs } from './mpol-args.ts';

/** Bits beyond which a mask does not fit into the page that is copied to the caller. */
const PAGE_BITS = 4096 * 8;

/** What the extensible calls answer: the fields of `struct mpol_args` they fill. */
export type PolicyAnswer = {
  mode: number;
  mode_flags: number;
  policy_nodemask?: Nodemask;
  mems_allowed?: Nodemask;
  /** The node the task's counter would use next; -1 where the policy has none. */
  policy_node: number;
  /** The node of the page at the address; -1 where none is there. Only of mappings. */
  vma_node?: number;
  home_node?: number;
  /** The weight of every node of the policy by node id, 0 for others; only of interleaving policies. */
  interleave_weights?: readonly number[];
};

/** get_mempolicy2: the policy of a task. EINVAL where a mask asked for has fewer bits than there are nodes. */
export function getMempolicy2(
  kernel: Kernel,
  target: Task,
  args: MpolArgs,
  weights: boolean,
): PolicyAnswer | Errno {
  const { mempolicy: policy } = target;
  const answer = describe(kernel, target, policy, args, weights);
  if (failed(answer)) return answer;
  const counted = policy !== null && interleaves(policy);
  return { ...answer, policy_node: counted ? nextNode(kernel, target, policy) : NUMA_NO_NODE };
}

/** get_vma_mempolicy: the policy of a mapping, the default one where it has none of its own. EFAULT: no mapping there. */
export function getVmaMempolicy(
  kernel: Kernel,
  target: Task,
  address: number,
  args: MpolArgs,
  weights: boolean,
): PolicyAnswer | Errno {
  const page = Math.floor(address / kernel.topology.pageBytes);
  const vma = target.mm.lookup(page);
  if (vma === undefined) return 'EFAULT';
  const policy = policyAt(vma, page);
  const answer = describe(kernel, target, policy, args, weights);
  if (failed(answer)) return answer;
  const at = target.mm.pages.at(page);
  return {
    ...answer,
    vma_node: typeof at === 'number' ? at : NUMA_NO_NODE,
    home_node: policy?.home_node ?? NUMA_NO_NODE,
  };
}

/**
 * get_mempolicy with all its flags: the mode, or a node in its place, and the nodes. `mask` is null where the caller
 * gave no place for one (a maxnode of 0).
 */
export function getMempolicy(
  kernel: Kernel,
  task: Task,
  flags: number,
  maxnode: number,
  address: number,
): { mode: number; mask: Nodemask | null; errno?: Errno } | Errno {
  const args = mpolArgs({ policy_nodemask: maxnode === 0 ? null : 0n, policy_maxnode: maxnode });
  const answer = answerOldCall(kernel, task, flags, address, args);
  if (failed(answer)) return answer;
  const { mode, mask } = answer;
  // The mode has been written by the time the mask turns out too long to be.
  if (maxnode - 1 > PAGE_BITS) return { mode, mask: null, errno: 'EINVAL' };
  return { mode, mask: maxnode === 0 ? null : mask };
}

function answerOldCall(
  kernel: Kernel,
  task: Task,
  flags: number,
  address: number,
  args: MpolArgs,
): { mode: number; mask: Nodemask } | Errno {
  const asked = args.policy_nodemask !== null;
  if (asked && args.policy_maxnode < kernel.nr_node_ids) return 'EINVAL';
  if ((flags & ~(MPOL_F_NODE | MPOL_F_ADDR | MPOL_F_MEMS_ALLOWED)) !== 0) return 'EINVAL';
  const [node, ofAddress] = [(flags & MPOL_F_NODE) !== 0, (flags & MPOL_F_ADDR) !== 0];
  if ((flags & MPOL_F_MEMS_ALLOWED) !== 0) {
    return node || ofAddress ? 'EINVAL' : { mode: MPOL.DEFAULT, mask: task.mems_allowed };
  }
  if (!ofAddress && address !== 0) return 'EINVAL';
  const answer = ofAddress
    ? getVmaMempolicy(kernel, task, address, args, false)
    : getMempolicy2(kernel, task, args, false);
  if (failed(answer)) return answer;
  const { policy_nodemask: mask = 0n } = answer;
  if (!node) return { mode: answer.mode | answer.mode_flags, mask };
  if (ofAddress) {
    const found = lookupNode(kernel, task, Math.floor(address / kernel.topology.pageBytes));
    return failed(found) ? found : { mode: found, mask };
  }
  return answer.policy_node === NUMA_NO_NODE ? 'EINVAL' : { mode: answer.policy_node, mask };
}

function describe(
  kernel: Kernel,
  target: Task,
  policy: Mempolicy | null,
  args: MpolArgs,
  weights: boolean,
): PolicyAnswer | Errno {
  const short = (pointer: boolean, maxnode: number) => pointer && maxnode < kernel.nr_node_ids;
  if (short(args.policy_nodemask !== null, args.policy_maxnode)) return 'EINVAL';
  if (short(args.mems_allowed, args.mems_maxnode)) return 'EINVAL';
  const answer: PolicyAnswer = {
    mode: policy?.mode ?? MPOL.DEFAULT,
    mode_flags: (policy?.flags ?? 0) & MPOL_MODE_FLAGS,
    policy_node: NUMA_NO_NODE,
  };
  if (args.policy_nodemask !== null) answer.policy_nodemask = nodemaskOf(kernel, policy);
  if (args.mems_allowed) answer.mems_allowed = target.mems_allowed;
  if (weights && policy !== null && interleaves(policy)) {
    answer.interleave_weights = weightsOf(kernel, target, policy);
  }
  return answer;
}

function nodemaskOf(kernel: Kernel, policy: Mempolicy | null): Nodemask {
  if (policy === null) return 0n;
  return storesUserNodemask(policy, kernel.version) ? policy.w : policy.nodes;
}

function weightsOf(kernel: Kernel, target: Task, policy: Mempolicy): number[] {
  const weights = Array.from({ length: kernel.nr_node_ids }, () => 0);
  for (const { weight, nodes } of policyGroups(kernel, target, policy)) {
    for (const node of nodes) weights[node] = weight;
  }
  return weights;
}
