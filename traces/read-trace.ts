import type { RecordBatch } from 'apache-arrow';
import { type ArrowSource, readArrow, words } from './read-arrow.ts';
import { FETCH, type Trace, type TraceBatch } from './trace.ts';
import { traceMetadata } from './trace-schema.ts';

/** Rows handed on at a time: larger record batches, which other writers may make, are cut. */
const MAX_ROWS = 1 << 20;

/** What is wrong with a row earlier than the one before it. */
export const TIME_GOES_BACK = 'time goes back (expected non-decreasing times)';

/** Checks rows as they go by: what they hold, and that time never goes back, across batches too. */
class RowCheck {
  readonly #file: string;
  #row: number;
  #low = 0;
  #high = 0;

  constructor(file: string, firstRow: number) {
    this.#file = file;
    this.#row = firstRow;
  }

  check({ length, op, time }: TraceBatch): void {
    let low = this.#low;
    let high = this.#high;
    for (let i = 0; i < length; i++) {
      if (op[i] > FETCH) {
        this.#refuse(i, `unknown op (got ${op[i]}, expected 0 load, 1 store or 2 fetch)`);
      }
      const nextLow = time[2 * i];
      const nextHigh = time[2 * i + 1];
      if (nextHigh < high || (nextHigh === high && nextLow < low)) this.#refuse(i, TIME_GOES_BACK);
      low = nextLow;
      high = nextHigh;
    }
    this.#row += length;
    this.#low = low;
    this.#high = high;
  }

  #refuse(index: number, problem: string): never {
    throw new Error(`${this.#file}: row ${this.#row + index}: ${problem}`);
  }
}

function columnsOf(batch: RecordBatch): TraceBatch {
  const [, , size, op, thread] = batch.data.children;
  return {
    length: batch.numRows,
    time: words(batch, 0),
    address: words(batch, 1),
    size: size.values as Uint16Array,
    op: op.values as Uint8Array,
    thread: thread.values as Uint32Array,
  };
}

async function* traceBatches(
  file: string,
  source: ArrowSource,
  firstRow: number,
): AsyncGenerator<TraceBatch> {
  const rows = new RowCheck(file, firstRow);
  for await (const batch of source.batches) {
    const all = columnsOf(batch);
    for (let from = 0; from < all.length; from += MAX_ROWS) {
      const to = Math.min(all.length, from + MAX_ROWS);
      const part: TraceBatch = {
        length: to - from,
        time: all.time.subarray(2 * from, 2 * to),
        address: all.address.subarray(2 * from, 2 * to),
        size: all.size.subarray(from, to),
        op: all.op.subarray(from, to),
        thread: all.thread.subarray(from, to),
      };
      rows.check(part);
      yield part;
    }
  }
}

/**
 * The trace in an Arrow source already opened; `firstRow` is the number of its first row, where it is a part of a file.
 * Throws where its schema is not a trace's.
 */
export function traceFromArrow(file: string, source: ArrowSource, firstRow = 0): Trace {
  return {
    metadata: traceMetadata(source.schema, file),
    batches: traceBatches(file, source, firstRow),
  };
}

/**
 * Opens a trace file for reading batch by batch, in memory bounded by one batch.
 * Throws where there is no such file, it is not Arrow, or not a trace; reading on throws where a row is not valid.
 */
export async function readTrace(file: string): Promise<Trace> {
  return readArrow(file, (source) => traceFromArrow(file, source));
}
