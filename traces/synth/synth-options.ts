import type { Level } from '../trace.ts';

/** What every synthetic pattern takes: footprint in pages, number of accesses, seed, and the level it claims to be at. */
export type SynthOptions = Readonly<{
  pages: number;
  accesses: number;
  seed: number;
  level: Level;
}>;

/** Synthetic traces use the page and line nearly all machines have. */
export const PAGE_BYTES = 4096;
export const LINE_BYTES = 64;

/** First page of every synthetic footprint: 1 TiB, clear of anything a program would map low. */
export const BASE_PAGE = 2 ** 28;
