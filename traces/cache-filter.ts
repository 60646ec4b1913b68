/**
 * The caches between a program and memory: which of its accesses reach memory.
 *
 * Every level is set-associative with least-recently-used replacement, write-back and write-allocate; sets are chosen by
 * virtual address. A reference looks in the first level that holds its kind, data or instructions; where any of its lines
 * is missing, the whole reference goes on to the next, as in cachegrind (`cachegrind/cg_sim.c`, valgrind 3.19). A line
 * that no level held is read from memory. A dirty line that is evicted is written into the next level that holds it,
 * without making it more recent there, and to memory where none does; so hits and misses are those of a simulator that
 * ignores write-backs, which cachegrind is. A line that an inclusive level evicts leaves the levels above it as well, its
 * dirty data going down with it. Other levels are neither inclusive nor exclusive.
 *
 * With several cores, a thread runs on the core of its ordinal of first appearance, modulo their number. A store takes
 * the line away from all caches of other cores; a load that misses its core's own levels gets the line from a core that
 * has it, and dirty data is then written into the first level both share that holds it, else to memory (write-invalidate,
 * as MESI without its messages). One core's data and instructions do not look for each other.
 *
 * Left out: prefetching, time, physical indexing, and dirty lines still in the caches when the program ends.
 */

import type { CacheLevel } from './cache-level.ts';
import { type CacheTally, cacheTally } from './cache-tally.ts';
import { coreCaches } from './core-caches.ts';
import { type LineFilter, LineStream } from './line-stream.ts';
import type { PageTable } from './page-table.ts';
import { FETCH, LOAD, STORE } from './trace.ts';

/** A cache level: its capacity, its associativity, and its line, in bytes. */
export type CacheGeometry = Readonly<{
  bytes: number;
  ways: number;
  lineBytes: number;
  /** What it is for; both where left out. */
  holds?: 'data' | 'instructions' | 'both';
  /** True where a line that leaves it leaves the levels above it too. */
  inclusive?: boolean;
  /** How many of it stand side by side, each for an equal part of the cores; one where left out. */
  instances?: number;
}>;

/** Lines of the longest access, 65,535 bytes, where a line has 16. */
const MOST_LINES = 4097;

/**
 * The lines of a trace that miss every cache, and the dirty lines that come back.
 *
 * `levels` is ordered from the core to memory; one line size throughout, a power of two below the page's. Pages are
 * numbered in `pages`, in the order in which the program first touches them; references and misses are added to `tally`.
 * Throws where a level is not usable, and later at an instruction fetch where no level holds instructions.
 */
export function cacheFilter(
  levels: readonly CacheGeometry[],
  pages: PageTable,
  pageBytes: number,
  tally: CacheTally = cacheTally(levels.length),
): LineFilter {
  const cores = coreCaches(levels);
  const alone = cores.length === 1;
  const [{ lineBytes }] = levels;
  const { references, misses, memory } = tally;
  const lineShift = Math.log2(lineBytes);
  const highShift = 32 - lineShift;
  const lineMask = lineBytes - 1;
  const highMask = (1 << highShift) - 1;
  const pageShift = Math.log2(pageBytes / lineBytes);
  const inPageMask = pageBytes / lineBytes - 1;

  const stream = new LineStream();
  const coreOf = new Map<number, number>();
  const held = new Uint8Array(MOST_LINES);
  let row = 0;
  let usedCores = 1;
  let core = cores[0];
  let lastThread = -1;
  let lastLow = -1;
  let lastHigh = -1;
  let lastPage = -1;

  function toMemory(low: number, high: number, write: number): void {
    const pageLow = ((low >>> pageShift) | (high << (32 - pageShift))) >>> 0;
    const pageHigh = high >>> pageShift;
    if (pageLow !== lastLow || pageHigh !== lastHigh) {
      lastPage = pages.ordinal(pageLow, pageHigh);
      lastLow = pageLow;
      lastHigh = pageHigh;
    }
    stream.push(row, lastPage, low & inPageMask, write);
    memory[write]++;
  }

  function writeBack(low: number, high: number, path: readonly CacheLevel[], from: number): void {
    for (let depth = from; depth < path.length; depth++) {
      if (path[depth].markDirty(low, high)) return;
    }
    toMemory(low, high, 1);
  }

  /** Deals with the line a level has just pushed out. */
  function evicted(cache: CacheLevel, path: readonly CacheLevel[], depth: number): void {
    const low = cache.victimLine;
    const high = cache.victimMark >>> 1;
    let dirty = cache.victimMark & 1;
    for (let i = 0; i < cache.above.length; i++) {
      if (cache.above[i].drop(low, high) === 1) dirty = 1;
    }
    if (dirty === 1) writeBack(low, high, path, depth + 1);
  }

  /** Takes a line from the caches of other cores; true where one had it. Its dirty data become the taker's. */
  function takeFromOthers(low: number, high: number): boolean {
    let found = false;
    for (let other = 0; other < usedCores; other++) {
      const caches = core.foreign[other];
      for (let i = 0; i < caches.length; i++) if (caches[i].drop(low, high) >= 0) found = true;
    }
    return found;
  }

  /** Makes a line clean in the caches of other cores, its dirty data going down; true where one had it. */
  function shareWithOthers(low: number, high: number): boolean {
    let found = false;
    let dirty = false;
    for (let other = 0; other < usedCores; other++) {
      const caches = core.foreign[other];
      for (let i = 0; i < caches.length; i++) {
        const state = caches[i].clean(low, high);
        if (state >= 0) found = true;
        if (state === 1) dirty = true;
      }
    }
    if (dirty) writeBack(low, high, core.data, core.ownDepth);
    return found;
  }

  /** A reference to `count` lines from (low, high) on, through all levels that it needs. */
  function refer(op: number, low: number, high: number, count: number): void {
    const path = op === FETCH ? core.instructions : core.data;
    const last = path.length - 1;
    const sharing = !alone && op !== FETCH;
    for (let i = 0; i < count; i++) {
      held[i] =
        sharing && op === STORE && takeFromOthers((low + i) | 0, highOf(low, high, i)) ? 1 : 0;
    }
    for (let depth = 0; depth <= last; depth++) {
      const cache = path[depth];
      const dirty = op === STORE && depth === 0 ? 1 : 0;
      let missed = false;
      for (let i = 0; i < count; i++) {
        const lineLow = (low + i) | 0;
        const lineHigh = highOf(low, high, i);
        if (cache.lookUp(lineLow, lineHigh, dirty)) {
          held[i] = 1;
          continue;
        }
        missed = true;
        if (cache.above.length > 0 || (cache.victimMark & 1) === 1) evicted(cache, path, depth);
        if (sharing && depth === core.ownDepth - 1 && held[i] === 0) {
          held[i] = shareWithOthers(lineLow, lineHigh) ? 1 : 0;
        }
        if (depth === last && held[i] === 0) toMemory(lineLow, lineHigh, 0);
      }
      if (!missed) return;
      misses[3 * cache.level + op]++;
    }
  }

  /** The high word of the line `i` after this one. */
  function highOf(low: number, high: number, i: number): number {
    return (low >>> 0) + i > 0xffff_ffff ? (high + 1) & highMask : high;
  }

  function runOn(thread: number): void {
    let number = coreOf.get(thread);
    if (number === undefined) {
      number = coreOf.size % cores.length;
      coreOf.set(thread, number);
      usedCores = Math.max(usedCores, number + 1);
    }
    core = cores[number];
    lastThread = thread;
  }

  return ({ length, address, size, op: ops, thread }) => {
    stream.length = 0;
    if (core.instructions.length === 0 && ops.includes(FETCH)) {
      throw new Error(
        'caches: instruction fetch (got levels for data only, expected one for instructions or both)',
      );
    }
    let stores = 0;
    let fetches = 0;
    let data = core.data[0];
    let fetch = core.instructions[0];
    for (let i = 0; i < length; i++) {
      if (!alone && thread[i] !== lastThread) {
        runOn(thread[i]);
        data = core.data[0];
        fetch = core.instructions[0];
      }
      const op = ops[i];
      const store = op & STORE;
      const byteLow = address[2 * i];
      const byteHigh = address[2 * i + 1];
      const low = (byteLow >>> lineShift) | (byteHigh << highShift);
      const high = byteHigh >>> lineShift;
      const inLine = (byteLow & lineMask) + size[i];
      const nearest = op === FETCH ? fetch : data;
      stores += store;
      fetches += op >>> 1;
      let lines = 1;
      if (inLine > lineBytes) {
        lines = ((inLine - 1) >>> lineShift) + 1;
      } else {
        // Nearly all accesses are of one line which is the most recent of its set: that changes nothing but its mark.
        const way = nearest.first(low, high);
        const mark = nearest.marks[way];
        if (nearest.lines[way] === low && mark >>> 1 === high) {
          // Of several cores, one that writes a clean line has to take it from the others.
          if (alone || (store & ~mark) === 0) {
            nearest.marks[way] = mark | store;
            continue;
          }
        }
      }
      row = i;
      refer(op, low, high, lines);
    }
    references[LOAD] += length - stores - fetches;
    references[STORE] += stores;
    references[FETCH] += fetches;
    return stream;
  };
}
