import {
  makeData,
  RecordBatch,
  RecordBatchFileWriter,
  type Schema,
  Struct,
  type Uint32,
} from 'apache-arrow';

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
