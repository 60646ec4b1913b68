import type { SharedMemory, Vma } from '../kernel/address-space.ts';
import { failed, type Outcome } from '../kernel/errno.ts';
import type { Kernel, Task } from '../kernel/kernel.ts';
import { freePages } from '../kernel/page-allocator.ts';
import { pageRange } from './page-range.ts';

/** What a mapping is to be: private or shared (with that inode number), with or without MADV_HUGEPAGE. */
export type MappingKind = Readonly<{ shared?: Readonly<{ inode: number }>; huge: boolean }>;

/** mmap of anonymous memory at a fixed address, in place of what was there; MADV_HUGEPAGE or MADV_NOHUGEPAGE goes with it. */
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
    kind.shared === undefined ? null : { inode: kind.shared.inode, pages: new Map() };
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
  let mapped = 0;
  for (const vma of task.mm.within(...range)) {
    const [start, end] = [Math.max(vma.start, range[0]), Math.min(vma.end, range[1])];
    clearPages(kernel, task, vma, start, end);
    mapped += end - start;
  }
  return mapped === pages ? 0 : 'ENOMEM';
}

/** What goes when a process ends: all its memory, and the tables that mapped it. */
export function endMemory(kernel: Kernel, task: Task): void {
  const vmas = task.mm.all();
  if (vmas.length > 0) unmap(kernel, task, [vmas[0].start, vmas[vmas.length - 1].end]);
  for (const node of task.upperTables.values()) freePages(kernel, node);
  task.upperTables.clear();
}

function unmap(kernel: Kernel, task: Task, [start, end]: readonly [number, number]): void {
  const { mm } = task;
  const gone = mm.within(start, end);
  for (const vma of gone) {
    const [from, to] = [Math.max(vma.start, start), Math.min(vma.end, end)];
    clearPages(kernel, task, vma, from, to);
    for (const [index, { node }] of vma.shared?.pages ?? []) {
      const page = vma.start + (index - vma.pgoff);
      if (page < from || page >= to) continue;
      freePages(kernel, node);
      vma.shared?.pages.delete(index);
    }
  }
  mm.remove(start, end);
  if (gone.length === 0) return;
  // Tables go with the last mapping on them: from the end of the mapping before to the start of the one behind.
  const vmas = mm.all();
  const before = vmas.findLast((vma) => vma.end <= start)?.end ?? 0;
  const behind = vmas.find((vma) => vma.start >= end)?.start ?? Number.POSITIVE_INFINITY;
  const reach = Math.min(behind, Math.ceil(end / mm.pages.span) * mm.pages.span);
  mm.pages.dropTables(
    Math.max(before, Math.floor(start / mm.pages.span) * mm.pages.span),
    reach,
    (node) => freePages(kernel, node),
  );
}

function clearPages(kernel: Kernel, task: Task, vma: Vma, start: number, end: number): void {
  const give = (node: number) => freePages(kernel, node);
  // The pages of shared memory stay, only the mapping of them goes.
  task.mm.pages.clear(start, end, vma.shared === null ? give : () => {}, give);
}
