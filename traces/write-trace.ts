import type { RecordBatch, Schema } from 'apache-arrow';
import type { Trace, TraceBatch } from './trace.ts';
import { traceSchema } from './trace-schema.ts';
import { writeWholeFiles } from './whole-file.ts';
import { arrowFile, recordBatch } from './write-arrow.ts';

async function* recordBatches(
  schema: Schema,
  batches: AsyncIterable<TraceBatch>,
): AsyncGenerator<RecordBatch> {
  for await (const { length, time, address, size, op, thread } of batches) {
    const wide = (words: Uint32Array) => new BigUint64Array(words.buffer, words.byteOffset, length);
    yield recordBatch(schema, length, [wide(time), wide(address), size, op, thread]);
  }
}

/**
 * Writes a trace as an Arrow IPC file, batch by batch; the file appears only when it is complete.
 * Throws what the trace's source or the file system throws.
 */
export async function writeTrace(path: string, trace: Trace): Promise<void> {
  const schema = traceSchema(trace.metadata);
  await writeWholeFiles(new Map([[path, arrowFile(schema, recordBatches(schema, trace.batches))]]));
}
