/**
 * Several traces as one, ordered by time: a k-way merge of their batches, the file named first coming first where times are
 * equal. Memory holds a batch of each file and one being made. Times are compared as they are: files whose clocks began at
 * different moments are not aligned. Times in instructions, which each file counts for itself, become those of all files
 * together once their order is found.
 */

import { BatchBuilder } from './batch-builder.ts';
import { MergedThreads, type Renumbered } from './merged-threads.ts';
import type { Trace, TraceBatch, TraceMetadata } from './trace.ts';

/** A trace and the file it came from. */
export type TraceOfFile = Readonly<{ file: string; trace: Trace }>;

/** Traces merged; `renumbered` says which threads could not keep their number, complete once the batches have been read. */
export type MergedTrace = Readonly<{ trace: Trace; renumbered: readonly Renumbered[] }>;

/** What traces must have in common to be one. */
const COMMON = [
  ['level', 'level'],
  ['timeUnit', 'time unit'],
  ['pageBytes', 'page size'],
  ['samplePeriod', 'sample period'],
  ['sampleLength', 'sample length'],
  ['physical', 'physical addresses'],
] as const;

/** A place in a file's batches; `order` is the file's place among the files. */
type Cursor = {
  readonly order: number;
  readonly batches: AsyncIterator<TraceBatch>;
  batch: TraceBatch;
  row: number;
};

/**
 * Merges traces by time. A thread keeps its number unless one of another file has it already; then it gets the lowest that is
 * free. What else the traces say of themselves is kept where they agree.
 * Throws where two are at different levels, in different time units or differ otherwise in what one trace can say only once.
 */
export function mergeTraces(traces: readonly TraceOfFile[]): MergedTrace {
  const [first, ...others] = traces;
  for (const { file, trace } of others) {
    for (const [key, words] of COMMON) {
      const [got, expected] = [trace.metadata[key], first.trace.metadata[key]];
      if (got === expected) continue;
      throw new Error(
        `${file}: ${words} (got ${got ?? 'none'}, expected ${expected ?? 'none'} as in ${first.file})`,
      );
    }
  }
  const threads = new MergedThreads(traces.map(({ file }) => file));
  return {
    trace: {
      metadata: agreed(traces.map(({ trace }) => trace.metadata)) as TraceMetadata,
      batches: mergedBatches(traces, threads),
      learned: () => agreed(traces.map(({ trace }) => trace.learned?.() ?? {})),
    },
    renumbered: threads.renumbered,
  };
}

/** What all that say anything of a key say of it. */
function agreed(all: readonly Partial<TraceMetadata>[]): Partial<TraceMetadata> {
  const entries = Object.entries(Object.assign({}, ...all));
  const text = (value: unknown) => JSON.stringify(value);
  return Object.fromEntries(
    entries.filter(([key, value]) =>
      all.every((one) => {
        const own = one[key as keyof TraceMetadata];
        return own === undefined || text(own) === text(value);
      }),
    ),
  );
}

async function* mergedBatches(
  traces: readonly TraceOfFile[],
  threads: MergedThreads,
): AsyncGenerator<TraceBatch> {
  const builder = new BatchBuilder();
  const heap: Cursor[] = [];
  const sources = traces.map(({ trace }) => trace.batches[Symbol.asyncIterator]());
  // Instructions of each file are its own; those of the program are all files' together.
  const counted =
    traces.length > 1 && traces[0].trace.metadata.timeUnit === 'instructions'
      ? new Float64Array(traces.length)
      : undefined;
  try {
    for (const [order, batches] of sources.entries()) {
      const batch = await nextBatch(batches);
      if (batch !== undefined) heap.push({ order, batches, batch, row: 0 });
    }
    for (let i = heap.length >> 1; i-- > 0; ) siftDown(heap, i);
    while (heap.length > 0) {
      const first = heap[0];
      const end = Math.min(runEnd(heap), first.row + builder.capacity - builder.length);
      const numbered = threads.numbered(first.order, first.batch, first.row, end);
      if (counted !== undefined) countTogether(counted, first, end);
      builder.append(numbered, first.row, end);
      first.row = end;
      if (builder.full) yield builder.take();
      if (end === first.batch.length) {
        const batch = await nextBatch(first.batches);
        if (batch === undefined) {
          const last = heap.pop() as Cursor;
          if (last !== first) heap[0] = last;
        } else {
          first.batch = batch;
          first.row = 0;
        }
      }
      siftDown(heap, 0);
    }
    if (builder.length > 0) yield builder.take();
  } finally {
    for (const source of sources) await source.return?.();
  }
}

/**
 * Makes the times of a run of rows the instructions of all files so far, in place; `counted` has how many of each file have
 * gone by.
 */
function countTogether(counted: Float64Array, { order, batch, row }: Cursor, end: number): void {
  const { time } = batch;
  let others = 0;
  for (const [file, count] of counted.entries()) if (file !== order) others += count;
  for (let i = row; i < end; i++) {
    counted[order] = time[2 * i + 1] * 0x1_0000_0000 + time[2 * i];
    const all = others + counted[order];
    time[2 * i] = all;
    time[2 * i + 1] = all / 0x1_0000_0000;
  }
}

async function nextBatch(batches: AsyncIterator<TraceBatch>): Promise<TraceBatch | undefined> {
  for (;;) {
    const { done, value } = await batches.next();
    if (done) return undefined;
    if (value.length > 0) return value;
  }
}

/** The first row of the earliest cursor's batch that does not come before the next cursor's. */
function runEnd(heap: readonly Cursor[]): number {
  const { order, batch, row } = heap[0];
  const { time, length } = batch;
  if (heap.length === 1) return length;
  const next = heap.length === 2 || isBefore(heap[1], heap[2]) ? heap[1] : heap[2];
  const low = next.batch.time[2 * next.row];
  const high = next.batch.time[2 * next.row + 1];
  const firstOfEquals = order < next.order;
  let end = row + 1;
  for (; end < length; end++) {
    const ahead = high - time[2 * end + 1] || low - time[2 * end];
    if (ahead < 0 || (ahead === 0 && !firstOfEquals)) break;
  }
  return end;
}

function isBefore(a: Cursor, b: Cursor): boolean {
  const high = a.batch.time[2 * a.row + 1] - b.batch.time[2 * b.row + 1];
  const ahead = high || a.batch.time[2 * a.row] - b.batch.time[2 * b.row];
  return (ahead || a.order - b.order) < 0;
}

/** Restores the heap (none before the two below it, the earliest first) where only `place` may be out of order. */
function siftDown(heap: Cursor[], place: number): void {
  const cursor = heap[place];
  let at = place;
  for (;;) {
    let below = 2 * at + 1;
    if (below + 1 < heap.length && isBefore(heap[below + 1], heap[below])) below++;
    if (below >= heap.length || isBefore(cursor, heap[below])) break;
    heap[at] = heap[below];
    at = below;
  }
  if (at !== place) heap[at] = cursor;
}
