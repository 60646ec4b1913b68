import { randomUUID } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import {
  AsyncRecordBatchFileReader,
  type CompressionType,
  Message,
  type RecordBatch,
  type Schema,
} from 'apache-arrow';
import { loadArrowCodec } from './arrow-codecs.ts';
import { guardArrowMetadata } from './arrow-guard.ts';
import { unpack } from './unpack.ts';
import { whileUnfinished } from './whole-file.ts';

const ARROW_MAGIC = 'ARROW1';

guardArrowMetadata();

/** An Arrow file being read: its schema, and its record batches one at a time. */
export type ArrowSource = Readonly<{
  schema: Schema;
  batches: AsyncIterable<RecordBatch>;
  /** Rows of every record batch, without reading the batches. */
  batchRows: () => Promise<number[]>;
  /** A path under which other threads of this process can open what is being read, unpacked, until it is closed. */
  openAgain: string;
  close: () => Promise<void>;
}>;

/** Record batches `from` to before `to`, of a file that errors call `name`. */
export type ArrowPart = Readonly<{ name: string; from: number; to: number }>;

/** What the message before a record batch says of it. */
type BatchHeader = Readonly<{
  length: number;
  compression?: Readonly<{ type: CompressionType }> | null;
}>;

/**
 * Opens an Arrow IPC file for reading batch by batch in bounded memory, and hands it to `interpret`; all its batches, or
 * some. Its buffers may be compressed (LZ4, ZSTD), and the file packed as `unpack` has it. It is closed when those batches
 * have been read or when `interpret` throws. Batches have whole columns without nulls, as all files of ours.
 * Throws where there is no such file, or it is no Arrow file, or is cut short.
 */
export async function readArrow<T>(
  path: string,
  interpret: (source: ArrowSource) => T | Promise<T>,
  part: Readonly<Partial<ArrowPart>> = {},
): Promise<T> {
  const { name = path, from = 0, to = Number.POSITIVE_INFINITY } = part;
  const handle = await openUnpacked(path);
  try {
    // From a file handle the library always makes a reader of the file format.
    const reader = (await AsyncRecordBatchFileReader.from(handle)) as AsyncRecordBatchFileReader;
    await damageNamed(name, () => reader.open());
    return await interpret({
      schema: reader.schema,
      batches: recordBatches({ name, from, to }, handle, reader),
      batchRows: () => damageNamed(name, () => rowsOfBatches(handle, reader)),
      openAgain: `/dev/fd/${handle.fd}`,
      close: () => handle.close(),
    });
  } catch (error) {
    await handle.close();
    throw error;
  }
}

/** The rows of every record batch. */
async function rowsOfBatches(
  handle: FileHandle,
  reader: AsyncRecordBatchFileReader,
): Promise<number[]> {
  const rows: number[] = [];
  for (let i = 0; i < reader.numRecordBatches; i++) {
    rows.push((await headerOf(handle, reader, i)).length);
  }
  return rows;
}

/** What the message before record batch `index` says of it; the batch itself is not read. */
async function headerOf(
  handle: FileHandle,
  reader: AsyncRecordBatchFileReader,
  index: number,
): Promise<BatchHeader> {
  const block = reader.footer?.getRecordBatch(index);
  const { size } = await handle.stat();
  if (!block || block.offset < 0 || block.offset + block.metaDataLength > size)
    throw new Error(`no record batch where batch ${index} should be`);
  const bytes = Buffer.alloc(block.metaDataLength);
  await handle.read(bytes, 0, bytes.length, block.offset);
  // Since format version 5 four bytes of ones stand before the length.
  const prefix = bytes.readInt32LE(0) === -1 ? 8 : 4;
  return Message.decode(bytes.subarray(prefix)).header() as BatchHeader;
}

async function* recordBatches(
  { name, from, to }: ArrowPart,
  handle: FileHandle,
  reader: AsyncRecordBatchFileReader,
): AsyncGenerator<RecordBatch> {
  try {
    const count = await damageNamed(name, async () => reader.numRecordBatches);
    // One by one: the reader's own iteration never ends where a batch's header is damaged.
    for (let i = from; i < Math.min(to, count); i++) {
      const batch = await damageNamed(name, () => recordBatch(handle, reader, i));
      for (const [column, { nullCount }] of batch.data.children.entries()) {
        if (nullCount === 0) continue;
        const { name: of } = batch.schema.fields[column];
        throw new Error(`${name}: column ${of}: ${nullCount} nulls (expected none)`);
      }
      yield batch;
    }
  } finally {
    await handle.close();
  }
}

async function recordBatch(
  handle: FileHandle,
  reader: AsyncRecordBatchFileReader,
  index: number,
): Promise<RecordBatch> {
  const { compression } = await headerOf(handle, reader, index);
  if (compression) await loadArrowCodec(compression.type);
  const batch = await reader.readRecordBatch(index);
  if (batch === null) throw new Error(`no record batch where batch ${index} should be`);
  const { numRows } = batch;
  for (const { values } of batch.data.children) {
    if (values.length < numRows)
      throw new Error(`a column has ${values.length} of ${numRows} rows`);
  }
  return batch;
}

/** Does one step of reading; what the Arrow library or the file system throws is said of this file. */
async function damageNamed<T>(path: string, step: () => Promise<T>): Promise<T> {
  try {
    return await step();
  } catch (error) {
    const { syscall, message } = error as NodeJS.ErrnoException;
    if (syscall !== undefined) throw error;
    throw new Error(`${path}: damaged Arrow file, cut short or overwritten (${message})`);
  }
}

async function openUnpacked(path: string): Promise<FileHandle> {
  const handle = await open(path);
  try {
    if ((await handle.stat()).isDirectory())
      throw new Error(`${path}: is a directory (expected a file)`);
    const head = await headOf(handle);
    if (head === ARROW_MAGIC) return handle;
    if (head === '') throw notArrow(path, 'an empty file');
    const { packing, head: unpacked, bytes, close } = await unpack(path);
    const inside = packing === undefined ? head : unpacked.toString('latin1', 0, head.length);
    if (inside !== ARROW_MAGIC) {
      await close();
      throw notArrow(path, JSON.stringify(inside));
    }
    await handle.close();
    return await temporaryFile(bytes);
  } catch (error) {
    await handle.close();
    throw error;
  }
}

/** Arrow files are read from their end, so what is packed goes to a nameless temporary file first. */
async function temporaryFile(bytes: AsyncIterable<Buffer>): Promise<FileHandle> {
  const temporary = join(tmpdir(), `numaweave-${randomUUID()}`);
  return whileUnfinished(temporary, async () => {
    await pipeline(bytes, createWriteStream(temporary));
    return open(temporary);
  });
}

async function headOf(handle: FileHandle): Promise<string> {
  const head = Buffer.alloc(ARROW_MAGIC.length);
  const { bytesRead } = await handle.read(head, 0, head.length, 0);
  return head.toString('latin1', 0, bytesRead);
}

function notArrow(path: string, got: string): Error {
  return new Error(`${path}: not an Arrow file (got ${got}, expected "${ARROW_MAGIC}")`);
}

/** The 64-bit integers of a record batch's column as pairs of 32-bit words, low word first; nothing is copied. */
export function words(batch: RecordBatch, column: number): Uint32Array {
  const values = batch.data.children[column].values as BigUint64Array;
  return new Uint32Array(values.buffer, values.byteOffset, batch.numRows * 2);
}
