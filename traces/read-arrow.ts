import './arrow-codecs.ts';
import { randomUUID } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { AsyncRecordBatchFileReader, Message, type RecordBatch, type Schema } from 'apache-arrow';
import { packingOf, unpack } from './unpack.ts';
import { whileUnfinished } from './whole-file.ts';

const ARROW_MAGIC = 'ARROW1';

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

/**
 * Opens an Arrow IPC file, plain or packed (gzip, xz, zstd, zip), for reading batch by batch in bounded memory, and hands it to
 * `interpret`; all its batches, or some. The file is closed when those have been read or when `interpret` throws.
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

/** The rows of every record batch, from the message that precedes each. */
async function rowsOfBatches(
  handle: FileHandle,
  reader: AsyncRecordBatchFileReader,
): Promise<number[]> {
  const rows: number[] = [];
  for (const { offset, metaDataLength } of reader.footer?.recordBatches() ?? []) {
    const bytes = Buffer.alloc(metaDataLength);
    await handle.read(bytes, 0, metaDataLength, offset);
    // Since format version 5 four bytes of ones stand before the length.
    const prefix = bytes.readInt32LE(0) === -1 ? 8 : 4;
    const header = Message.decode(bytes.subarray(prefix)).header() as Readonly<{ length: number }>;
    rows.push(header.length);
  }
  return rows;
}

async function* recordBatches(
  { name, from, to }: ArrowPart,
  handle: FileHandle,
  reader: AsyncRecordBatchFileReader,
): AsyncGenerator<RecordBatch> {
  try {
    // One by one: the reader's own iteration never ends where a batch's header is damaged.
    for (let i = from; i < Math.min(to, reader.numRecordBatches); i++) {
      const batch = await damageNamed(name, () => reader.readRecordBatch(i));
      if (batch === null)
        throw new Error(`${name}: damaged Arrow file (no record batch where batch ${i} should be)`);
      yield batch;
    }
  } finally {
    await handle.close();
  }
}

/** Does one step of reading; what the Arrow library or the file system throws is said of this file. */
async function damageNamed<T>(path: string, step: () => Promise<T>): Promise<T> {
  try {
    return await step();
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (typeof code === 'string' && /^E[A-Z0-9]+$/.test(code)) throw error;
    throw new Error(`${path}: damaged Arrow file, cut short or overwritten (${message})`);
  }
}

async function openUnpacked(path: string): Promise<FileHandle> {
  const handle = await open(path);
  try {
    if ((await handle.stat()).isDirectory())
      throw new Error(`${path}: is a directory (expected a file)`);
    const head = await headOf(handle);
    if (packingOf(head) === undefined) {
      checkMagic(path, head);
      return handle;
    }
  } catch (error) {
    await handle.close();
    throw error;
  }
  await handle.close();
  const unpacked = await unpackedFile(path);
  try {
    checkMagic(path, await headOf(unpacked));
    return unpacked;
  } catch (error) {
    await unpacked.close();
    throw error;
  }
}

/** Arrow files are read from their end, so a packed one goes to a nameless temporary file first. */
async function unpackedFile(path: string): Promise<FileHandle> {
  const temporary = join(tmpdir(), `numaweave-${randomUUID()}`);
  return whileUnfinished(temporary, async () => {
    const { bytes } = await unpack(path);
    await pipeline(bytes, createWriteStream(temporary));
    return open(temporary);
  });
}

async function headOf(handle: FileHandle): Promise<Buffer> {
  const head = Buffer.alloc(ARROW_MAGIC.length);
  const { bytesRead } = await handle.read(head, 0, head.length, 0);
  return head.subarray(0, bytesRead);
}

function checkMagic(path: string, head: Buffer): void {
  const magic = head.toString('latin1');
  if (magic === ARROW_MAGIC) return;
  const got = head.length === 0 ? 'an empty file' : JSON.stringify(magic);
  throw new Error(`${path}: not an Arrow file (got ${got}, expected "${ARROW_MAGIC}")`);
}

/** The 64-bit integers of a record batch's column as pairs of 32-bit words, low word first; nothing is copied. */
export function words(batch: RecordBatch, column: number): Uint32Array {
  const values = batch.data.children[column].values as BigUint64Array;
  return new Uint32Array(values.buffer, values.byteOffset, batch.numRows * 2);
}
