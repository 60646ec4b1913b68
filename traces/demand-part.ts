import { type CacheGeometry, cacheFilter } from './cache-filter.ts';
import { type CountedEpochs, type Crowd, EpochCounts, type EpochLimits } from './epoch-counts.ts';
import { type CountedLines, touchedLines } from './line-stream.ts';
import { PageTable } from './page-table.ts';
import { type PinnedThreads, type Pinning, ThreadSockets } from './pinning.ts';
import { FETCH, STORE, type Trace, type TraceBatch } from './trace.ts';

/** How a trace is cut into epochs: of equally many accesses, or of equal time in the trace's own unit. */
export type EpochBy = 'accesses' | 'time';

/** In what units a demand is counted, and behind what. */
export type DemandUnits = EpochLimits &
  Readonly<{
    /** The caches between program and memory, first level first; without any, every access is one of memory. */
    caches: readonly CacheGeometry[];
    lineBytes: number;
    pageBytes: number;
    by: EpochBy;
    /** Keeps the lines of each socket's threads apart. */
    pinning?: Pinning;
  }>;

/** Where a part of a trace begins: at which access, and when the first access of the whole trace was; and its neighbours. */
export type PartStart = Readonly<{ access: number; firstTime: number; crowd: Crowd }>;

/** What else counting takes: where the part begins, the trace's beginning where left out; and who listens. */
export type DemandPartOptions = Readonly<{
  start?: PartStart;
  /** Hears the accesses done so far. */
  onProgress?: (accesses: number) => void;
  /** Sees every batch with its lines, and all pages numbered so far. */
  observe?: (batch: TraceBatch, lines: CountedLines, pages: PageTable) => void;
}>;

/** The demand of a run of a trace's batches, its pages numbered by first touch in that run; plain data, for threads to pass on. */
export type DemandPart = CountedEpochs & {
  /** Page numbers by ordinal, low 32 bits and the bits above. */
  pageLow: Uint32Array;
  pageHigh: Uint32Array;
  threads: Set<number>;
  /** Threads by socket; then entries are of a page and a socket, at `page * sockets + socket`. */
  pinned?: readonly PinnedThreads[];
  accesses: number;
  stores: number;
  fetches: number;
  /** Times of its first and last access. */
  firstTime: number;
  lastTime: number;
};

/**
 * Counts a trace, or a part of one, in one pass over its batches, in memory bounded by the pages touched and the entries of
 * the demand. `file` names the trace in errors.
 */
export async function demandPart(
  file: string,
  trace: Trace,
  units: DemandUnits,
  { start, onProgress, observe }: DemandPartOptions = {},
): Promise<DemandPart> {
  const { by, caches, lineBytes, pageBytes } = units;
  const pages = new PageTable();
  const byTime = by === 'time';
  const counts = new EpochCounts(units, start?.crowd);
  const pinned = units.pinning && new ThreadSockets(file, units.pinning);
  const keysPerPage = pinned?.sockets ?? 1;
  const linesOf =
    caches.length > 0
      ? cacheFilter(caches, pages, pageBytes)
      : memoryLines(pages, pageBytes, lineBytes);
  const part = {
    threads: new Set<number>(),
    accesses: 0,
    stores: 0,
    fetches: 0,
    firstTime: 0,
    lastTime: 0,
  };
  let { access, firstTime } = start ?? { access: 0, firstTime: Number.NaN };
  for await (const batch of trace.batches) {
    const { length, time } = batch;
    if (length === 0) continue;
    if (part.accesses === 0) part.firstTime = timeOf(time, 0);
    if (Number.isNaN(firstTime)) firstTime = part.firstTime;
    const lines = linesOf(batch);
    observe?.(batch, lines, pages);
    const keys = pinned?.keys(lines, batch) ?? lines.page;
    let line = 0;
    for (let from = 0; from < length; ) {
      const now = timeOf(time, from);
      counts.open(byTime ? now - firstTime : access + from, now);
      const to = byTime
        ? firstAtOrAfter(time, firstTime + counts.end, from, length)
        : Math.min(length, counts.end - access);
      let end = to;
      if (lines.row !== undefined) {
        for (end = line; end < lines.length && lines.row[end] < to; ) end++;
      }
      counts.count(keys, lines.write, line, end, pages.count * keysPerPage);
      line = end;
      from = to;
    }
    tallyRows(part, batch);
    part.lastTime = timeOf(time, length - 1);
    part.accesses += length;
    access += length;
    onProgress?.(part.accesses);
  }
  if (part.accesses > 0) counts.close();
  const { length, first, epochs, entries } = counts;
  return {
    ...part,
    ...(pinned === undefined ? {} : { pinned: pinned.threads() }),
    length,
    first,
    epochs,
    entries,
    pageLow: pages.low.slice(0, pages.count),
    pageHigh: pages.high.slice(0, pages.count),
  };
}

/** The lines of a memory-level trace, whose rows are nearly always one line each. */
function memoryLines(
  pages: PageTable,
  pageBytes: number,
  lineBytes: number,
): (batch: TraceBatch) => CountedLines {
  const touched = touchedLines(pages, pageBytes, lineBytes);
  const pageShift = Math.log2(pageBytes);
  let page = new Uint32Array(0);
  return (batch) => {
    if (!isLinePerRow(batch, lineBytes)) return touched(batch);
    const { length, address, op } = batch;
    if (page.length < length) page = new Uint32Array(length);
    pages.ordinals(address, pageShift, 0, length, page);
    return { length, page, write: op };
  };
}

/** True where every row is a load or a store within one line. */
function isLinePerRow({ length, address, size, op }: TraceBatch, lineBytes: number): boolean {
  const mask = lineBytes - 1;
  let ops = 0;
  for (let i = 0; i < length; i++) {
    if ((address[2 * i] & mask) + size[i] > lineBytes) return false;
    ops |= op[i];
  }
  return (ops & FETCH) === 0;
}

type RowTally = Pick<DemandPart, 'threads' | 'stores' | 'fetches'>;

function tallyRows(part: RowTally, { length, op, thread }: TraceBatch): void {
  let stores = 0;
  let fetches = 0;
  let last = -1;
  for (let i = 0; i < length; i++) {
    if (op[i] === STORE) stores++;
    else if (op[i] === FETCH) fetches++;
    if (thread[i] !== last) {
      last = thread[i];
      part.threads.add(last);
    }
  }
  part.stores += stores;
  part.fetches += fetches;
}

function timeOf(time: Uint32Array, row: number): number {
  return time[2 * row + 1] * 0x1_0000_0000 + time[2 * row];
}

/** The first row from `from` on that is not before this time, by bisection: times never go back. */
function firstAtOrAfter(time: Uint32Array, wanted: number, from: number, length: number): number {
  let low = from;
  let high = length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (timeOf(time, middle) < wanted) low = middle + 1;
    else high = middle;
  }
  return low;
}
