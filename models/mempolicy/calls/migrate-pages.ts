import type { Errno } from '../kernel/errno.ts';
import type { Kernel, Task } from '../kernel/kernel.ts';
import { migrateNodes } from '../kernel/migration.ts';
import type { Nodemask } from '../nodemask.ts';

/**
 * migrate_pages on the caller itself: moves its pages from some nodes to others, as far as its cpuset allows them. Returns
 * how many could not be moved. EPERM where a node is not allowed and the caller has no CAP_SYS_NICE, EINVAL where none is.
 *
 * Source: `kernel_migrate_pages` in mm/mempolicy.c, Linux 6.12.
 */
export function migratePages(
  kernel: Kernel,
  task: Task,
  from: Nodemask,
  to: Nodemask,
): number | Errno {
  const { effective_mems: allowed } = task.cgroup;
  if ((to & ~allowed) !== 0n && !task.cap_sys_nice) return 'EPERM';
  if ((to & allowed) === 0n) return 'EINVAL';
  return migrateNodes(kernel, task.mm, from, to & allowed);
}
