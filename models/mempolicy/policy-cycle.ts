import { interleaveCycle } from './interleave.ts';
import type { Kernel, Task } from './kernel/kernel.ts';
import { interleaves, type Mempolicy } from './kernel/mempolicy.ts';
import { policyGroups, policyNodes } from './kernel/policy-nodes.ts';
import { nodeIsset } from './nodemask.ts';

/**
 * The nodes (ids) a policy gives to interleave indices 0, 1, 2 and so on until they repeat, for a task as it is now and
 * as long as no node is full. One node, where the policy does not interleave.
 */
export function policyCycle(kernel: Kernel, task: Task, policy: Mempolicy | null): Uint8Array {
  const spread = policy !== null && interleaves(policy);
  const { nid, nodemask } = spread
    ? { nid: 0, nodemask: null }
    : policyNodes(kernel, task, policy, 0);
  const wanted = spread ? interleaveCycle(policyGroups(kernel, task, policy)) : Uint8Array.of(nid);
  const allowed = nodemask === null ? task.mems_allowed : nodemask & task.mems_allowed;
  const first = new Map(
    [...new Set(wanted)].map((node) => [
      node,
      kernel.zonelists.get(node)?.find((other) => nodeIsset(other, allowed)) ?? node,
    ]),
  );
  return wanted.map((node) => first.get(node) ?? node);
}
