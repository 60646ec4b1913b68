import { type Errno, failed, type Outcome } from '../kernel/errno.ts';
import type { Kernel, Task } from '../kernel/kernel.ts';
import { bindNodes, interleaves, type Mempolicy, newMempolicy } from '../kernel/mempolicy.ts';
import { MPOL_MODE_FLAGS } from '../kernel/mpol-constants.ts';
import { MAX_NUMNODES, type Nodemask } from '../nodemask.ts';
import { type MpolArgs, mpolArgs, type PolicyRequest, policyRequest } from './mpol-args.ts';

/** set_mempolicy2: sets the policy of a task; its nodes are bound to those the task's own cpuset allows. */
export function setMempolicy2(kernel: Kernel, target: Task, args: MpolArgs): Outcome {
  const asked = policyRequest(args, kernel.settings.extendInterleave);
  const made = failed(asked) ? asked : boundPolicy(kernel, target, asked);
  if (failed(made)) return made;
  target.mempolicy = made;
  if (made !== null && interleaves(made)) {
    target.il_prev = MAX_NUMNODES - 1;
    target.il_weight = 0;
    target.il_turns.clear();
  }
  return 0;
}

/** set_mempolicy: the same with mode and flags in one number. */
export function setMempolicy(
  kernel: Kernel,
  task: Task,
  mode: number,
  nodemask: Nodemask | null,
  maxnode: number,
): Outcome {
  return setMempolicy2(kernel, task, argsOf(mode, nodemask, maxnode));
}

/** The arguments of an old call as those of a new one: its flags are bits of its mode. */
export function argsOf(mode: number, nodemask: Nodemask | null, maxnode: number): MpolArgs {
  return mpolArgs({
    mode: mode & ~MPOL_MODE_FLAGS,
    mode_flags: mode & MPOL_MODE_FLAGS,
    policy_nodemask: nodemask,
    policy_maxnode: maxnode,
  });
}

/** The policy asked for, bound to the nodes a task's cpuset allows; null for the default one. */
export function boundPolicy(
  kernel: Kernel,
  target: Task,
  asked: PolicyRequest,
): Mempolicy | null | Errno {
  const policy = newMempolicy(asked.mode, asked.flags, asked.nodes, asked.weights);
  if (failed(policy) || policy === null) return policy;
  const allowed = target.mems_allowed & kernel.n_memory;
  const bound = bindNodes(policy, asked.nodes, allowed, kernel.version);
  return bound === 0 ? policy : bound;
}
