import type { RecordBatch, Schema } from 'apache-arrow';
import type { Trace } from './trace.ts';
import { traceSchema } from './trace-schema.ts';
import { writeWholeFiles } from './whole-file.ts';
import { arrowFile, recordBatch } from './write-arrow.ts';

async function* recordBatches(schema: Schema, trace: Trace): AsyncGenerator<RecordBatch> {
  for await (const { length, time, address, size, op, thread } of trace.batches) {
    const wide = (words: Uint32Array) => new BigUint64Array(words.buffer, words.byteOffset, length);
    yield recordBatch(schema, length, [wide(time), wide(address), size, op, thread]);
  }
  // A file's schema stands at its end, so what was learned on the way still gets in.
  const whole = traceSchema({ ...trace.metadata, ...trace.learned?.() });
  for (const [key, value] of whole.metadata) schema.metadata.set(key, value);
}

/**
 * Writes a trace as an Arrow IPC file, batch by batch; the file appears only when it is complete.
 * Throws what the trace's source or the file system throws.
 */
export async function writeTrace(path: string, trace: Trace): Promise<void> {
  const schema = traceSchema(trace.metadata);
  await writeWholeFiles(new Map([[path, arrowFile(schema, recordBatches(schema, trace))]]));
}
