import {
  makeData,
  RecordBatch,
  RecordBatchFileWriter,
  type Schema,
  Struct,
  type Uint32,
} from 'apache-arrow';
import type { Trace, TraceBatch } from './trace.ts';
import { traceSchema } from './trace-schema.ts';
import { writeWholeFiles } from './whole-file.ts';

/** One Arrow record batch over columns given in the schema's order, nothing copied. */
export function recordBatch(
  schema: Schema,
  length: number,
  columns: readonly ArrayBufferView[],
): RecordBatch {
  const children = schema.fields.map((field, index) =>
    makeData({
      type: field.type as Uint32,
      length,
      nullCount: 0,
      data: columns[index] as Uint32Array,
    }),
  );
  return new RecordBatch(
    schema,
    makeData({ type: new Struct(schema.fields), length, nullCount: 0, children }),
  );
}

/** The bytes of an Arrow IPC file with these record batches, encoded one at a time as they are asked for. */
export async function* arrowFile(
  schema: Schema,
  batches: AsyncIterable<RecordBatch> | Iterable<RecordBatch>,
): AsyncGenerator<Uint8Array> {
  const writer = new RecordBatchFileWriter();
  writer.reset(undefined, schema);
  const encoded = writer[Symbol.asyncIterator]();
  const nothing = Promise.resolve(undefined);
  let next = encoded.next();
  // The writer queues all it encodes without bound; emptying the queue after each batch keeps memory at one batch.
  async function* drain(): AsyncGenerator<Uint8Array> {
    for (;;) {
      const result = await Promise.race([next, nothing]);
      if (result === undefined || result.done) return;
      yield result.value;
      next = encoded.next();
    }
  }
  for await (const batch of batches) {
    writer.write(batch);
    yield* drain();
  }
  writer.close();
  yield* drain();
}

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
