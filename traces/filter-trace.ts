import { BatchBuilder } from './batch-builder.ts';
import { type CacheGeometry, cacheFilter } from './cache-filter.ts';
import { cachesLine } from './cache-names.ts';
import { type CacheTally, cacheTally } from './cache-tally.ts';
import { PageTable } from './page-table.ts';
import { isSampled } from './sampling.ts';
import { LOAD, STORE, type Trace, type TraceBatch } from './trace.ts';

/**
 * The memory-level trace an access-level one becomes behind these caches: line-sized, line-aligned loads for misses,
 * stores for dirty evictions, each at the time and on the thread of the access that caused it. What went through is added
 * to `tally`.
 * Throws where the trace is at memory level already, or sampled: the accesses left out are what keeps lines cached.
 */
export function filterTrace(
  file: string,
  trace: Trace,
  caches: readonly CacheGeometry[],
  tally: CacheTally = cacheTally(caches.length),
): Trace {
  const { metadata } = trace;
  if (metadata.level === 'memory') {
    throw new Error(
      `${file}: level (got memory, expected access: this trace is behind the caches already)`,
    );
  }
  if (isSampled(metadata)) {
    throw new Error(
      `${file}: sampled access-level trace (got sample_period ${metadata.samplePeriod}, expected all accesses before caches)`,
    );
  }
  return {
    ...trace,
    metadata: {
      ...metadata,
      level: 'memory',
      source: `${metadata.source}; behind caches ${cachesLine(caches)}`,
    },
    batches: memoryBatches(trace, caches, tally),
  };
}

async function* memoryBatches(
  trace: Trace,
  caches: readonly CacheGeometry[],
  tally: CacheTally,
): AsyncGenerator<TraceBatch> {
  const [{ lineBytes }] = caches;
  const pages = new PageTable();
  const linesOf = cacheFilter(caches, pages, trace.metadata.pageBytes, tally);
  const shift = Math.log2(trace.metadata.pageBytes);
  const builder = new BatchBuilder();
  for await (const batch of trace.batches) {
    const { length, row, page, line, write } = linesOf(batch);
    for (let i = 0; i < length; i++) {
      const number = page[i];
      const low = ((pages.low[number] << shift) | (line[i] * lineBytes)) >>> 0;
      const high = ((pages.high[number] << shift) | (pages.low[number] >>> (32 - shift))) >>> 0;
      const time = batch.time[2 * row[i] + 1] * 0x1_0000_0000 + batch.time[2 * row[i]];
      builder.push(time, low, high, lineBytes, write[i] === 1 ? STORE : LOAD, batch.thread[row[i]]);
      if (builder.full) yield builder.take();
    }
  }
  if (builder.length > 0) yield builder.take();
}
