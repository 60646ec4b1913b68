/**
 * What an entry says of a page: nothing there, the zero page, or `FIRST_NODE` plus the node it is on; `UNWRITTEN` as well,
 * where it came along with a huge page and is still all zeros.
 */
const NONE = 0;
const ZERO = 1;
const FIRST_NODE = 2;
const UNWRITTEN = 0x80;

/** Where a page is: its node, or that it is absent, or the page of zeros that reading before writing maps. */
export type PageAt = number | 'none' | 'zero';

/**
 * A page table of the lowest level and what it maps, or the huge page mapped in its place. `folio` marks the entries that
 * are still parts of a huge page which has been mapped page by page since: those migrate together.
 */
type Leaf = { entries: Uint8Array; huge: boolean; folio: Uint8Array | null; tableNode: number };

/** A folio as calls that move pages see it: its first page, how many pages it has, and its node. */
export type Folio = Readonly<{ first: number; pages: number; node: number }>;

/**
 * Which pages of an address space are there, and on which node; by page number. The invariant: a leaf with `huge` set
 * has the same node, or the zero page, in all of its entries.
 *
 * Left out: partly unmapped huge pages give back each page at once, where the kernel waits until it splits them.
 */
export class PageTables {
  /** Pages that one table of the lowest level, and one huge page, covers. */
  readonly span: number;
  readonly #leaves = new Map<number, Leaf>();

  constructor(pageBytes: number) {
    this.span = pageBytes / 8;
  }

  /** Where a page is. */
  at(page: number): PageAt {
    const entry = this.#leafOf(page)?.entries[page % this.span] ?? NONE;
    if (entry === NONE) return 'none';
    return entry === ZERO ? 'zero' : nodeIn(entry);
  }

  /** Notes that a page of a huge page has been written to. */
  write(page: number): void {
    const entries = this.#leafOf(page)?.entries;
    if (entries !== undefined) entries[page % this.span] &= ~UNWRITTEN;
  }

  /** True where the page's table is there, or a huge page in its place. */
  hasLeaf(page: number): boolean {
    return this.#leafOf(page) !== undefined;
  }

  /** The node of the page's table, which a huge page has in reserve; undefined where there is none. */
  tableNode(page: number): number | undefined {
    return this.#leafOf(page)?.tableNode;
  }

  /** True where the page is mapped as part of a huge page, the huge zero page too. */
  isHuge(page: number): boolean {
    return this.#leafOf(page)?.huge ?? false;
  }

  /** Puts an empty table where there is none; `node` is where the table itself was allocated. */
  addTable(page: number, node: number): void {
    const entries = new Uint8Array(this.span);
    this.#leaves.set(this.#key(page), { entries, huge: false, folio: null, tableNode: node });
  }

  /** Maps one page: on a node, or as the zero page. Its table is there. */
  set(page: number, at: number | 'zero'): void {
    const leaf = this.#leafOf(page);
    if (leaf === undefined) throw new Error(`page ${page}: no table (expected one)`);
    const offset = page % this.span;
    leaf.entries[offset] = at === 'zero' ? ZERO : FIRST_NODE + at;
    if (leaf.folio !== null) leaf.folio[offset] = 0;
  }

  /** Maps a huge page around `page`; the table to split it with is kept, on `tableNode`. */
  setHuge(page: number, at: number | 'zero', tableNode: number): void {
    const entry = at === 'zero' ? ZERO : (FIRST_NODE + at) | UNWRITTEN;
    const entries = new Uint8Array(this.span).fill(entry);
    this.#leaves.set(this.#key(page), { entries, huge: true, folio: null, tableNode });
  }

  /** Maps a huge page by its single pages from now on; they stay one folio, unless it is the page of zeros. */
  splitHuge(page: number): void {
    const leaf = this.#leafOf(page);
    if (leaf === undefined || !leaf.huge) return;
    leaf.huge = false;
    if (leaf.entries[0] !== ZERO) leaf.folio = new Uint8Array(this.span).fill(1);
  }

  /**
   * Unmaps the pages from `start` up to `end`; `gone` hears of each, or of several at once that are parts of a huge page
   * still, with their node. A huge page that goes whole takes its table along, which `freeTable` hears of.
   */
  clear(
    start: number,
    end: number,
    gone: (node: number, pages: number) => void,
    freeTable: (node: number) => void,
  ): void {
    for (const [key, leaf] of this.#leavesIn(start, end)) {
      const base = key * this.span;
      const from = Math.max(start, base) - base;
      const to = Math.min(end, base + this.span) - base;
      if (leaf.huge && to - from < this.span) this.splitHuge(base);
      for (let i = from; i < to; ) {
        const { folio } = leaf;
        let next = i + 1;
        while (next < to && (leaf.huge || (folio?.[i] === 1 && folio[next] === 1))) next++;
        if (leaf.entries[i] >= FIRST_NODE) gone(nodeIn(leaf.entries[i]), next - i);
        leaf.entries.fill(NONE, i, next);
        folio?.fill(0, i, next);
        i = next;
      }
      if (leaf.huge) {
        this.#leaves.delete(key);
        freeTable(leaf.tableNode);
      }
    }
  }

  /** The parts of a range that one table each maps, or a huge page in its place; those with neither are left out. */
  *parts(start: number, end: number): Generator<[number, number]> {
    for (const [key] of this.#leavesIn(start, end)) {
      yield [Math.max(start, key * this.span), Math.min(end, (key + 1) * this.span)];
    }
  }

  /** Drops the tables that lie wholly between `start` and `end`; `freeTable` hears of each. */
  dropTables(start: number, end: number, freeTable: (node: number) => void): void {
    for (const [key, leaf] of this.#leavesIn(start, end)) {
      if (key * this.span < start || (key + 1) * this.span > end) continue;
      this.#leaves.delete(key);
      freeTable(leaf.tableNode);
    }
  }

  /** The folios with a page between `start` and `end`, in ascending order of address; the zero page is none. */
  *folios(start: number, end: number): Generator<Folio> {
    for (const [key, leaf] of this.#leavesIn(start, end)) {
      const base = key * this.span;
      let folioSeen = false;
      for (let page = Math.max(start, base); page < Math.min(end, base + this.span); page++) {
        const entry = leaf.entries[page - base];
        if (entry < FIRST_NODE) continue;
        const large = leaf.huge || leaf.folio?.[page - base] === 1;
        if (large && folioSeen) continue;
        folioSeen ||= large;
        const [first, pages] = large ? [base, this.span] : [page, 1];
        yield { first, pages, node: nodeIn(entry) };
      }
    }
  }

  /** The folio a page belongs to; undefined where no page is there, or the zero page. */
  folioAt(page: number): Folio | undefined {
    for (const folio of this.folios(page, page + 1)) return folio;
    return undefined;
  }

  /** True where all pages of a huge page are still mapped. */
  isWhole({ first }: Folio): boolean {
    const leaf = this.#leafOf(first);
    return leaf !== undefined && (leaf.huge || (leaf.folio?.every((part) => part === 1) ?? false));
  }

  /**
   * Makes single pages of what is left of a huge page, and returns them. Those never written to become the zero page and
   * are given back: `free` hears of each (`try_to_map_unused_to_zeropage` in mm/migrate.c, Linux 6.12).
   */
  splitFolio({ first, node }: Folio, free: (node: number) => void): Folio[] {
    this.splitHuge(first);
    const leaf = this.#leafOf(first);
    const parts: Folio[] = [];
    for (const [i, part] of leaf?.folio?.entries() ?? []) {
      if (leaf === undefined || part === 0) continue;
      if (leaf.entries[i] < UNWRITTEN) {
        parts.push({ first: first + i, pages: 1, node });
        continue;
      }
      free(node);
      leaf.entries[i] = ZERO;
    }
    if (leaf !== undefined) leaf.folio = null;
    return parts;
  }

  /** Moves a folio, all of whose pages are there, to a node. */
  moveFolio({ first, pages }: Folio, node: number): void {
    const entries = this.#leafOf(first)?.entries;
    const from = first % this.span;
    for (let i = from; entries !== undefined && i < from + pages; i++) {
      entries[i] = (entries[i] & UNWRITTEN) | (FIRST_NODE + node);
    }
  }

  #key(page: number): number {
    return Math.floor(page / this.span);
  }

  #leafOf(page: number): Leaf | undefined {
    return this.#leaves.get(this.#key(page));
  }

  /** The leaves with a page between `start` and `end`, in ascending order. */
  *#leavesIn(start: number, end: number): Generator<[number, Leaf]> {
    const [low, high] = [this.#key(start), this.#key(end - 1)];
    if (high - low < this.#leaves.size) {
      for (let key = low; key <= high; key++) {
        const leaf = this.#leaves.get(key);
        if (leaf !== undefined) yield [key, leaf];
      }
      return;
    }
    const keys = [...this.#leaves.keys()].filter((key) => key >= low && key <= high);
    for (const key of keys.sort((a, b) => a - b)) yield [key, this.#leaves.get(key) as Leaf];
  }
}

function nodeIn(entry: number): number {
  return (entry & ~UNWRITTEN) - FIRST_NODE;
}
