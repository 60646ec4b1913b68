import type { SharedMemory, Vma } from '../kernel/address-space.ts';
import { failed, type Outcome } from '../kernel/errno.ts';
import type { Kernel, Task } from '../kernel/kernel.ts';
import { MmuGather } from '../kernel/mmu-gather.ts';
import { freePages } from '../kernel/page-allocator.ts';
import { SharedPolicy } from '../kernel/shared-policy.ts';
import { freeTables } from '../kernel/table-pages.ts';
import { pageRange } from './page-range.ts';

/** What a mapping is to be: private or shared (with its inode number), with or without MADV_HUGEPAGE. */
export type MappingKind = Readonly<{ shared?: Readonly<{ inode: number }>; huge: boolean }>;

/** mmap of anonymous memory at a fixed address, in place of what was there, with MADV_HUGEPAGE or MADV_NOHUGEPAGE. */
export function mapMemory(
  kernel: Kernel,
  task: Task,
  address: number,
  pages: number,
  kind: MappingKind,
): Outcome {
  const range = pageRange(kernel, address, pages * kernel.topology.pageBytes);
  if (failed(range) || pages === 0) return 'EINVAL';
  unmap(kernel, task, range);
  const shared: SharedMemory | null =
    kind.shared === undefined
      ? null
      : { inode: kind.shared.inode, pages: new Map(), policies: new SharedPolicy() };
  task.mm.insert({
    start: range[0],
    end: range[1],
    pgoff: shared === null ? range[0] : 0,
    advice: kind.huge ? 'hugepage' : 'nohugepage',
    shared,
    policy: null,
    anon_vma: null,
  });
  return 0;
}

/** munmap. */
export function unmapMemory(kernel: Kernel, task: Task, address: number, pages: number): Outcome {
  const range = pageRange(kernel, address, pages * kernel.topology.pageBytes);
  if (failed(range) || pages === 0) return 'EINVAL';
  unmap(kernel, task, range);
  return 0;
}

/** MADV_DONTNEED: private pages are gone, shared ones stay with their memory. ENOMEM where part of the range is not mapped. */
export function discardMemory(kernel: Kernel, task: Task, address: number, pages: number): Outcome {
  const range = pageRange(kernel, address, pages * kernel.topology.pageBytes);
  if (failed(range)) return range;
  const { discardsAsOne } = kernel.version;
  let gather = new MmuGather(kernel, task);
  let mapped = 0;
  for (const vma of task.mm.within(...range)) {
    const [start, end] = [Math.max(vma.start, range[0]), Math.min(vma.end, range[1])];
    clearPages(kernel, task, gather, vma, [start, end], discardsAsOne);
    mapped += end - start;
    if (discardsAsOne) continue;
    gather.finish();
    gather = new MmuGather(kernel, task);
  }
  gather.finish();
  return mapped === pages ? 0 : 'ENOMEM';
}

/** What goes when a process ends: all its memory, and the tables that mapped it. */
export function endMemory(kernel: Kernel, task: Task): void {
  const vmas = task.mm.all();
  if (vmas.length > 0) unmap(kernel, task, [vmas[0].start, vmas[vmas.length - 1].end]);
}

function unmap(kernel: Kernel, task: Task, [start, end]: readonly [number, number]): void {
  const { mm } = task;
  const gone = mm.within(start, end);
  if (gone.length === 0) return;
  const gather = new MmuGather(kernel, task);
  for (const vma of gone) {
    const [from, to] = [Math.max(vma.start, start), Math.min(vma.end, end)];
    clearPages(kernel, task, gather, vma, [from, to], false);
    for (const [index, { node }] of vma.shared?.pages ?? []) {
      const page = vma.start + (index - vma.pgoff);
      if (page < from || page >= to) continue;
      freePages(kernel, node);
      vma.shared?.pages.delete(index);
    }
  }
  mm.remove(start, end);
  const vmas = mm.all();
  const floor = vmas.findLast((vma) => vma.end <= start)?.end ?? 0;
  const ceiling = vmas.find((vma) => vma.start >= end)?.start ?? Number.POSITIVE_INFINITY;
  freeTables(task, [start, end], [floor, ceiling], (node) => gather.table(node));
  gather.finish();
}

/** Unmaps pages of a mapping, and frees the tables that are empty then, if so wanted. Pages of shared memory stay there. */
function clearPages(
  kernel: Kernel,
  task: Task,
  gather: MmuGather,
  vma: Vma,
  [start, end]: readonly [number, number],
  emptyTables: boolean,
): void {
  const { pages } = task.mm;
  const gone = (node: number, count: number) => {
    gather.pages(pages.span === count ? 1 : count);
    if (vma.shared === null) freePages(kernel, node, count);
  };
  const table = (node: number) => gather.table(node);
  for (const [from, to] of [...pages.parts(start, end)]) {
    pages.clear(from, to, gone, (node) => freePages(kernel, node));
    if (vma.shared !== null) gather.flush();
    if (emptyTables) pages.dropTables(from, to, table);
  }
}
