import type { KernelVersion } from '../kernel-version.ts';
import { equalPolicies, type Mempolicy } from './mempolicy.ts';
import { PageTables } from './page-tables.ts';
import type { SharedPolicy } from './shared-policy.ts';

/** A page of shared memory: the node it is on, and whether it was ever written to. */
export type SharedPage = { node: number; dirty: boolean };

/** A shared mapping's memory: its inode number, the pages that are there, by index, and their policies. */
export type SharedMemory = Readonly<{
  inode: number;
  pages: Map<number, SharedPage>;
  policies: SharedPolicy;
}>;

/**
 * A mapping (`struct vm_area_struct`): the pages from `start` up to `end`, by number. `policy` is the one set last, bound to
 * the cpuset as it is; it counts for private pages only (see `policyAt`). `anon_vma` is who its anonymous pages belong to once
 * it has any; mappings with different ones do not merge.
 */
export type Vma = {
  start: number;
  end: number;
  pgoff: number;
  readonly advice: 'hugepage' | 'nohugepage';
  readonly shared: SharedMemory | null;
  policy: Mempolicy | null;
  anon_vma: object | null;
};

/** The index of a page in what a mapping maps (`linear_page_index`). */
export function indexIn(vma: Vma, page: number): number {
  return vma.pgoff + (page - vma.start);
}

/** The policy set for a page of a mapping: the mapping's, or that of the shared memory it maps (`__get_vma_policy`). */
export function policyAt(vma: Vma, page: number): Mempolicy | null {
  return vma.shared === null ? vma.policy : vma.shared.policies.lookup(indexIn(vma, page));
}

/**
 * The mappings and pages of a process (`struct mm_struct`). The invariant: mappings are in ascending order and do not
 * overlap, and two that touch and could merge have been merged.
 *
 * Source: mm/vma.c, Linux 6.12 (`vma_merge_existing_range`, `can_vma_merge_after`, `find_mergeable_anon_vma`).
 */
export class AddressSpace {
  readonly pages: PageTables;
  readonly #version: KernelVersion;
  #vmas: Vma[] = [];

  constructor(pageBytes: number, version: KernelVersion) {
    this.pages = new PageTables(pageBytes);
    this.#version = version;
  }

  /** The mapping with this page (`vma_lookup`). */
  lookup(page: number): Vma | undefined {
    const vma = this.#vmas[this.#placeOf(page)];
    return vma !== undefined && vma.start <= page ? vma : undefined;
  }

  /** The mappings with a page between `start` and `end`, in ascending order. */
  within(start: number, end: number): Vma[] {
    const found: Vma[] = [];
    for (let i = this.#placeOf(start); i < this.#vmas.length && this.#vmas[i].start < end; i++) {
      found.push(this.#vmas[i]);
    }
    return found;
  }

  /** All mappings in ascending order. */
  all(): readonly Vma[] {
    return this.#vmas;
  }

  /** Adds a mapping where none is, and merges it with its neighbours. */
  insert(vma: Vma): void {
    this.#vmas.splice(this.#placeOf(vma.start), 0, vma);
    this.#merge(vma);
  }

  /** Takes away all mappings between `start` and `end`; those that reach beyond are cut. */
  remove(start: number, end: number): void {
    this.#splitAt(start);
    this.#splitAt(end);
    this.#vmas = this.#vmas.filter((vma) => vma.end <= start || vma.start >= end);
  }

  /** Sets the policy of a mapping between `start` and `end`, splitting and merging as need be (`mbind_range`). */
  setPolicy(vma: Vma, start: number, end: number, policy: Mempolicy | null): void {
    const [from, to] = [Math.max(start, vma.start), Math.min(end, vma.end)];
    if (equalPolicies(vma.policy, policy, this.#version)) return;
    this.#splitAt(from);
    this.#splitAt(to);
    const [part] = this.within(from, to);
    part.policy = policy === null ? null : { ...policy };
    part.shared?.policies.replace(part.pgoff, indexIn(part, part.end), policy);
    this.#merge(part);
  }

  /** Gives a mapping its `anon_vma`, that of a neighbour it could merge with if there is one. */
  prepareAnon(vma: Vma): void {
    if (vma.anon_vma !== null) return;
    const place = this.#vmas.indexOf(vma);
    const [before, after] = [this.#vmas[place - 1], this.#vmas[place + 1]];
    const fromAfter = after !== undefined && this.#alike(vma, after) ? after.anon_vma : null;
    const fromBefore = before !== undefined && this.#alike(before, vma) ? before.anon_vma : null;
    vma.anon_vma = fromAfter ?? fromBefore ?? {};
  }

  /** The first mapping that ends above the page. */
  #placeOf(page: number): number {
    let [low, high] = [0, this.#vmas.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#vmas[middle].end <= page) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #splitAt(page: number): void {
    const place = this.#placeOf(page);
    const vma = this.#vmas[place];
    if (vma === undefined || vma.start >= page) return;
    if (page % this.pages.span !== 0) this.pages.splitHuge(page);
    const upper = { ...vma, start: page, pgoff: indexIn(vma, page) };
    if (upper.policy !== null) upper.policy = { ...upper.policy };
    vma.end = page;
    this.#vmas.splice(place + 1, 0, upper);
  }

  #alike(a: Vma, b: Vma): boolean {
    return (
      a.end === b.start &&
      a.advice === b.advice &&
      a.shared === b.shared &&
      b.pgoff === a.pgoff + (b.start - a.start) &&
      equalPolicies(a.policy, b.policy, this.#version)
    );
  }

  /** Merges a mapping with those before and behind it, where they are alike and their owners allow it. */
  #merge(vma: Vma): void {
    const place = this.#vmas.indexOf(vma);
    const [before, behind] = [this.#vmas[place - 1], this.#vmas[place + 1]];
    const own = vma.anon_vma;
    const left = before !== undefined && this.#alike(before, vma) && this.#joins(own, before);
    const right = behind !== undefined && this.#alike(vma, behind) && this.#joins(own, behind);
    const strangers = left && right && before.anon_vma !== null && behind.anon_vma !== null;
    if (right && !(strangers && before.anon_vma !== behind.anon_vma)) {
      vma.end = behind.end;
      vma.anon_vma ??= behind.anon_vma;
      this.#vmas.splice(place + 1, 1);
    }
    if (left) {
      before.end = vma.end;
      before.anon_vma ??= vma.anon_vma;
      this.#vmas.splice(place, 1);
    }
  }

  /** Whether the owner of a mapping's pages lets it merge with a neighbour (`is_mergeable_anon_vma`). */
  #joins(own: object | null, { anon_vma: other }: Vma): boolean {
    if (own === other) return true;
    return other === null ? this.#version.mergesWithUntouched : own === null;
  }
}
