/**
 * Pages the kernel takes for itself on a task's behalf: page tables. They go under the task's policy by its counter, in
 * between its own pages.
 */

import type { Kernel, Task } from './kernel.ts';
import { allocatePages, freePages } from './page-allocator.ts';

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

/** Makes the tables that map a page; false where there is no memory for the lowest. */
export function ensureTable(kernel: Kernel, task: Task, page: number): boolean {
  const { pages } = task.mm;
  if (pages.hasLeaf(page)) return true;
  ensureUpperTables(kernel, task, page);
  const node = allocateKernelPage(kernel, task);
  if (node === null) return false;
  pages.addTable(page, node);
  return true;
}

/** Makes the tables above the lowest. */
export function ensureUpperTables(kernel: Kernel, task: Task, page: number): void {
  for (const { key } of upperTablesOf(task, page)) {
    if (key === THERE_ALREADY || task.upperTables.has(key)) continue;
    const node = allocateKernelPage(kernel, task);
    if (node !== null) task.upperTables.set(key, node);
  }
}

/**
 * Frees all tables for pages from `start` up to `end` that no mapping needs any more: there is none from `floor` up to
 * `ceiling` (`free_pgd_range` in mm/memory.c). `table` hears of the node of each.
 */
export function freeTables(
  task: Task,
  [start, end]: readonly [number, number],
  [floor, ceiling]: readonly [number, number],
  table: (node: number) => void,
): void {
  const { pages } = task.mm;
  const first = Math.floor(start / pages.span) * pages.span;
  const last = Math.ceil(end / pages.span) * pages.span;
  pages.dropTables(Math.max(floor, first), Math.min(ceiling, last), table);
  for (const page of [start, end - 1]) {
    for (const { key, covers, base } of upperTablesOf(task, page)) {
      const node = task.upperTables.get(key);
      if (node === undefined || base < floor || base + covers > ceiling) continue;
      task.upperTables.delete(key);
      table(node);
    }
  }
}

/** Gives the upper tables back as the process ends. */
export function endTables(kernel: Kernel, task: Task): void {
  for (const node of task.upperTables.values()) freePages(kernel, node);
  task.upperTables.clear();
}

function upperTablesOf(task: Task, page: number): { key: string; covers: number; base: number }[] {
  return UPPER_LEVELS.map((level, above) => {
    const covers = task.mm.pages.span * TABLES_IN_A_TABLE ** (above + 1);
    const place = Math.floor(page / covers);
    return { key: `${level} ${place}`, covers, base: place * covers };
  });
}
