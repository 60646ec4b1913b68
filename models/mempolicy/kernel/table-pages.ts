/**
 * Pages the kernel takes for itself on a task's behalf: page tables. They go under the task's policy by its counter, in
 * between its own pages.
 */

import type { Kernel, Task } from './kernel.ts';
import { allocatePages } from './page-allocator.ts';

/**
 * Levels of page tables above the lowest, each covering this many tables of the one below. The table of the highest level
 * that covers the lowest addresses is there from the start: it maps the program itself.
 */
const UPPER_LEVELS = ['pmd', 'pud'];
const THERE_ALREADY = 'pud 0';
const TABLES_IN_A_TABLE = 512;

/**
 * The node of a page for the kernel's own use, null where none has room. Under first-touch it is local and leaves the
 * counter to the task's pages.
 */
export function allocateKernelPage(kernel: Kernel, task: Task): number | null {
  const byCounter = kernel.settings.discipline === 'address';
  return allocatePages(kernel, task, byCounter ? task.mempolicy : null, null);
}

/** Makes the lowest table that maps a page, below those of `ensureUpperTables`; false where there is no memory for it. */
export function ensureTable(kernel: Kernel, task: Task, page: number): boolean {
  const { pages } = task.mm;
  if (pages.hasLeaf(page)) return true;
  const node = allocateKernelPage(kernel, task);
  if (node === null) return false;
  pages.addTable(page, node);
  return true;
}

/** Makes the tables above the lowest; a fault does so before anything else. */
export function ensureUpperTables(kernel: Kernel, task: Task, page: number): void {
  let covers = task.mm.pages.span;
  for (const level of UPPER_LEVELS) {
    covers *= TABLES_IN_A_TABLE;
    const place = Math.floor(page / covers);
    const key = `${level} ${place}`;
    if (key === THERE_ALREADY || task.upperTables.has(key)) continue;
    const node = allocateKernelPage(kernel, task);
    const start = place * covers;
    if (node !== null) task.upperTables.set(key, { start, end: start + covers, node });
  }
}

/**
 * Frees all tables for pages from `start` up to `end` that no mapping needs any more: there is none from `floor` up to
 * `ceiling` (`free_pgd_range` in mm/memory.c). `freed` hears of the node of each.
 */
export function freeTables(
  task: Task,
  [start, end]: readonly [number, number],
  [floor, ceiling]: readonly [number, number],
  freed: (node: number) => void,
): void {
  const { pages } = task.mm;
  const first = Math.floor(start / pages.span) * pages.span;
  const last = Math.ceil(end / pages.span) * pages.span;
  pages.dropTables(Math.max(floor, first), Math.min(ceiling, last), freed);
  for (const [key, table] of task.upperTables) {
    const emptied = table.start < end && table.end > start;
    if (!emptied || table.start < floor || table.end > ceiling) continue;
    task.upperTables.delete(key);
    freed(table.node);
  }
}
