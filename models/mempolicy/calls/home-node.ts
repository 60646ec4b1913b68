import { failed, type Outcome } from '../kernel/errno.ts';
import type { Kernel, Task } from '../kernel/kernel.ts';
import { nodeIsset } from '../nodemask.ts';
import { hasHomeNode } from './mbind.ts';
import { pageRange } from './page-range.ts';

/**
 * set_mempolicy_home_node: the node from which the policies of all mappings in a range choose the nearest. ENOENT where
 * no mapping there has a policy, EOPNOTSUPP at the first whose policy has no use for one; those before it keep theirs.
 *
 * Source: mm/mempolicy.c, Linux 6.12.
 */
export function setMempolicyHomeNode(
  kernel: Kernel,
  task: Task,
  address: number,
  length: number,
  node: number,
  flags: number,
): Outcome {
  if (address % kernel.topology.pageBytes !== 0 || flags !== 0) return 'EINVAL';
  if (!nodeIsset(node, kernel.n_memory)) return 'EINVAL';
  const range = pageRange(kernel, address, length);
  if (failed(range)) return range;
  const [start, end] = range;
  if (start === end) return 0;
  let outcome: Outcome = 'ENOENT';
  for (const vma of task.mm.within(start, end)) {
    if (vma.policy === null) continue;
    if (!hasHomeNode(vma.policy)) return 'EOPNOTSUPP';
    task.mm.setPolicy(vma, start, end, { ...vma.policy, home_node: node });
    outcome = 0;
  }
  return outcome;
}
