import type { Kernel, Task } from './kernel.ts';
import { freePages } from './page-allocator.ts';
import { allocateKernelPage } from './table-pages.ts';

/** How many pages a gather lists by itself. */
const MMU_GATHER_BUNDLE = 8;
/** Entries of the lists it has in all, however large they are. */
const MAX_GATHERED = 10_000;
const BYTES_PER_ENTRY = 8;
/** What stands in front of the entries in each list. */
const HEADER_BYTES = 16;

/**
 * What takes pages away, all at once (`struct mmu_gather`): it lists them, and the tables that go, on pages which it takes
 * from the task's policy by the task's counter and gives back at the end.
 *
 * Source: mm/mmu_gather.c, Linux 6.12; held against 6.12 and 7.2 by counting.
 */
export class MmuGather {
  readonly #kernel: Kernel;
  readonly #task: Task;
  /** Entries of a list that are used before the next one is needed: two are always kept free. */
  readonly #entries: number;
  readonly #maxLists: number;
  readonly #lists: number[] = [];
  #current = 0;
  #used = 0;
  #tableList: number | null = null;
  #tables = 0;

  constructor(kernel: Kernel, task: Task) {
    this.#kernel = kernel;
    this.#task = task;
    this.#entries = (kernel.topology.pageBytes - HEADER_BYTES) / BYTES_PER_ENTRY;
    this.#maxLists = Math.floor(MAX_GATHERED / this.#entries);
  }

  /** Lists a page, or several of one huge page, which take two entries. */
  pages(count: number): void {
    this.#used += count > 1 ? 2 : 1;
    const entries = this.#current === 0 ? MMU_GATHER_BUNDLE : this.#entries;
    if (this.#used < entries - 1) return;
    if (this.#current < this.#lists.length || this.#addList()) {
      this.#current++;
      this.#used = 0;
    } else {
      this.flush();
    }
  }

  /** Gives back a table; before Linux 6.14 that takes no list unless the kernel is built for guests of some hypervisors. */
  table(node: number): void {
    freePages(this.#kernel, node);
    if (!this.#kernel.version.gathersTables) return;
    if (this.#tables === 0) this.#tableList = allocateKernelPage(this.#kernel, this.#task);
    if (++this.#tables === this.#entries) this.#flushTables();
  }

  /** Lets go of what is listed; the lists stay, but that of tables. */
  flush(): void {
    this.#current = 0;
    this.#used = 0;
    this.#flushTables();
  }

  /** Gives the lists back. */
  finish(): void {
    this.#flushTables();
    for (const node of this.#lists) freePages(this.#kernel, node);
  }

  #addList(): boolean {
    if (this.#lists.length === this.#maxLists) return false;
    const node = allocateKernelPage(this.#kernel, this.#task);
    if (node === null) return false;
    this.#lists.push(node);
    return true;
  }

  #flushTables(): void {
    if (this.#tableList !== null) freePages(this.#kernel, this.#tableList);
    this.#tableList = null;
    this.#tables = 0;
  }
}
