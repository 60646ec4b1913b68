import { type CacheGeometry, cacheFilter } from './cache-filter.ts';
import type { Demand } from './demand.ts';
import { EpochCounts } from './epoch-counts.ts';
import { refuseSampled } from './filter-trace.ts';
import { touchedLines } from './line-stream.ts';
import { PageTable } from './page-table.ts';
import { sharedFloats, sharedWords } from './shared-columns.ts';
import { STORE, type Trace } from './trace.ts';

/** Epochs a trace is cut into at most, where nothing else is asked for. */
export const DEFAULT_EPOCHS = 256;

/**
 * Reduces a trace to demand in one pass, in memory bounded by the pages touched and the entries of the demand.
 *
 * `file` names the trace in errors; `caches` filter an access-level trace (first level first) and are not looked at
 * for a memory-level one; `lineBytes` and `pageBytes` are the machine's; `maxEpochs` is 1 or even; `onProgress` hears
 * the accesses done so far.
 * Throws where the trace is empty, or sampled before the caches, or its source fails.
 */
export async function demandOfTrace(
  file: string,
  trace: Trace,
  options: Readonly<{
    caches: readonly CacheGeometry[];
    lineBytes: number;
    pageBytes: number;
    maxEpochs?: number;
    onProgress?: (accesses: number) => void;
  }>,
): Promise<Demand> {
  const { metadata } = trace;
  const { caches, lineBytes, pageBytes, maxEpochs = DEFAULT_EPOCHS, onProgress } = options;
  if (maxEpochs !== 1 && (maxEpochs < 2 || maxEpochs % 2 !== 0)) {
    throw new Error(`epochs: odd (got ${maxEpochs}, expected 1 or an even number)`);
  }
  const atMemory = metadata.level === 'memory';
  if (!atMemory) refuseSampled(file, metadata);
  const pages = new PageTable();
  const linesOf = atMemory
    ? touchedLines(pages, pageBytes, lineBytes)
    : cacheFilter(caches, pages, pageBytes);
  const counts = new EpochCounts(maxEpochs);
  const threads = new Set<number>();
  let accesses = 0;
  let stores = 0;
  let lastThread = -1;
  let lastTime = 0;
  let epochEnd = 0;
  for await (const batch of trace.batches) {
    const { length, op, thread, time } = batch;
    const { length: lineCount, row, page, write } = linesOf(batch);
    let line = 0;
    for (let from = 0; from < length; ) {
      if (accesses === epochEnd) {
        if (accesses > 0) counts.close();
        counts.open(time[2 * from + 1] * 0x1_0000_0000 + time[2 * from]);
        epochEnd = accesses + (counts.epochAccesses - (accesses % counts.epochAccesses));
      }
      const to = Math.min(length, from + (epochEnd - accesses));
      for (; line < lineCount && row[line] < to; line++) counts.count(page[line], write[line]);
      accesses += to - from;
      from = to;
    }
    for (let i = 0; i < length; i++) {
      if (op[i] === STORE) stores++;
      if (thread[i] !== lastThread) {
        lastThread = thread[i];
        threads.add(lastThread);
      }
    }
    lastTime = time[2 * length - 1] * 0x1_0000_0000 + time[2 * length - 2];
    onProgress?.(accesses);
  }
  if (accesses === 0) throw new Error(`${file}: no accesses (expected at least one)`);
  counts.close();
  const { entries } = counts;
  return Object.freeze({
    metadata: {
      pageBytes,
      lineBytes,
      samplePeriod: metadata.samplePeriod,
      timeUnit: metadata.timeUnit,
      accesses,
      loads: accesses - stores,
      stores,
      threads: threads.size,
      source: metadata.source,
      ...(atMemory ? {} : { caches }),
      ...(metadata.outstanding === undefined ? {} : { outstanding: metadata.outstanding }),
      ...(metadata.command === undefined ? {} : { command: metadata.command }),
    },
    pages: pages.numbers(sharedFloats(pages.count)),
    epochStart: sharedWords(counts.start),
    epochTime: sharedFloats(
      counts.startTime.map((start, epoch) => (counts.startTime[epoch + 1] ?? lastTime) - start),
    ),
    page: sharedWords(counts.page.subarray(0, entries)),
    reads: sharedWords(counts.reads.subarray(0, entries)),
    writes: sharedWords(counts.writes.subarray(0, entries)),
  });
}
