import type { CacheGeometry } from './cache-filter.ts';
import type { Demand } from './demand.ts';
import { type DemandPart, type DemandUnits, demandPart, type EpochBy } from './demand-part.ts';
import { EpochCounts, FIRST_EPOCH_ACCESSES } from './epoch-counts.ts';
import { PageTable } from './page-table.ts';
import type { Pinning } from './pinning.ts';
import { isSampled } from './sampling.ts';
import { sharedBytes, sharedFloats, sharedWords } from './shared-columns.ts';
import type { Trace, TraceMetadata } from './trace.ts';

/** Epochs a trace is cut into at most, where nothing else is asked for. */
export const DEFAULT_EPOCHS = 256;

/** Entries of a demand at most, 150 MB of them; above, its epochs become longer. */
const MAX_ENTRIES = 3 * 2 ** 22;

/** How a trace becomes a demand. */
export type DemandOptions = Readonly<{
  /** The caches an access-level trace goes through, first level first; not looked at for a memory-level one. */
  caches: readonly CacheGeometry[];
  /** The machine's line and page. */
  lineBytes: number;
  pageBytes: number;
  maxEpochs?: number;
  /** What the epochs are equal in: accesses, or time in the trace's own unit. */
  by?: EpochBy;
  /** Which sockets the program's threads run on, where their lines are to be told apart. */
  pinning?: Pinning;
  /** Rows of the trace, where that is known: saves merging epochs, and changes nothing else. */
  rows?: number;
  /** Hears the accesses done so far. */
  onProgress?: (accesses: number) => void;
}>;

/**
 * Reduces a trace to demand in one pass, in memory bounded by the pages touched and the entries of the demand.
 *
 * `file` names the trace in errors. Throws where the trace is empty, or its source fails.
 */
export async function demandOfTrace(
  file: string,
  trace: Trace,
  options: DemandOptions,
): Promise<Demand> {
  const units = demandUnits(trace.metadata, options);
  const part = await demandPart(file, trace, units, options);
  return demandOfParts(file, trace.metadata, units, [part]);
}

/**
 * What a trace is counted in and behind: caches only for all accesses of a program. Of sampled ones too many are missing to
 * know what would hit, so each counts as a line of memory, which the demand says.
 */
export function demandUnits(metadata: TraceMetadata, options: DemandOptions): DemandUnits {
  const { caches, lineBytes, pageBytes, maxEpochs = DEFAULT_EPOCHS } = options;
  const { by = 'accesses', rows = 0, pinning } = options;
  const filtered = metadata.level === 'access' && !isSampled(metadata);
  const units = {
    caches: filtered ? caches : [],
    lineBytes,
    pageBytes,
    by,
    maxEpochs,
    maxEntries: MAX_ENTRIES,
    ...(pinning === undefined ? {} : { pinning }),
  };
  if (by === 'time') return { ...units, epochLength: 1 };
  let epochLength = FIRST_EPOCH_ACCESSES;
  while (rows > epochLength * maxEpochs) epochLength *= 2;
  return { ...units, epochLength };
}

/** The demand of a trace counted in consecutive parts, which are used up. Throws where they hold no access. */
export function demandOfParts(
  file: string,
  metadata: TraceMetadata,
  units: DemandUnits,
  given: readonly DemandPart[],
): Demand {
  const parts = given.filter((part) => part.accesses > 0);
  if (parts.length === 0) throw new Error(`${file}: no accesses (expected at least one)`);
  const counts = new EpochCounts(units);
  const pages = joinParts(counts, parts);
  const { lineBytes, pageBytes, caches } = units;
  const total = (of: (part: DemandPart) => number) => parts.reduce((sum, p) => sum + of(p), 0);
  const [stores, fetches] = [total((p) => p.stores), total((p) => p.fetches)];
  const loads = total((p) => p.accesses) - stores - fetches;
  const epochStart = sharedWords(counts.epochs.length + 1);
  const columns = {
    page: sharedWords(counts.entries),
    reads: sharedWords(counts.entries),
    writes: sharedWords(counts.entries),
  };
  const { pinned } = parts[0];
  const times = epochTimes(counts, parts, units);
  for (let epoch = 0; epoch + 1 < epochStart.length; epoch++) {
    const { page, reads, writes } = counts.take(epoch);
    const at = epochStart[epoch];
    columns.page.set(page, at);
    columns.reads.set(reads, at);
    columns.writes.set(writes, at);
    epochStart[epoch + 1] = at + page.length;
  }
  const socket = pinned === undefined ? undefined : takeSockets(columns.page, pinned.length);
  const { level, samplePeriod, sampleLength, timeUnit, source } = metadata;
  const { command, outstanding, physical, vmas } = metadata;
  return Object.freeze({
    metadata: {
      pageBytes,
      lineBytes,
      samplePeriod,
      ...(sampleLength === undefined ? {} : { sampleLength }),
      timeUnit,
      accesses: loads + stores,
      loads,
      stores,
      threads: new Set(parts.flatMap(({ threads }) => [...threads])).size,
      source,
      ...(level === 'access' ? { caches } : {}),
      ...(outstanding === undefined ? {} : { outstanding }),
      ...(command === undefined ? {} : { command }),
      ...(pinned === undefined ? {} : { pinned }),
      ...(physical === undefined ? {} : { physical }),
      ...(vmas === undefined ? {} : { vmas }),
    },
    pages,
    epochStart,
    epochTime: sharedFloats(times),
    ...columns,
    ...(socket === undefined ? {} : { socket }),
  });
}

/**
 * Puts the parts' counts together in `counts` and returns the numbers of all pages: what a part touches first is numbered
 * after the pages of all parts before it.
 */
function joinParts(counts: EpochCounts, parts: readonly DemandPart[]): Float64Array {
  const [first, ...others] = parts;
  counts.adopt(first);
  const table = new PageTable();
  for (const [i, { pageLow, pageHigh }] of parts.entries()) {
    const ordinals = new Uint32Array(pageLow.length);
    for (let p = 0; p < ordinals.length; p++) ordinals[p] = table.ordinal(pageLow[p], pageHigh[p]);
    if (i > 0) counts.absorb(others[i - 1], ordinals, table.count);
  }
  return table.numbers(sharedFloats(table.count));
}

/** Splits `page * sockets + socket` into the page, which stays, and the socket. */
function takeSockets(page: Uint32Array, sockets: number): Uint8Array {
  const socket = sharedBytes(page.length);
  for (let i = 0; i < page.length; i++) {
    socket[i] = page[i] % sockets;
    page[i] = Math.floor(page[i] / sockets);
  }
  return socket;
}

/** How long each epoch took: to the first access of the next, or of epochs equal in time, that time; the last, to the end. */
function epochTimes(
  { epochs, length }: EpochCounts,
  parts: readonly DemandPart[],
  { by }: DemandUnits,
): number[] {
  const { firstTime } = parts[0];
  const { lastTime } = parts[parts.length - 1];
  const starts = epochs.map(({ start }, epoch) =>
    by === 'time' ? firstTime + epoch * length : start,
  );
  return starts.map((start, epoch) => (starts[epoch + 1] ?? lastTime) - start);
}
