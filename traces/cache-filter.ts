/**
 * The data caches between a program and memory: which of its accesses reach memory.
 *
 * Every level is set-associative with least-recently-used replacement, write-back and write-allocate. A reference
 * looks in the first level; where any of its lines is missing, the whole reference goes on to the next, as in
 * cachegrind (`cachegrind/cg_sim.c`, valgrind 3.19). A line missing in the last level is a read from memory. A dirty
 * line that is evicted is written into the next level that holds it, without making it more recent there, and to
 * memory where none does; so hits and misses are those of a simulator that ignores write-backs, which cachegrind is.
 *
 * Left out: instruction fetches, prefetching, coherence between threads (all share these caches), physical indexing
 * (sets are chosen by virtual address), and dirty lines still in the caches when the program ends.
 */

import { type LineFilter, LineStream, touchedLines } from './line-stream.ts';
import { grown, type PageTable } from './page-table.ts';

/** One cache level: its capacity, its associativity, and its line. */
export type CacheGeometry = Readonly<{ bytes: number; ways: number; lineBytes: number }>;

/** A tag is `2 * line + dirty` in 32 bits, the line counted over the pages in first-touch order. */
const MAX_LINES = 2 ** 31 - 1;
/** The tag of no line: that of the line after the last. */
const EMPTY = 2 * MAX_LINES + 1;

type CacheLevel = {
  ways: number;
  sets: number;
  /** `2 * line + dirty` of every way, set after set, most recently used first. */
  tags: Uint32Array;
  /** The set of each page's first line, by page ordinal. */
  firstSet: Uint32Array;
};

/**
 * The lines of a trace that miss every cache, and the dirty lines that come back.
 *
 * `levels` is ordered from the core to memory; one line size throughout. A capacity that is no whole number of sets is
 * rounded down to one, but never below one set. Pages are numbered in `pages`. Throws where a level is not usable, and
 * later where the trace touches more lines than can be numbered (128 GiB of 64-byte lines).
 */
export function cacheFilter(
  levels: readonly CacheGeometry[],
  pages: PageTable,
  pageBytes: number,
): LineFilter {
  const lineBytes = levels[0]?.lineBytes ?? 64;
  const linesPerPage = pageBytes / lineBytes;
  const caches = levels.map((geometry, index) => cacheLevel(geometry, index, lineBytes));
  const depth = caches.length;
  const touched = touchedLines(pages, pageBytes, lineBytes);
  const stream = new LineStream();
  let known = 0;
  let row = 0;

  function learnPages(): void {
    if (pages.count * linesPerPage > MAX_LINES) {
      throw new Error(
        `cache filter: footprint (got ${pages.count} pages, expected at most 2^31 lines)`,
      );
    }
    for (const cache of caches) {
      if (pages.low.length > cache.firstSet.length)
        cache.firstSet = grown(cache.firstSet, pages.low.length);
      for (let page = known; page < pages.count; page++) {
        const number = pages.high[page] * 0x1_0000_0000 + pages.low[page];
        cache.firstSet[page] = ((number % cache.sets) * linesPerPage) % cache.sets;
      }
    }
    known = pages.count;
  }

  function writeBack(line: number, from: number): void {
    const page = Math.floor(line / linesPerPage);
    const inPage = line % linesPerPage;
    for (let level = from; level < depth; level++) {
      if (markDirty(caches[level], line, page, inPage)) return;
    }
    stream.push(row, page, inPage, 1);
  }

  /** True where the line was there; makes it the most recent of its set either way. */
  function lookUp(level: number, page: number, inPage: number, dirty: number): boolean {
    const cache = caches[level];
    const { tags, ways } = cache;
    const first = firstWay(cache, page, inPage);
    const wanted = ((page * linesPerPage + inPage) * 2) >>> 0;
    let way = first;
    const end = first + ways;
    while (way < end && (tags[way] & ~1) >>> 0 !== wanted) way++;
    const hit = way < end;
    const tag = hit ? tags[way] : wanted;
    if (!hit) way = end - 1;
    const victim = tags[way];
    for (let w = way; w > first; w--) tags[w] = tags[w - 1];
    tags[first] = (tag | dirty) >>> 0;
    if (hit) return true;
    if ((victim & 1) === 1 && victim !== EMPTY) writeBack(victim >>> 1, level + 1);
    return false;
  }

  return (batch) => {
    const { length, row: rows, page, line, write } = touched(batch);
    if (pages.count > known) learnPages();
    stream.length = 0;
    const [nearest] = caches;
    for (let from = 0, to = 0; from < length; from = to) {
      row = rows[from];
      to = from + 1;
      while (to < length && rows[to] === row) to++;
      // Nearly all accesses are of one line which is the most recent of its set: that changes nothing but its tag.
      if (to === from + 1) {
        const way = firstWay(nearest, page[from], line[from]);
        const front = nearest.tags[way];
        if ((front & ~1) >>> 0 === ((page[from] * linesPerPage + line[from]) * 2) >>> 0) {
          nearest.tags[way] = front | write[from];
          continue;
        }
      }
      let missed = true;
      for (let level = 0; missed && level < depth; level++) {
        missed = false;
        for (let i = from; i < to; i++) {
          if (lookUp(level, page[i], line[i], level === 0 ? write[i] : 0)) continue;
          missed = true;
          if (level === depth - 1) stream.push(row, page[i], line[i], 0);
        }
      }
    }
    return stream;
  };
}

/** The place of the most recent line of the set a line belongs to. */
function firstWay(cache: CacheLevel, page: number, inPage: number): number {
  const set = cache.firstSet[page] + inPage;
  return (set < cache.sets ? set : set % cache.sets) * cache.ways;
}

function cacheLevel(geometry: CacheGeometry, index: number, lineBytes: number): CacheLevel {
  const { bytes, ways } = geometry;
  if (geometry.lineBytes !== lineBytes) {
    throw new Error(
      `cache level ${index + 1}: line size (got ${geometry.lineBytes}, expected ${lineBytes})`,
    );
  }
  const sets = Math.max(1, Math.floor(bytes / (ways * lineBytes)));
  return {
    ways,
    sets,
    tags: new Uint32Array(sets * ways).fill(EMPTY),
    firstSet: new Uint32Array(0),
  };
}

function markDirty(cache: CacheLevel, line: number, page: number, inPage: number): boolean {
  const first = firstWay(cache, page, inPage);
  const clean = (line * 2) >>> 0;
  for (let way = first; way < first + cache.ways; way++) {
    if ((cache.tags[way] & ~1) >>> 0 === clean) {
      cache.tags[way] = (clean | 1) >>> 0;
      return true;
    }
  }
  return false;
}
