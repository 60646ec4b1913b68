import type { Errno } from '../kernel/errno.ts';
import type { Kernel, Task } from '../kernel/kernel.ts';
import { moveFolio } from '../kernel/migration.ts';
import { MPOL_MF_MOVE, MPOL_MF_MOVE_ALL } from '../kernel/mpol-constants.ts';
import { takeFromNode } from '../kernel/page-allocator.ts';
import { nodeIsset } from '../nodemask.ts';

/** What `move_pages` says of a page that is not there (-ENOENT), and where nothing is mapped, or only zeros (-EFAULT). */
const NOT_PRESENT = -2;
const NOT_MAPPED = -14;

/** What the call returns, and the page's status: its node, a negative errno, or null where none was written. */
type Moved = Readonly<{ returned: number; status: number | null }> | Errno;

/**
 * move_pages of one page to a node. ENODEV where the node has no memory, EACCES where the cpuset does not allow it.
 *
 * Source: `kernel_move_pages` and `do_pages_move` in mm/migrate.c, Linux 6.12.
 */
export function movePage(
  kernel: Kernel,
  task: Task,
  address: number,
  node: number,
  flags: number,
): Moved {
  if ((flags & ~(MPOL_MF_MOVE | MPOL_MF_MOVE_ALL)) !== 0) return 'EINVAL';
  if ((flags & MPOL_MF_MOVE_ALL) !== 0 && !task.cap_sys_nice) return 'EPERM';
  if (!nodeIsset(node, kernel.n_memory)) return 'ENODEV';
  if (!nodeIsset(node, task.cgroup.effective_mems)) return 'EACCES';
  const found = pageStatus(kernel, task, address);
  if (found < 0 || found === node) return { returned: 0, status: found };
  const folio = task.mm.pages.folioAt(Math.floor(address / kernel.topology.pageBytes));
  const target = (_: number, pages: number) => takeFromNode(kernel, node, pages);
  if (folio === undefined || moveFolio(kernel, task.mm, folio, target) > 0) {
    return { returned: 1, status: null };
  }
  return { returned: 0, status: node };
}

/** The node of the page at an address as a query by move_pages tells it: -2 where it is not there, -14 not mapped. */
export function pageStatus(kernel: Kernel, task: Task, address: number): number {
  const page = Math.floor(address / kernel.topology.pageBytes);
  if (task.mm.lookup(page) === undefined) return NOT_MAPPED;
  const at = task.mm.pages.at(page);
  if (at === 'none') return NOT_PRESENT;
  return at === 'zero' ? NOT_MAPPED : at;
}
