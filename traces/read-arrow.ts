import { type FileHandle, open } from 'node:fs/promises';
import { createGunzip } from 'node:zlib';
import { type RecordBatch, RecordBatchReader, type Schema } from 'apache-arrow';

const ARROW_MAGIC = 'ARROW1';
/** The file format is this many bytes of magic and padding, then the stream format, then a footer. */
const STREAM_OFFSET = 8;

/** An Arrow file being read: its schema, and its record batches one at a time. */
export type ArrowSource = Readonly<{ schema: Schema; batches: AsyncIterable<RecordBatch> }>;

function inThisFile(path: string, error: unknown): Error {
  const problem = error instanceof Error ? error.message : String(error);
  return new Error(
    `${path}: ${problem.startsWith('E') ? problem : `damaged Arrow file: ${problem}`}`,
  );
}

async function* withoutMagic(path: string, bytes: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let head: Buffer | undefined = Buffer.alloc(0);
  for await (const chunk of bytes) {
    if (head === undefined) {
      yield chunk;
      continue;
    }
    head = Buffer.concat([head, chunk]);
    if (head.length < STREAM_OFFSET) continue;
    checkMagic(path, head);
    yield head.subarray(STREAM_OFFSET);
    head = undefined;
  }
  if (head !== undefined) checkMagic(path, head);
}

function checkMagic(path: string, head: Buffer): void {
  const got = head.subarray(0, ARROW_MAGIC.length).toString('latin1');
  if (got !== ARROW_MAGIC) {
    throw new Error(
      `${path}: not an Arrow file (got ${JSON.stringify(got)}, expected "${ARROW_MAGIC}")`,
    );
  }
}

async function readerOf(path: string, handle: FileHandle): Promise<RecordBatchReader> {
  const head = Buffer.alloc(STREAM_OFFSET);
  const { bytesRead } = await handle.read(head, 0, STREAM_OFFSET, 0);
  if (bytesRead === 0)
    throw new Error(`${path}: not an Arrow file (got an empty file, expected "${ARROW_MAGIC}")`);
  if (head[0] === 0x1f && head[1] === 0x8b) {
    const packed = handle.createReadStream({ start: 0, autoClose: false, highWaterMark: 1 << 20 });
    const unpacked = packed.pipe(createGunzip({ chunkSize: 1 << 20 }));
    packed.on('error', (error) => unpacked.destroy(error));
    return RecordBatchReader.from(withoutMagic(path, unpacked));
  }
  checkMagic(path, head.subarray(0, bytesRead));
  return RecordBatchReader.from(handle);
}

async function* recordBatches(
  path: string,
  handle: FileHandle,
  reader: RecordBatchReader,
): AsyncGenerator<RecordBatch> {
  try {
    yield* reader as unknown as AsyncIterable<RecordBatch>;
  } catch (error) {
    throw inThisFile(path, error);
  } finally {
    await handle.close();
  }
}

/**
 * Opens an Arrow IPC file, plain or gzip-compressed, for reading batch by batch in bounded memory.
 * Throws where there is no such file, or it is no Arrow file, or is cut short.
 */
export async function readArrow(path: string): Promise<ArrowSource> {
  const handle = await open(path);
  try {
    if ((await handle.stat()).isDirectory())
      throw new Error(`${path}: is a directory (expected a file)`);
    const reader = await readerOf(path, handle);
    try {
      await reader.open();
    } catch (error) {
      throw inThisFile(path, error);
    }
    if (reader.schema === undefined || reader.schema === null) {
      throw new Error(`${path}: damaged Arrow file (got no schema)`);
    }
    return { schema: reader.schema, batches: recordBatches(path, handle, reader) };
  } catch (error) {
    await handle.close();
    throw error;
  }
}

/** The 64-bit integers of a record batch's column as pairs of 32-bit words, low word first; nothing is copied. */
export function words(batch: RecordBatch, column: number): Uint32Array {
  const data = batch.data.children[column];
  const values = data?.values as BigUint64Array;
  return new Uint32Array(values.buffer, values.byteOffset, batch.numRows * 2);
}
