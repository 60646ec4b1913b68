import type { Demand } from './demand.ts';
import { totalLines } from './demand.ts';
import { demandOfParts, demandUnits } from './demand-of-trace.ts';
import { demandPart } from './demand-part.ts';
import { type HotPages, hotPages } from './info/hot-pages.ts';
import { type MappedPages, mappedPages } from './info/mapped-pages.ts';
import { type Phase, phases } from './info/phases.ts';
import { type ResidueImbalance, residueImbalances } from './info/residue-imbalance.ts';
import { type Reuse, StackDistances } from './info/reuse.ts';
import { StrideCounts, type StrideSpectrum } from './info/stride-spectrum.ts';
import { PageTable } from './page-table.ts';
import { type SamplingError, samplingError } from './sampling.ts';
import { FETCH, type TimeUnit, type Trace, type TraceBatch, type TraceMetadata } from './trace.ts';

/** An interval of the run: its time, what falls on pages in it, and the pages touched until its end. */
export type Interval = Readonly<{
  start: number;
  duration: number;
  reads: number;
  writes: number;
  footprintPages: number;
}>;

/** Accesses of one thread. */
export type ThreadShare = Readonly<{ thread: number; accesses: number; share: number }>;

/**
 * What is in a trace or a demand, for people and as JSON; counts are of what the file holds, sampling not undone. What falls
 * on a page are the accesses that touch it, of a trace; the lines read from and written to it, of a demand. docs/trace-info.md
 * has every key.
 */
export type TraceInfo = Readonly<{
  kind: 'trace' | 'demand';
  file: string;
  level: TraceMetadata['level'];
  source: string;
  command?: string;
  samplePeriod: number;
  sampleLength?: number;
  sampling?: SamplingError;
  outstanding?: number;
  accesses: number;
  loads: number;
  stores: number;
  /** Loads of all accesses; of a demand, lines read of all lines. */
  readShare: number;
  threads: number;
  pageBytes: number;
  footprintPages: number;
  footprintBytes: number;
  duration: number;
  timeUnit: TimeUnit;
  physical?: boolean;
  /** Instruction fetches, and the pages of code they touch, which the footprint leaves out: of a trace that has them. */
  fetches?: number;
  codePages?: number;
  /** Lines read and written at memory, and epochs: of a demand only. */
  linesRead?: number;
  linesWritten?: number;
  epochs?: number;
  hottestPages: HotPages['hottest'];
  hotPages: Omit<HotPages, 'hottest'>;
  mappings?: readonly MappedPages[];
  aliasingTotals: readonly ResidueImbalance[];
  phases: readonly Phase[];
  intervals: readonly Interval[];
  /** Of a trace only: a demand does not say in what order pages were touched, nor by whom. */
  reuse?: Reuse;
  strides?: StrideSpectrum;
  busiestThreads?: readonly ThreadShare[];
}>;

/** Intervals a trace is looked at in, at most, and threads listed as the busiest. */
const INTERVALS = 256;
const BUSIEST = 8;

/** Reads a trace through and says what is in it, in memory bounded by the pages it touches. */
export async function infoOfTrace(file: string, trace: Trace): Promise<TraceInfo> {
  const { metadata } = trace;
  const { pageBytes } = metadata;
  const strides = new StrideCounts();
  const distances = new StackDistances();
  const code = new PageTable();
  const byThread = new Map<number, number>();
  // A page is a line here: so each access counts once on every page it touches.
  const units = demandUnits(metadata, {
    ...{ caches: [], lineBytes: pageBytes, pageBytes, maxEpochs: INTERVALS },
  });
  const part = await demandPart(file, trace, units, {
    observe: (batch, touched, pages) => {
      strides.count(touched, batch, pages);
      distances.count(touched, pages);
      countCode(batch, code, pageBytes);
      countThreads(batch, byThread);
    },
  });
  const { fetches, firstTime, lastTime } = part;
  const touches = demandOfParts(file, metadata, units, [part]);
  const { accesses, loads } = touches.metadata;
  return {
    ...infoOfPages(file, touches),
    kind: 'trace',
    level: metadata.level,
    readShare: loads / Math.max(1, accesses),
    duration: lastTime - firstTime,
    ...(fetches === 0 ? {} : { fetches, codePages: code.count }),
    reuse: distances.reuse(),
    strides: strides.spectrum(),
    busiestThreads: [...byThread]
      .sort(([a, m], [b, n]) => n - m || a - b)
      .slice(0, BUSIEST)
      .map(([thread, n]) => ({ thread, accesses: n, share: n / Math.max(1, accesses) })),
  };
}

/** Says what is in a demand. */
export function infoOfDemand(file: string, demand: Demand): TraceInfo {
  const { samplePeriod } = demand.metadata;
  const { reads, writes } = totalLines(demand);
  return {
    ...infoOfPages(file, demand),
    linesRead: reads / samplePeriod,
    linesWritten: writes / samplePeriod,
    epochs: demand.epochTime.length,
  };
}

/** What the pages of a demand say, be its lines cache lines or whole pages. */
function infoOfPages(file: string, demand: Demand): TraceInfo {
  const { metadata, pages } = demand;
  const { source, command, samplePeriod, sampleLength, outstanding, physical, vmas } = metadata;
  const counts = new Float64Array(pages.length);
  for (let i = 0; i < demand.page.length; i++)
    counts[demand.page[i]] += demand.reads[i] + demand.writes[i];
  const { hottest, ...hot } = hotPages(pages, counts, metadata.pageBytes);
  const sampling = samplingError(metadata);
  const { reads, writes } = totalLines(demand);
  return {
    kind: 'demand',
    file,
    level: 'memory',
    source,
    ...(command === undefined ? {} : { command }),
    samplePeriod,
    ...(sampleLength === undefined ? {} : { sampleLength }),
    ...(sampling === undefined ? {} : { sampling }),
    ...(outstanding === undefined ? {} : { outstanding }),
    accesses: metadata.accesses,
    loads: metadata.loads,
    stores: metadata.stores,
    readShare: reads / Math.max(1, reads + writes),
    threads: metadata.threads,
    pageBytes: metadata.pageBytes,
    footprintPages: pages.length,
    footprintBytes: pages.length * metadata.pageBytes,
    duration: demand.epochTime.reduce((sum, time) => sum + time, 0),
    timeUnit: metadata.timeUnit,
    ...(physical === undefined ? {} : { physical }),
    hottestPages: hottest,
    hotPages: hot,
    ...(vmas === undefined
      ? {}
      : { mappings: mappedPages(vmas, pages, counts, metadata.pageBytes) }),
    aliasingTotals: residueImbalances(pages, counts),
    phases: phases(demand),
    intervals: intervalsOf(demand),
  };
}

function intervalsOf({ epochStart, epochTime, page, reads, writes }: Demand): Interval[] {
  let start = 0;
  let seen = 0;
  return Array.from(epochTime, (duration, e): Interval => {
    const interval = { start, duration, reads: 0, writes: 0, footprintPages: 0 };
    for (let i = epochStart[e]; i < epochStart[e + 1]; i++) {
      interval.reads += reads[i];
      interval.writes += writes[i];
      // Pages are numbered as they are first touched.
      seen = Math.max(seen, page[i] + 1);
    }
    start += duration;
    return { ...interval, footprintPages: seen };
  });
}

function countCode({ length, address, op }: TraceBatch, code: PageTable, pageBytes: number): void {
  if (!op.subarray(0, length).includes(FETCH)) return;
  const shift = Math.log2(pageBytes);
  for (let i = 0; i < length; i++) {
    if (op[i] !== FETCH) continue;
    const high = address[2 * i + 1];
    code.ordinal(((address[2 * i] >>> shift) | (high << (32 - shift))) >>> 0, high >>> shift);
  }
}

function countThreads({ length, op, thread }: TraceBatch, byThread: Map<number, number>): void {
  for (let from = 0; from < length; ) {
    const id = thread[from];
    let accesses = 0;
    let to = from;
    for (; to < length && thread[to] === id; to++) if (op[to] !== FETCH) accesses++;
    byThread.set(id, (byThread.get(id) ?? 0) + accesses);
    from = to;
  }
}
