import { indexIn, policyAt, type Vma } from '../kernel/address-space.ts';
import type { Errno } from '../kernel/errno.ts';
import type { Kernel, Task } from '../kernel/kernel.ts';
import { mempolicyText } from '../kernel/mempolicy.ts';

/**
 * The line of `/proc/PID/numa_maps` of the mapping at an address; ENOENT where there is none. Private pages
 * were all written, so they are dirty.
 *
 * Source: `show_numa_map` in fs/proc/task_mmu.c, Linux 6.12. Left out: `active=`, which depends on reclaim.
 */
export function numaMapsLine(
  kernel: Kernel,
  task: Task,
  address: number,
): Readonly<{ text: string }> | Errno {
  const { pageBytes } = kernel.topology;
  const vma = task.mm.lookup(Math.floor(address / pageBytes));
  if (vma === undefined) return 'ENOENT';
  const counts = new Map<number, number>();
  let pages = 0;
  for (const folio of task.mm.pages.folios(vma.start, vma.end)) {
    const inside = Math.min(vma.end, folio.first + folio.pages) - Math.max(vma.start, folio.first);
    const mapped =
      folio.pages === 1 ? 1 : presentPages(task, folio.first, vma.start, vma.end, inside);
    counts.set(folio.node, (counts.get(folio.node) ?? 0) + mapped);
    pages += mapped;
  }
  const policy = mempolicyText(policyAt(vma, vma.start) ?? task.mempolicy);
  const words = [(vma.start * pageBytes).toString(16).padStart(8, '0'), policy];
  if (vma.shared !== null) words.push('file=/dev/zero\\040(deleted)');
  if (pages > 0) {
    if (vma.shared === null) words.push(`anon=${pages}`);
    const dirty = vma.shared === null ? pages : dirtyPages(task, vma);
    if (dirty > 0) words.push(`dirty=${dirty}`);
    if (dirty !== pages) words.push(`mapped=${pages}`);
    for (const node of [...counts.keys()].sort((a, b) => a - b))
      words.push(`N${node}=${counts.get(node)}`);
    words.push(`kernelpagesize_kB=${pageBytes / 1024}`);
  }
  return { text: words.join(' ') };
}

/** How many of the pages mapped from shared memory were ever written to. */
function dirtyPages(task: Task, vma: Vma): number {
  let dirty = 0;
  for (const { first } of task.mm.pages.folios(vma.start, vma.end)) {
    if (vma.shared?.pages.get(indexIn(vma, first))?.dirty === true) dirty++;
  }
  return dirty;
}

/** How many pages of a huge page that may be mapped in part lie in a mapping. */
function presentPages(
  task: Task,
  first: number,
  start: number,
  end: number,
  inside: number,
): number {
  const { pages } = task.mm;
  if (pages.isHuge(first)) return inside;
  let present = 0;
  for (let page = Math.max(first, start); page < Math.min(first + pages.span, end); page++) {
    const folio = pages.folioAt(page);
    if (folio !== undefined && folio.pages > 1) present++;
  }
  return present;
}
