import type { CacheGeometry } from './cache-filter.ts';
import type { PinnedThreads } from './pinning.ts';
import type { TimeUnit, TracedVma } from './trace.ts';

/** Where a demand comes from, and the units it is counted in. */
export type DemandMetadata = Readonly<{
  pageBytes: number;
  lineBytes: number;
  /** Lines counted stand for this many: the trace's sample period. */
  samplePeriod: number;
  /** Accesses in a row of which each sample is one, where that is more than one. */
  sampleLength?: number;
  timeUnit: TimeUnit;
  /** Accesses, loads and stores in the trace; instruction fetches are none. */
  accesses: number;
  loads: number;
  stores: number;
  /** Distinct threads in the trace, at least 1. */
  threads: number;
  outstanding?: number;
  /**
   * The caches an access-level trace went through; absent for a trace that was at memory level already. None for a sampled
   * one: which of its accesses hit cannot be known, so each counts as a line.
   */
  caches?: readonly CacheGeometry[];
  source: string;
  command?: string;
  /** Threads by socket, where they were pinned. */
  pinned?: readonly PinnedThreads[];
  /** True where page numbers are of physical addresses. */
  physical?: boolean;
  /** The traced program's mappings. */
  vmas?: readonly TracedVma[];
}>;

/**
 * All that a sweep needs of a trace: cache lines read and written, per epoch and page.
 *
 * `pages` holds the number (address / page size) of every page by its ordinal, in first-touch order. The entries of
 * epoch `e` are `epochStart[e]` to `epochStart[e + 1] - 1`, ordered by page ordinal: `page` is an ordinal, `reads` and
 * `writes` are lines. With pinned threads a page has an entry for each socket that touches it, `socket`. `epochTime[e]` is how long the epoch took, in the trace's time unit. All columns lie in shared
 * memory, so that workers read them without a copy.
 */
export type Demand = Readonly<{
  metadata: DemandMetadata;
  pages: Float64Array;
  epochStart: Uint32Array;
  epochTime: Float64Array;
  page: Uint32Array;
  reads: Uint32Array;
  writes: Uint32Array;
  socket?: Uint8Array;
}>;

/** Lines read from and written to memory over the whole demand, sampling accounted for. */
export function totalLines(demand: Demand): { reads: number; writes: number } {
  let reads = 0;
  let writes = 0;
  for (let i = 0; i < demand.page.length; i++) {
    reads += demand.reads[i];
    writes += demand.writes[i];
  }
  const { samplePeriod } = demand.metadata;
  return { reads: reads * samplePeriod, writes: writes * samplePeriod };
}
