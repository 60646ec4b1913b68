import { availableParallelism } from 'node:os';
import { Piscina } from 'piscina';
import type { Demand } from './demand.ts';
import {
  type DemandOptions,
  demandOfParts,
  demandOfTrace,
  demandUnits,
} from './demand-of-trace.ts';
import type { DemandPart } from './demand-part.ts';
import type { DemandTask } from './demand-worker.ts';
import { type ArrowSource, readArrow, words } from './read-arrow.ts';
import { TIME_GOES_BACK, traceFromArrow } from './read-trace.ts';
import { sharedFloats } from './shared-columns.ts';
import { workerFile } from './worker-file.ts';

/** Rows below which a trace is not worth a second thread: starting one takes as long as counting so many. */
const ROWS_PER_THREAD = 2_000_000;
const PROGRESS_MS = 100;

/**
 * Reduces the trace in an Arrow source to demand, on as many threads as there are processors, or `threads`; the result does
 * not depend on how many. A trace that goes through caches is counted on one, since what hits depends on all before it; so is
 * one whose threads are pinned.
 * Throws as `demandOfTrace` does, and where the source is no trace.
 */
export async function demandOfArrow(
  file: string,
  source: ArrowSource,
  options: DemandOptions & Readonly<{ threads?: number }>,
): Promise<Demand> {
  const { threads = availableParallelism(), ...rest } = options;
  const trace = traceFromArrow(file, source);
  const batchRows = await source.batchRows();
  const rows = batchRows.reduce((sum, n) => sum + n, 0);
  const known = { ...rest, rows };
  const units = demandUnits(trace.metadata, known);
  const parts = Math.min(threads, batchRows.length, Math.ceil(rows / ROWS_PER_THREAD));
  const inOrder = units.caches.length > 0 || units.pinning !== undefined;
  if (parts < 2 || inOrder) return demandOfTrace(file, trace, known);
  const firstTime = units.by === 'time' ? await firstTimeOf(file, source) : 0;
  const done = sharedFloats(parts);
  const words = new Int32Array(new SharedArrayBuffer(8 * parts));
  const tasks = rangesOf(batchRows, parts).map(
    ({ from, to, access }, place): DemandTask => ({
      path: source.openAgain,
      part: { name: file, from, to },
      units,
      start: { access, firstTime, crowd: { words, place } },
      done,
      place,
    }),
  );
  const made = await counted(tasks, rest.onProgress).finally(source.close);
  for (const [i, part] of made.entries()) {
    if (i > 0 && part.firstTime < made[i - 1].lastTime)
      throw new Error(`${file}: row ${tasks[i].start.access}: ${TIME_GOES_BACK}`);
  }
  return demandOfParts(file, trace.metadata, units, made);
}

/** The time of a trace's first access, which all its parts count from. */
async function firstTimeOf(file: string, source: ArrowSource): Promise<number> {
  return readArrow(
    source.openAgain,
    async ({ batches }) => {
      for await (const batch of batches) {
        if (batch.numRows === 0) continue;
        const [low, high] = words(batch, 0);
        return high * 0x1_0000_0000 + low;
      }
      return 0;
    },
    { name: file },
  );
}

/** Record batches in `count` runs of about equally many rows; `access` is the number of each one's first row. */
function rangesOf(
  rows: readonly number[],
  count: number,
): Readonly<{ from: number; to: number; access: number }>[] {
  const total = rows.reduce((sum, n) => sum + n, 0);
  const ranges: { from: number; to: number; access: number }[] = [];
  let access = 0;
  for (let batch = 0; batch < rows.length; batch++) {
    if (access >= (ranges.length * total) / count)
      ranges.push({ from: batch, to: rows.length, access });
    access += rows[batch];
  }
  return ranges.map((range, i) => ({ ...range, to: ranges[i + 1]?.from ?? rows.length }));
}

/** Counts the parts on a thread each. Where several fail, the first of them throws, whichever was the first to fail. */
async function counted(
  tasks: readonly DemandTask[],
  onProgress?: (accesses: number) => void,
): Promise<DemandPart[]> {
  const threads = tasks.length;
  const pool = new Piscina({
    ...workerFile(import.meta.url, 'demand-worker'),
    minThreads: threads,
    maxThreads: threads,
  });
  const { done } = tasks[0];
  const timer = setInterval(() => onProgress?.(done.reduce((sum, n) => sum + n, 0)), PROGRESS_MS);
  try {
    const ended = await Promise.allSettled(tasks.map((task) => pool.run(task)));
    return ended.map((result) => {
      if (result.status === 'rejected') throw result.reason;
      return result.value as DemandPart;
    });
  } finally {
    clearInterval(timer);
    await pool.destroy();
  }
}
