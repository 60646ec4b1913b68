import { createReadStream } from 'node:fs';
import { type Duplex, pipeline, Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import lzma from 'lzma-native';
import { unzipped } from './zip-chunks.ts';
import { loadZstd } from './zstd.ts';

const CHUNK_BYTES = 1 << 20;
const HEAD_BYTES = 1 << 16;

/** Memory an xz stream may ask for; `xz -9` asks for 65 MiB, and a damaged header for anything. */
const XZ_MEMORY_BYTES = 1 << 28;

/** liblzma's LZMA_BUF_ERROR. */
const XZ_CUT_SHORT = 'No progress is possible';

/** A file's bytes, unpacked where it is packed, and a look at the first of them. */
export type Unpacked = Readonly<{
  /** How it is packed: `gzip`, `xz`, `zstd`, `zip`. */
  packing?: string;
  head: Buffer;
  bytes: AsyncIterable<Buffer>;
  /** Closes the file where `bytes` are not read after all; reading them to the end, or leaving off, closes it too. */
  close: () => Promise<void>;
}>;

/** How a packed file is recognised by its first bytes, and unpacked as it streams. */
type Packing = Readonly<{
  name: string;
  recognise: (head: Buffer) => boolean;
  unpack: (packed: AsyncIterable<Buffer>, file: string) => AsyncIterable<Buffer>;
}>;

const PACKINGS: readonly Packing[] = [
  {
    name: 'gzip',
    recognise: (head) => startsWith(head, 0x1f, 0x8b),
    unpack: (packed) => through(packed, createGunzip({ chunkSize: CHUNK_BYTES })),
  },
  {
    name: 'xz',
    recognise: (head) => startsWith(head, 0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00),
    unpack: (packed) =>
      through(
        packed,
        lzma.createStream('streamDecoder', { memlimit: XZ_MEMORY_BYTES, bufsize: CHUNK_BYTES }),
      ),
  },
  {
    name: 'zstd',
    // A frame, or one to skip (its first byte 0x50 to 0x5f), which pzstd and seekable files begin with.
    recognise: (head) =>
      startsWith(head, 0x28, 0xb5, 0x2f, 0xfd) ||
      (head[0] >> 4 === 5 && startsWith(head.subarray(1), 0x2a, 0x4d, 0x18)),
    unpack: async function* (packed) {
      yield* (await loadZstd()).stream(packed);
    },
  },
  {
    name: 'zip',
    recognise: (head) => startsWith(head, 0x50, 0x4b, 0x03, 0x04),
    unpack: (_, file) => unzipped(file),
  },
];

/**
 * Opens a file and unpacks it as it is read; how it is packed is recognised by content, and nothing but a zip file needs to be
 * seekable. Several gzip members, xz streams or zstd frames after each other are one file, as their own tools have it.
 * Throws where there is no such file or it is empty; reading on throws where it is damaged.
 */
export async function unpack(file: string): Promise<Unpacked> {
  const raw = await peeked(createReadStream(file, { highWaterMark: CHUNK_BYTES }));
  if (raw.head.length === 0) throw new Error(`${file}: empty file (expected a trace)`);
  const packing = PACKINGS.find(({ recognise }) => recognise(raw.head));
  if (packing === undefined) return raw;
  const { name } = packing;
  const unpacked = await peeked(damageNamed(file, name, packing.unpack(raw.bytes, file)));
  if (unpacked.head.length === 0) throw new Error(`${file}: empty ${name} file (expected a trace)`);
  return { packing: name, ...unpacked };
}

function startsWith(head: Buffer, ...magic: number[]): boolean {
  return magic.every((byte, i) => head[i] === byte);
}

/** What a decoder makes of packed bytes. Throws the first error of either, even one the decoder has after its end. */
async function* through(packed: AsyncIterable<Buffer>, decoder: Duplex): AsyncGenerator<Buffer> {
  let failure: unknown;
  decoder.on('error', (error) => {
    failure ??= error;
  });
  yield* pipeline(Readable.from(packed), decoder, () => {});
  if (failure !== undefined) throw failure;
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
      yield* first;
      for (let next = await source.next(); !next.done; next = await source.next()) yield next.value;
    } finally {
      await close();
    }
  }
  async function close() {
    await source.return?.();
  }
  return { head: Buffer.concat(first).subarray(0, HEAD_BYTES), bytes: bytes(), close };
}

async function* damageNamed(
  file: string,
  packing: string,
  bytes: AsyncIterable<Buffer>,
): AsyncGenerator<Buffer> {
  try {
    yield* bytes;
  } catch (error) {
    const { syscall, message } = error as NodeJS.ErrnoException;
    if (syscall !== undefined) throw error;
    // yauzl goes on for sentences, with control characters.
    const [got] = message === XZ_CUT_SHORT ? ['cut short'] : message.split(/\. /);
    throw new Error(`${file}: damaged ${packing} file (${got[0].toLowerCase()}${got.slice(1)})`);
  }
}
