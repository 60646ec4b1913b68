import type { RecordBatch } from 'apache-arrow';
import { type ArrowSource, readArrow, words } from './read-arrow.ts';
import { STORE, type Trace, type TraceBatch } from './trace.ts';
import { traceMetadata } from './trace-schema.ts';

function checked(file: string, batch: RecordBatch, firstRow: number): TraceBatch {
  const [, , size, op, thread] = batch.data.children;
  const trace: TraceBatch = {
    length: batch.numRows,
    time: words(batch, 0),
    address: words(batch, 1),
    size: size?.values as Uint16Array,
    op: op?.values as Uint8Array,
    thread: thread?.values as Uint32Array,
  };
  for (const [index, column] of batch.data.children.entries()) {
    if (column.nullCount > 0) {
      const name = batch.schema.fields[index]?.name;
      throw new Error(
        `${file}: column ${name} from row ${firstRow}: ${column.nullCount} nulls (expected none)`,
      );
    }
  }
  checkRows(file, trace, firstRow);
  return trace;
}

function checkRows(file: string, { length, op, time }: TraceBatch, firstRow: number): void {
  let low = 0;
  let high = 0;
  for (let i = 0; i < length; i++) {
    if (op[i] > STORE) {
      throw new Error(
        `${file}: row ${firstRow + i}: unknown op (got ${op[i]}, expected 0 load or 1 store)`,
      );
    }
    const nextLow = time[2 * i];
    const nextHigh = time[2 * i + 1];
    if (nextHigh < high || (nextHigh === high && nextLow < low)) {
      throw new Error(
        `${file}: row ${firstRow + i}: time goes back (expected non-decreasing times)`,
      );
    }
    low = nextLow;
    high = nextHigh;
  }
}

async function* traceBatches(file: string, source: ArrowSource): AsyncGenerator<TraceBatch> {
  let row = 0;
  for await (const batch of source.batches) {
    if (batch.numRows > 0) yield checked(file, batch, row);
    row += batch.numRows;
  }
}

/** The trace in an Arrow source already opened. Throws where its schema is not a trace's. */
export function traceFromArrow(file: string, source: ArrowSource): Trace {
  return { metadata: traceMetadata(source.schema, file), batches: traceBatches(file, source) };
}

/**
 * Opens a trace file for reading batch by batch, in memory bounded by one batch.
 * Throws where there is no such file, it is not Arrow, or not a trace; reading on throws where a row is not valid.
 */
export async function readTrace(file: string): Promise<Trace> {
  return readArrow(file, (source) => traceFromArrow(file, source));
}
