import type { TouchedPages } from './touched-pages.ts';
import type { TracedVma } from './trace.ts';

const PAGE_BYTES = 4096;

/**
 * A program's mappings as they come: sorted, and disjoint. Where one comes over others, it stays, and they are cut. One that is
 * unmapped stays until another takes its place, since what was done in it has been recorded.
 */
export class Mappings {
  #vmas: TracedVma[] = [];

  /** Adds a mapping over whatever lies there. */
  map(vma: TracedVma): void {
    if (vma.end <= vma.start) return;
    this.#replace(vma.start, vma.end, [vma]);
  }

  /** Sets `huge` in a range of bytes. */
  advise(start: number, end: number, huge: boolean): void {
    const inside = this.#within(start, end);
    if (inside.length > 0)
      this.#replace(
        start,
        end,
        inside.map((vma) => ({ ...vma, huge })),
      );
  }

  /**
   * Moves `oldBytes` at `from` to `to`, where they are `bytes` long. Their pgoff goes with them, as `copy_vma` of the
   * kernel has it for pages that were touched.
   */
  move(from: number, oldBytes: number, to: number, bytes: number): void {
    const moved = this.#within(from, from + Math.max(1, oldBytes));
    const last = moved.at(-1);
    if (last === undefined) return;
    const by = to - moved[0].start;
    const there = moved.map((vma) => ({ ...vma, start: vma.start + by, end: vma.end + by }));
    there[there.length - 1] = { ...there[there.length - 1], end: to + bytes };
    this.#replace(
      to,
      to + bytes,
      there.filter((vma) => vma.start < to + bytes).map((vma) => cut(vma, to, to + bytes)),
    );
  }

  /** The mapping an address lies in. */
  at(address: number): TracedVma | undefined {
    return this.#within(address, address + 1)[0];
  }

  /**
   * The mappings that hold touched pages, the one of the first store being the stack. Anonymous neighbours that continue
   * each other are one, as the kernel has it.
   */
  touched(pages: TouchedPages): readonly TracedVma[] {
    const list: TracedVma[] = [];
    for (const vma of this.#vmas) {
      if (!pages.between(vma.start, vma.end)) continue;
      const { firstStore: store = -1 } = pages;
      const isStack = vma.kind === 'anonymous' && vma.start <= store && store < vma.end;
      const named: TracedVma = isStack ? { ...vma, kind: 'stack' } : vma;
      const before = list.at(-1);
      if (before !== undefined && continues(before, named))
        list[list.length - 1] = { ...before, end: named.end };
      else list.push(named);
    }
    return list;
  }

  /** The parts of mappings from `start` to before `end`. */
  #within(start: number, end: number): TracedVma[] {
    return this.#vmas
      .filter((vma) => vma.start < end && vma.end > start)
      .map((vma) => cut(vma, start, end));
  }

  #replace(start: number, end: number, vmas: readonly TracedVma[]): void {
    const before = this.#vmas
      .filter((vma) => vma.start < start)
      .map((vma) => cut(vma, vma.start, start));
    const after = this.#vmas.filter((vma) => vma.end > end).map((vma) => cut(vma, end, vma.end));
    this.#vmas = [...before, ...vmas, ...after];
  }
}

/** The part of a mapping from `start` to before `end`. */
function cut(vma: TracedVma, start: number, end: number): TracedVma {
  const from = Math.max(vma.start, start);
  return {
    ...vma,
    start: from,
    end: Math.min(vma.end, end),
    pgoff: vma.pgoff + (from - vma.start) / PAGE_BYTES,
  };
}

function continues(before: TracedVma, next: TracedVma): boolean {
  return (
    before.end === next.start &&
    before.kind === next.kind &&
    before.huge === next.huge &&
    (next.kind === 'anonymous' || next.kind === 'heap') &&
    before.pgoff + (before.end - before.start) / PAGE_BYTES === next.pgoff
  );
}
