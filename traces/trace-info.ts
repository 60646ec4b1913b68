import type { Demand } from './demand.ts';
import { totalLines } from './demand.ts';
import { touchedLines } from './line-stream.ts';
import { PageTable } from './page-table.ts';
import { STORE, type TimeUnit, type Trace, type TraceMetadata } from './trace.ts';

/** Pages listed as the hottest. */
const HOTTEST = 10;

/** A page and what falls on it: accesses of a trace, lines of a demand. */
export type HotPage = Readonly<{ address: string; count: number; share: number }>;

/** What is in a trace or a demand, for people and as JSON; counts are of what the file holds, sampling not undone. */
export type TraceInfo = Readonly<{
  kind: 'trace' | 'demand';
  file: string;
  level: TraceMetadata['level'];
  source: string;
  command?: string;
  samplePeriod: number;
  outstanding?: number;
  accesses: number;
  loads: number;
  stores: number;
  threads: number;
  pageBytes: number;
  footprintPages: number;
  footprintBytes: number;
  duration: number;
  timeUnit: TimeUnit;
  /** Lines read and written at memory, and epochs: of a demand only. */
  linesRead?: number;
  linesWritten?: number;
  epochs?: number;
  hottestPages: readonly HotPage[];
}>;

/** Reads a trace through and says what is in it. A page counts once for every access that touches it. */
export async function infoOfTrace(file: string, trace: Trace): Promise<TraceInfo> {
  const { metadata } = trace;
  const { pageBytes } = metadata;
  const pages = new PageTable();
  const pagesOf = touchedLines(pages, pageBytes, pageBytes);
  let touches = new Float64Array(1024);
  let accesses = 0;
  let stores = 0;
  let firstTime = 0;
  let lastTime = 0;
  const threads = new Set<number>();
  for await (const batch of trace.batches) {
    const { length, op, thread, time } = batch;
    const touched = pagesOf(batch);
    if (pages.count > touches.length) {
      const longer = new Float64Array(pages.count * 2);
      longer.set(touches);
      touches = longer;
    }
    for (let i = 0; i < touched.length; i++) touches[touched.page[i]]++;
    let lastThread = -1;
    for (let i = 0; i < length; i++) {
      if (op[i] === STORE) stores++;
      if (thread[i] !== lastThread) threads.add(thread[i]);
      lastThread = thread[i];
    }
    if (accesses === 0) firstTime = time[1] * 0x1_0000_0000 + time[0];
    lastTime = time[2 * length - 1] * 0x1_0000_0000 + time[2 * length - 2];
    accesses += length;
  }
  return {
    kind: 'trace',
    file,
    level: metadata.level,
    source: metadata.source,
    ...(metadata.command === undefined ? {} : { command: metadata.command }),
    samplePeriod: metadata.samplePeriod,
    ...(metadata.outstanding === undefined ? {} : { outstanding: metadata.outstanding }),
    accesses,
    loads: accesses - stores,
    stores,
    threads: threads.size,
    pageBytes,
    footprintPages: pages.count,
    footprintBytes: pages.count * pageBytes,
    duration: lastTime - firstTime,
    timeUnit: metadata.timeUnit,
    hottestPages: hottest(pages.numbers(), touches, pageBytes),
  };
}

/** Says what is in a demand. */
export function infoOfDemand(file: string, demand: Demand): TraceInfo {
  const { metadata, pages } = demand;
  const lines = new Float64Array(pages.length);
  for (let i = 0; i < demand.page.length; i++)
    lines[demand.page[i]] += demand.reads[i] + demand.writes[i];
  const total = totalLines(demand);
  return {
    kind: 'demand',
    file,
    level: 'memory',
    source: metadata.source,
    ...(metadata.command === undefined ? {} : { command: metadata.command }),
    samplePeriod: metadata.samplePeriod,
    ...(metadata.outstanding === undefined ? {} : { outstanding: metadata.outstanding }),
    accesses: metadata.accesses,
    loads: metadata.loads,
    stores: metadata.stores,
    threads: metadata.threads,
    pageBytes: metadata.pageBytes,
    footprintPages: pages.length,
    footprintBytes: pages.length * metadata.pageBytes,
    duration: demand.epochTime.reduce((sum, time) => sum + time, 0),
    timeUnit: metadata.timeUnit,
    linesRead: total.reads / metadata.samplePeriod,
    linesWritten: total.writes / metadata.samplePeriod,
    epochs: demand.epochTime.length,
    hottestPages: hottest(pages, lines, metadata.pageBytes),
  };
}

function hottest(pages: Float64Array, counts: Float64Array, pageBytes: number): HotPage[] {
  const total = counts.reduce((sum, count) => sum + count, 0);
  const order = Uint32Array.from({ length: pages.length }, (_, i) => i);
  order.sort((a, b) => counts[b] - counts[a] || pages[a] - pages[b]);
  return [...order.subarray(0, HOTTEST)].map((ordinal) => ({
    address: `0x${(BigInt(pages[ordinal]) * BigInt(pageBytes)).toString(16)}`,
    count: counts[ordinal],
    share: counts[ordinal] / total,
  }));
}
