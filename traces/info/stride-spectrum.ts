import { gcd } from '../gcd.ts';
import type { CountedLines } from '../line-stream.ts';
import type { PageTable } from '../page-table.ts';
import type { TraceBatch } from '../trace.ts';

/** A distance in pages between pages touched in succession, its share of all such steps, and the totals it aliases with. */
export type Stride = Readonly<{ pages: number; share: number; aliases: readonly number[] }>;

/** How a program steps from page to page: the commonest strides, and the share of steps longer than 16 MiB of 4 KiB pages. */
export type StrideSpectrum = Readonly<{ steps: number; strides: readonly Stride[]; far: number }>;

const LONGEST = 4096;
const SHOWN = 8;
/** A stride is worth showing from this share of steps on. */
const LEAST_SHARE = 0.001;
/** Totals of weights up to this are looked at for a common factor. */
const MOST_TOTAL = 32;

/** Counts the steps from one page to the next that each thread makes; touching the same page again is no step. */
export class StrideCounts {
  #steps = 0;
  #far = 0;
  readonly #near = new Float64Array(2 * LONGEST + 1);
  readonly #pageOf = new Map<number, number>();
  #thread = -1;
  #last = -1;

  /** Counts a batch, whose lines are whole pages numbered in `pages`. */
  count({ length, page, row }: CountedLines, { thread }: TraceBatch, pages: PageTable): void {
    for (let i = 0; i < length; i++) {
      const id = thread[row === undefined ? i : row[i]];
      const now = page[i];
      if (id === this.#thread && now === this.#last) continue;
      if (id !== this.#thread) {
        this.#pageOf.set(this.#thread, this.#last);
        this.#last = this.#pageOf.get(id) ?? -1;
        this.#thread = id;
      }
      const last = this.#last;
      this.#last = now;
      if (last === -1 || last === now) continue;
      const high = pages.high[now] - pages.high[last];
      const stride = high * 0x1_0000_0000 + (pages.low[now] - pages.low[last]);
      this.#steps++;
      if (stride < -LONGEST || stride > LONGEST) this.#far++;
      else this.#near[stride + LONGEST]++;
    }
  }

  /** The commonest strides, the most frequent first. */
  spectrum(): StrideSpectrum {
    const steps = Math.max(1, this.#steps);
    const order = Array.from(this.#near, (count, i) => ({ pages: i - LONGEST, count }))
      .filter(({ count }) => count >= LEAST_SHARE * steps && count > 0)
      .sort(
        (a, b) => b.count - a.count || Math.abs(a.pages) - Math.abs(b.pages) || a.pages - b.pages,
      );
    return {
      steps: this.#steps,
      strides: order
        .slice(0, SHOWN)
        .map(({ pages, count }) => ({ pages, share: count / steps, aliases: aliasesOf(pages) })),
      far: this.#far / steps,
    };
  }
}

/** Totals of weights of which a walk in this stride reaches only some of the places. */
function aliasesOf(stride: number): number[] {
  const totals: number[] = [];
  for (let total = 2; total <= MOST_TOTAL; total++)
    if (gcd(Math.abs(stride), total) > 1) totals.push(total);
  return totals;
}
