import { type FileHandle, open } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { crc32 } from 'node:zlib';
import { type Entry, fromRandomAccessReaderPromise, RandomAccessReader, type ZipFile } from 'yauzl';

const CHUNK_BYTES = 1 << 18;

/** What drmemtrace calls the pieces of a trace. */
const CHUNK = /^chunk\.(\d+)$/;

/**
 * The bytes of a zip file of one file, or of drmemtrace's pieces of one (`chunk.0000`, `chunk.0001`, …) after each other.
 * Throws where it holds anything else, a piece is missing, or it is damaged.
 *
 * Source: DynamoRIO, clients/drcachesim/reader/zipfile_file_reader.cpp.
 */
export async function* unzipped(file: string): AsyncGenerator<Buffer> {
  const handle = await open(file);
  try {
    const { size } = await handle.stat();
    const bytes = new FileBytes(handle, size);
    const options = { autoClose: false, lazyEntries: true };
    const zip = await fromRandomAccessReaderPromise(bytes, size, options);
    for (const entry of await piecesOf(zip)) yield* contentOf(zip, entry);
  } finally {
    await handle.close();
  }
}

/**
 * A file as yauzl reads it. The invariant: nothing outside the file is ever asked of the file system, which would throw where
 * nobody can catch it.
 */
class FileBytes extends RandomAccessReader {
  readonly #handle: FileHandle;
  readonly #size: number;

  constructor(handle: FileHandle, size: number) {
    super();
    this.#handle = handle;
    this.#size = size;
  }

  override read(
    buffer: Buffer,
    offset: number,
    length: number,
    position: number,
    callback: (error: Error | null) => void,
  ): void {
    if (position < 0 || position + length > this.#size) {
      process.nextTick(callback, new Error('cut short, or a wrong place in it'));
      return;
    }
    this.#handle.read(buffer, offset, length, position).then(() => callback(null), callback);
  }

  override _readStreamForRange(start: number, end: number): Readable {
    if (start < 0 || end < start || end > this.#size)
      return new Readable().destroy(new Error('cut short, or a wrong place in it'));
    return Readable.from(bytesOf(this.#handle, start, end));
  }
}

async function* bytesOf(handle: FileHandle, start: number, end: number): AsyncGenerator<Buffer> {
  for (let at = start; at < end; ) {
    const bytes = Buffer.alloc(Math.min(CHUNK_BYTES, end - at));
    const { bytesRead } = await handle.read(bytes, 0, bytes.length, at);
    if (bytesRead === 0) throw new Error('cut short');
    yield bytes.subarray(0, bytesRead);
    at += bytesRead;
  }
}

/** The files to read, in order: the only one, or all chunks by number. */
async function piecesOf(zip: ZipFile): Promise<Entry[]> {
  const entries: Entry[] = [];
  for await (const entry of zip.eachEntry()) {
    if (!entry.fileName.endsWith('/')) entries.push(entry);
  }
  if (entries.length === 1) return entries;
  const chunks = entries.filter(({ fileName }) => CHUNK.test(fileName));
  if (chunks.length === 0) {
    throw new Error(`got ${entries.length} files, expected one, or chunk.0000 and so on`);
  }
  const numberOf = ({ fileName }: Entry) => Number(CHUNK.exec(fileName)?.[1]);
  chunks.sort((a, b) => numberOf(a) - numberOf(b));
  for (const [i, chunk] of chunks.entries()) {
    if (numberOf(chunk) !== i) {
      throw new Error(`got ${chunk.fileName} as piece ${i}, expected one of that number`);
    }
  }
  return chunks;
}

async function* contentOf(zip: ZipFile, entry: Entry): AsyncGenerator<Buffer> {
  if (!entry.canDecodeFileData()) {
    throw new Error(`${entry.fileName}: packed in a way we do not read (expected deflate)`);
  }
  let checksum = 0;
  for await (const bytes of await zip.openReadStreamPromise(entry)) {
    checksum = crc32(bytes, checksum);
    yield bytes;
  }
  if (checksum !== entry.crc32) throw new Error(`${entry.fileName}: wrong checksum`);
}
