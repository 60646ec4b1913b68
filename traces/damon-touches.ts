/**
 * Accesses out of what DAMON saw.
 *
 * DAMON (`mm/damon/core.c`, Linux 5.15 to 6.17) watches regions. In every sampling interval (5 ms by default) it looks at one
 * page of each region and whether it was accessed since, and takes all pages of the region as alike. At the end of an
 * aggregation interval (100 ms) a region's `nr_accesses` is in how many sampling intervals its page was found accessed. So
 * `nr_accesses * pages` is the best estimate of how often a page of the region was found accessed: these are the touches here.
 *
 * A touch becomes one cache line of its page, read, as the trace at memory has it: that much at least was accessed, so traffic
 * is a lower bound, while its shares among pages are DAMON's. One touch in `period` makes a row (the trace's sample period),
 * counted on over regions and intervals, so that the number of rows is that of touches over period, to the row.
 * A terabyte of touched pages makes so many rows that an interval with more than 16 million is refused.
 *
 * Rows are spread as evenly as they can be: over the interval in 20 rounds, in each over the regions in turn, and over
 * a region's pages by the golden ratio, which fills a region without gaps and has no stride that interleaving could alias with.
 *
 * Not known at all: stores, lines within a page, which thread, and the order within an interval.
 */

import { BatchBuilder } from './batch-builder.ts';
import { LOAD, type TraceBatch } from './trace.ts';

/** A region in one aggregation interval: pages of 4 KiB, and in how many sampling intervals it was found accessed. */
export type DamonRegion = Readonly<{
  firstPage: number;
  pages: number;
  accesses: number;
  thread: number;
}>;

/** One touch in this many makes a row, where nothing else is asked for. */
export const DAMON_PERIOD = 64;

/** Rows of one interval at most. */
const MAX_ROWS = 1 << 24;

const ROUNDS = 20;
const GOLDEN_RATIO = (Math.sqrt(5) - 1) / 2;
const LINE_BYTES = 64;
const PAGES_PER_WORD = 2 ** 20;

/** Turns intervals into rows; carries on from one to the next where in the period it was, and the batch it was filling. */
export class DamonTouches {
  readonly #period: number;
  readonly #builder = new BatchBuilder();
  #due = 0;
  #spread = 0;

  constructor(period: number) {
    this.#period = period;
  }

  /**
   * The batches that fill up with the touches of `regions` between `startNs` and `endNs`. Sets `touched[i]` to 1 where
   * region i made a row. Throws where there would be too many; `where` names the interval.
   */
  *interval(
    where: string,
    regions: readonly DamonRegion[],
    startNs: number,
    endNs: number,
    touched: Uint8Array,
  ): Generator<TraceBatch> {
    const period = this.#period;
    const builder = this.#builder;
    const touches = regions.reduce((sum, { pages, accesses }) => sum + pages * accesses, 0);
    if (touches / period > MAX_ROWS) {
      const expected = `at most ${MAX_ROWS}: --sample-period ${Math.ceil(touches / MAX_ROWS)} or more`;
      throw new Error(
        `${where}: too many rows (got ${Math.ceil(touches / period)}, expected ${expected})`,
      );
    }
    for (let round = 0; round < ROUNDS; round++) {
      const time = Math.floor(startNs + ((endNs - startNs) * round) / ROUNDS);
      for (let i = 0; i < regions.length; i++) {
        const { firstPage, pages, accesses, thread } = regions[i];
        const all = pages * accesses;
        this.#due += Math.floor((all * (round + 1)) / ROUNDS) - Math.floor((all * round) / ROUNDS);
        for (; this.#due >= period; this.#due -= period) {
          this.#spread = (this.#spread + GOLDEN_RATIO) % 1;
          const page = firstPage + Math.floor(this.#spread * pages);
          const low = (page % PAGES_PER_WORD) * 4096;
          builder.push(time, low, Math.floor(page / PAGES_PER_WORD), LINE_BYTES, LOAD, thread);
          touched[i] = 1;
          if (builder.full) yield builder.take();
        }
      }
    }
  }

  /** The last batch, if there is anything in it. */
  *rest(): Generator<TraceBatch> {
    if (this.#builder.length > 0) yield this.#builder.take();
  }
}
