/**
 * What touching a page does: allocates it under the mapping's policy, else the task's, else on the CPU's node.
 *
 *     ilx = (vm_pgoff >> order) + ((address - vm_start) >> (page_shift + order))        + the inode, for shared memory
 *
 * Source: `get_vma_policy` in mm/mempolicy.c, `do_anonymous_page` in mm/memory.c, `do_huge_pmd_anonymous_page` and
 * `do_huge_pmd_wp_page` in mm/huge_memory.c, Linux 6.12; `do_huge_zero_wp_pmd`, Linux 6.13.
 *
 * Left out: kernel memory other than page tables and lists of pages that go (slabs), huge pages of other sizes, swap.
 */

import { indexIn, policyAt, type SharedPage, type Vma } from './address-space.ts';
import type { Errno, Outcome } from './errno.ts';
import type { Kernel, Task } from './kernel.ts';
import { interleaves, type Mempolicy } from './mempolicy.ts';
import { allocatePages, freePages } from './page-allocator.ts';
import { allocateKernelPage, ensureTable, ensureUpperTables } from './table-pages.ts';

/** Of the memory around a page that is read, how much is mapped along with it, where it is there (`fault_around_bytes`). */
const FAULT_AROUND_BYTES = 65_536;

/** The policy that counts for a mapping (null: local) and the index of a page in it, for pages of this many base pages. */
export function vmaPolicy(
  task: Task,
  vma: Vma,
  page: number,
  pages: number,
): { policy: Mempolicy | null; ilx: number } {
  const policy = policyAt(vma, page) ?? task.mempolicy;
  const inode = vma.shared?.inode ?? 0;
  if (policy === null || !interleaves(policy)) return { policy, ilx: inode };
  const ilx = Math.floor(vma.pgoff / pages) + Math.floor((page - vma.start) / pages);
  return { policy, ilx: inode + ilx };
}

/** Writes to a page. EFAULT where nothing is mapped there, ENOMEM where no node allowed has a page left. */
export function touchPage(kernel: Kernel, task: Task, page: number): Outcome {
  const vma = task.mm.lookup(page);
  if (vma === undefined) return 'EFAULT';
  const { pages } = task.mm;
  const at = pages.at(page);
  if (typeof at === 'number') {
    pages.write(page);
    const shared = vma.shared?.pages.get(indexIn(vma, page));
    if (shared !== undefined) shared.dirty = true;
    return 0;
  }
  ensureUpperTables(kernel, task, page);
  if (at === 'zero' && pages.isHuge(page)) {
    if (kernel.version.hugeZeroBecomesHuge && faultHuge(kernel, task, vma, page)) return 0;
    pages.splitHuge(page);
  }
  if (!pages.hasLeaf(page) && faultHuge(kernel, task, vma, page)) return 0;
  if (!ensureTable(kernel, task, page)) return 'ENOMEM';
  if (vma.shared !== null) return writeShared(kernel, task, vma, page);
  task.mm.prepareAnon(vma);
  const { policy, ilx } = vmaPolicy(task, vma, page, 1);
  const node = allocatePages(kernel, task, policy, indexOf(kernel, ilx));
  if (node === null) return 'ENOMEM';
  pages.set(page, node);
  return 0;
}

/**
 * The node of the page at an address, which is read where it is not there yet: that maps the page of zeros, or allocates a
 * page of shared memory (`lookup_node`). EFAULT where nothing is mapped there.
 */
export function lookupNode(kernel: Kernel, task: Task, page: number): number | Errno {
  const vma = task.mm.lookup(page);
  if (vma === undefined) return 'EFAULT';
  const { pages } = task.mm;
  if (pages.at(page) === 'none') {
    ensureUpperTables(kernel, task, page);
    const read = vma.shared === null ? readZeros : readShared;
    if (!read(kernel, task, vma, page)) return 'ENOMEM';
  }
  const at = pages.at(page);
  if (typeof at === 'number') return at;
  // The page of zeros lies in the kernel's image, which is on the first node.
  return pages.isHuge(page) ? (kernel.hugeZeroNode ?? 0) : kernel.topology.nodes[0].id;
}

/** Maps the page of zeros, or the huge one where a huge page may be (`do_anonymous_page`); false where tables find no room. */
function readZeros(kernel: Kernel, task: Task, vma: Vma, page: number): boolean {
  const { pages } = task.mm;
  if (!pages.hasLeaf(page) && hugeAllowed(kernel, task, vma, page)) {
    const table = allocateKernelPage(kernel, task);
    if (table === null) return false;
    kernel.hugeZeroNode ??= allocatePages(kernel, task, task.mempolicy, null, pages.span);
    if (kernel.hugeZeroNode !== null) {
      pages.setHuge(page - (page % pages.span), 'zero', table);
      return true;
    }
    freePages(kernel, table);
  }
  if (!ensureTable(kernel, task, page)) return false;
  pages.set(page, 'zero');
  return true;
}

/** Maps a page of shared memory to be read, with what is around it (`do_read_fault`); false where there is no room. */
function readShared(kernel: Kernel, task: Task, vma: Vma, page: number): boolean {
  const { pages } = task.mm;
  if (!ensureTable(kernel, task, page)) return false;
  mapAround(kernel, task, vma, page);
  if (pages.at(page) !== 'none') return true;
  const shared = sharedPage(kernel, task, vma, page);
  if (shared !== null) pages.set(page, shared.node);
  return shared !== null;
}

/** Under first-touch, pages of mappings go by the task's counter, too. */
function indexOf(kernel: Kernel, ilx: number): number | null {
  return kernel.settings.discipline === 'first-touch' ? null : ilx;
}

/** Whether a mapping may have a huge page around this page: allowed, and wholly inside the mapping. */
function hugeAllowed(kernel: Kernel, task: Task, vma: Vma, page: number): boolean {
  const { span } = task.mm.pages;
  const first = page - (page % span);
  const enabled =
    kernel.thp === 'always' || (kernel.thp === 'madvise' && vma.advice === 'hugepage');
  return (
    enabled &&
    vma.advice !== 'nohugepage' &&
    vma.shared === null &&
    first >= vma.start &&
    first + span <= vma.end
  );
}

/** Maps a huge page around a page, if that may and can be. */
function faultHuge(kernel: Kernel, task: Task, vma: Vma, page: number): boolean {
  if (!hugeAllowed(kernel, task, vma, page)) return false;
  const { pages } = task.mm;
  const first = page - (page % pages.span);
  task.mm.prepareAnon(vma);
  const { policy, ilx } = vmaPolicy(task, vma, first, pages.span);
  const patient = vma.advice === 'hugepage';
  const node = allocatePages(kernel, task, policy, indexOf(kernel, ilx), pages.span, patient);
  if (node === null) return false;
  const table = pages.tableNode(page) ?? allocateKernelPage(kernel, task);
  if (table === null) {
    freePages(kernel, node, pages.span);
    return false;
  }
  pages.setHuge(first, node, table);
  pages.write(page);
  return true;
}

/** Maps and writes a page of shared memory (`do_shared_fault`). */
function writeShared(kernel: Kernel, task: Task, vma: Vma, page: number): Outcome {
  const shared = sharedPage(kernel, task, vma, page);
  if (shared === null) return 'ENOMEM';
  shared.dirty = true;
  task.mm.pages.set(page, shared.node);
  return 0;
}

/** A page of shared memory, allocated by whoever touches it first; null where no node has room. */
function sharedPage(kernel: Kernel, task: Task, vma: Vma, page: number): SharedPage | null {
  const index = indexIn(vma, page);
  const there = vma.shared?.pages.get(index);
  if (there !== undefined) return there;
  const { policy, ilx } = vmaPolicy(task, vma, page, 1);
  const node = allocatePages(kernel, task, policy, indexOf(kernel, ilx));
  if (node === null) return null;
  const shared = { node, dirty: false };
  vma.shared?.pages.set(index, shared);
  return shared;
}

/**
 * Maps the pages of shared memory around one that is read, as far as they are there already, one table maps them and they
 * are of the same mapping (`do_fault_around` in mm/memory.c, Linux 6.12).
 */
function mapAround(kernel: Kernel, task: Task, vma: Vma, page: number): void {
  const { pages } = task.mm;
  const count = Math.max(1, FAULT_AROUND_BYTES / kernel.topology.pageBytes);
  const first = Math.max(page - (page % count), vma.start);
  const end = Math.min(first + count, page - (page % pages.span) + pages.span, vma.end);
  for (let around = first; around < end; around++) {
    const shared = vma.shared?.pages.get(indexIn(vma, around));
    if (shared !== undefined && pages.at(around) === 'none') pages.set(around, shared.node);
  }
}
