import { createReadStream } from 'node:fs';
import { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';

const CHUNK_BYTES = 1 << 20;
const HEAD_BYTES = 1 << 16;

/** A file's bytes, unpacked where it is packed, and a look at the first of them. */
export type Unpacked = Readonly<{ head: Buffer; bytes: AsyncIterable<Buffer> }>;

/** How a packed file is recognised by its first bytes, and unpacked as it streams. */
type Packing = Readonly<{
  name: string;
  magic: readonly number[];
  unpack: (packed: AsyncIterable<Buffer>) => AsyncIterable<Buffer>;
}>;

const PACKINGS: readonly Packing[] = [
  {
    name: 'gzip',
    magic: [0x1f, 0x8b],
    unpack: (packed) => Readable.from(packed).compose(createGunzip({ chunkSize: CHUNK_BYTES })),
  },
];

/**
 * Opens a file and unpacks it as it is read; how it is packed is recognised by content, and nothing needs to be seekable.
 * Throws where there is no such file or it is empty; reading on throws where it is damaged.
 */
export async function unpack(file: string): Promise<Unpacked> {
  const raw = await peeked(createReadStream(file, { highWaterMark: CHUNK_BYTES }));
  if (raw.head.length === 0) throw new Error(`${file}: empty file (expected a trace)`);
  const packing = PACKINGS.find(({ magic }) => magic.every((byte, i) => raw.head[i] === byte));
  if (packing === undefined) return raw;
  return peeked(damageNamed(file, packing.name, packing.unpack(raw.bytes)));
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
      await source.return?.();
    }
  }
  return { head: Buffer.concat(first).subarray(0, HEAD_BYTES), bytes: bytes() };
}

async function* damageNamed(
  file: string,
  packing: string,
  bytes: AsyncIterable<Buffer>,
): AsyncGenerator<Buffer> {
  try {
    yield* bytes;
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code?.startsWith('E')) throw error;
    throw new Error(`${file}: damaged ${packing} file (${message})`);
  }
}
