import { createReadStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { crc32, createGunzip } from 'node:zlib';
import { Decompress } from 'fzstd';
import xz from 'xz-decompress';
import { type Entry, open as openZip, type ZipFile } from 'yauzl';

const CHUNK_BYTES = 1 << 20;
const HEAD_BYTES = 1 << 16;

/** A file's bytes, unpacked where it is packed, and a look at the first of them. */
export type Unpacked = Readonly<{ head: Buffer; bytes: AsyncGenerator<Buffer> }>;

/** How a packed file is recognised by its first bytes, and unpacked as it streams; `file` where it has to be read anew. */
type Packing = Readonly<{
  name: string;
  magic: readonly number[];
  unpack: (packed: AsyncGenerator<Buffer>, file: string) => AsyncIterable<Buffer>;
}>;

const PACKINGS: readonly Packing[] = [
  { name: 'gzip', magic: [0x1f, 0x8b], unpack: gunzipped },
  { name: 'xz', magic: [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00], unpack: unxzed },
  { name: 'zstd', magic: [0x28, 0xb5, 0x2f, 0xfd], unpack: unzstded },
  { name: 'zip', magic: [0x50, 0x4b, 0x03, 0x04], unpack: unzipped },
];

/** What xz-decompress's codes mean (xz-embedded, `linux/include/linux/xz.h`, `enum xz_ret`). */
const XZ_ERRORS: ReadonlyMap<string, string> = new Map([
  ['3', 'out of memory'],
  ['4', 'dictionary too large'],
  ['5', 'not in xz format'],
  ['6', 'unsupported options'],
  ['7', 'corrupt data'],
  ['8', 'cut short, or followed by something else'],
]);

/**
 * Opens a file and unpacks it as it is read: gzip, xz and zstd, of several members or frames, and zip, whose entries follow
 * each other by name. How it is packed is recognised by content; only a zip has to be seekable.
 * Throws where there is no such file or it is empty; reading on throws where it is damaged.
 */
export async function unpack(file: string): Promise<Unpacked> {
  const raw = await peeked(createReadStream(file, { highWaterMark: CHUNK_BYTES }));
  if (raw.head.length === 0) throw new Error(`${file}: empty file (expected a trace)`);
  const packing = packingOf(raw.head);
  if (packing === undefined) return raw;
  const { head, bytes } = await peeked(
    damageNamed(file, packing.name, packing.unpack(raw.bytes, file)),
  );
  if (head.length === 0) throw new Error(`${file}: nothing in this ${packing.name} file`);
  return { head, bytes };
}

/** How a file that begins like this is packed; undefined where it is not. */
export function packingOf(head: Buffer): Packing | undefined {
  return PACKINGS.find(({ magic }) => magic.every((byte, i) => head[i] === byte));
}

async function* gunzipped(packed: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const gunzip = createGunzip({ chunkSize: CHUNK_BYTES });
  // What goes wrong on the way destroys the stream that is read, which throws it.
  pipeline(packed, gunzip).catch(() => {});
  yield* gunzip;
}

async function* unxzed(packed: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const bytes = Readable.toWeb(Readable.from(packed)) as ReadableStream<Uint8Array>;
  try {
    for await (const piece of Readable.fromWeb(new xz.XzReadableStream(bytes) as never))
      yield piece as Buffer;
  } catch (error) {
    const code = /error code (\d+)/.exec((error as Error).message)?.[1] ?? '';
    throw XZ_ERRORS.has(code) ? new Error(XZ_ERRORS.get(code)) : error;
  }
}

async function* unzstded(packed: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let ready: Buffer[] = [];
  const frames = new Decompress((piece) => {
    if (piece.length > 0) ready.push(Buffer.from(piece.buffer, piece.byteOffset, piece.length));
  });
  for await (const piece of packed) {
    // Small steps: a chunk of a megabyte may unpack to a gigabyte.
    for (let at = 0; at < piece.length; at += HEAD_BYTES) {
      frames.push(piece.subarray(at, at + HEAD_BYTES));
      yield* ready;
      ready = [];
    }
  }
  frames.push(new Uint8Array(0), true);
  yield* ready;
}

async function* unzipped(packed: AsyncGenerator<Buffer>, file: string): AsyncGenerator<Buffer> {
  await packed.return(undefined);
  const zip = await new Promise<ZipFile>((resolve, reject) => {
    openZip(file, { lazyEntries: true, autoClose: false }, (error, opened) =>
      error ? reject(error) : resolve(opened),
    );
  });
  try {
    const entries = (await entriesOf(zip)).filter(({ fileName }) => !fileName.endsWith('/'));
    entries.sort((a, b) => (a.fileName < b.fileName ? -1 : 1));
    for (const entry of entries) yield* contentOf(zip, entry);
  } finally {
    zip.close();
  }
}

function entriesOf(zip: ZipFile): Promise<Entry[]> {
  return new Promise((resolve, reject) => {
    const entries: Entry[] = [];
    zip.on('entry', (entry: Entry) => {
      entries.push(entry);
      zip.readEntry();
    });
    zip.on('end', () => resolve(entries));
    zip.on('error', reject);
    zip.readEntry();
  });
}

async function* contentOf(zip: ZipFile, entry: Entry): AsyncGenerator<Buffer> {
  const content = await new Promise<Readable>((resolve, reject) => {
    zip.openReadStream(entry, (error, stream) => (error ? reject(error) : resolve(stream)));
  });
  let sum = 0;
  for await (const piece of content) {
    sum = crc32(piece, sum);
    yield piece;
  }
  if (sum !== entry.crc32) throw new Error(`${entry.fileName}: corrupt data`);
}

/** The first bytes of a stream, and the whole of it, from the first byte on. */
async function peeked(stream: AsyncIterable<Buffer>): Promise<Unpacked> {
  const source = stream[Symbol.asyncIterator]();
  const first: Buffer[] = [];
  let length = 0;
  while (length < HEAD_BYTES) {
    const next = await source.next();
    if (next.done) break;
    first.push(next.value);
    length += next.value.length;
  }
  async function* bytes(): AsyncGenerator<Buffer> {
    try {
      yield* first.splice(0);
      for (let next = await source.next(); !next.done; next = await source.next()) yield next.value;
    } finally {
      await source.return?.();
    }
  }
  return { head: Buffer.concat(first).subarray(0, HEAD_BYTES), bytes: bytes() };
}

/** Whatever goes wrong in unpacking is said of this file, in one line. */
async function* damageNamed(
  file: string,
  packing: string,
  bytes: AsyncIterable<Buffer>,
): AsyncGenerator<Buffer> {
  try {
    yield* bytes;
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (typeof code === 'string' && /^E[A-Z0-9]+$/.test(code)) throw error;
    throw new Error(`${file}: damaged ${packing} file (${message})`);
  }
}
