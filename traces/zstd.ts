import { ZSTDDecoder } from 'zstddec/stream';

/** Zstandard, ready to unpack; any number of streams may be under way at once. */
export type Zstd = Readonly<{
  /** What one or several frames hold, as they stream. Throws where they are damaged, cut short, or followed by more. */
  stream: (packed: AsyncIterable<Buffer>) => AsyncGenerator<Buffer>;
  /** What one or several frames hold, which must be `length` bytes, in memory of its own. Throws where it is not. */
  bytes: (packed: Uint8Array, length: number) => Uint8Array;
}>;

/** The functions of Facebook's zstd that zstddec's WebAssembly exports; addresses are byte offsets into its memory. */
type Exports = Readonly<{
  memory: Readonly<{ buffer: ArrayBuffer }>;
  malloc: (bytes: number) => number;
  free: (address: number) => void;
  ZSTD_createDCtx: () => number;
  ZSTD_freeDCtx: (context: number) => void;
  ZSTD_decompressStream: (context: number, output: number, input: number) => number;
  ZSTD_decompress: (to: number, capacity: number, from: number, length: number) => number;
}>;

/** Bytes unpacked at a time. */
const OUTPUT_BYTES = 1 << 18;

/** `ZSTD_inBuffer` and `ZSTD_outBuffer` are an address, a size and a position: three 32-bit words each. */
const BUFFER_BYTES = 12;

/** zstd.h, zstd_errors.h: results from -ZSTD_error_maxCode (120) up, as size_t, are errors. */
const FIRST_ERROR = 2 ** 32 - 120;

/** zstd_errors.h, the ones damage leads to. */
const ERRORS = new Map([
  [10, 'no zstd frame where one should begin'],
  [14, 'unsupported frame parameter'],
  [16, 'window too large'],
  [20, 'corrupted data'],
  [22, 'wrong checksum'],
  [30, 'corrupted dictionary'],
  [32, 'needs a dictionary'],
  [64, 'out of memory'],
  [70, 'more bytes than expected'],
  [72, 'cut short'],
]);

/** zstddec keeps what it instantiates to itself and overlooks errors in streams; this takes hold of the functions. */
class Instance extends ZSTDDecoder {
  static exports: Exports | undefined;

  override _init(result: Readonly<{ instance: Readonly<{ exports: unknown }> }>): void {
    super._init(result);
    Instance.exports = result.instance.exports as Exports;
  }
}

/** Loads zstd, once in a thread. */
export async function loadZstd(): Promise<Zstd> {
  await new Instance().init();
  const zstd = Instance.exports;
  if (zstd === undefined) throw new Error('zstddec: no exports (expected those of version 0.3.4)');
  return {
    stream: (packed) => unpackedStream(zstd, packed),
    bytes: (packed, length) => unpackedBytes(zstd, packed, length),
  };
}

async function* unpackedStream(
  zstd: Exports,
  packed: AsyncIterable<Buffer>,
): AsyncGenerator<Buffer> {
  const context = zstd.ZSTD_createDCtx();
  const input = zstd.malloc(2 * BUFFER_BYTES);
  const output = input + BUFFER_BYTES;
  const to = zstd.malloc(OUTPUT_BYTES);
  /** 0 between frames; within one, a hint at how much is still to come. */
  let left = 0;
  try {
    for await (const chunk of packed) {
      const from = zstd.malloc(chunk.length);
      try {
        new Uint8Array(zstd.memory.buffer, from).set(chunk);
        let read = 0;
        let written = 0;
        // A full output may mean that more is waiting inside.
        while (read < chunk.length || written === OUTPUT_BYTES) {
          // The memory moves when it grows, so views of it are made anew.
          const before = new Uint32Array(zstd.memory.buffer, input, 6);
          before.set([from, chunk.length, read, to, OUTPUT_BYTES, 0]);
          left = zstd.ZSTD_decompressStream(context, output, input);
          if (left >>> 0 >= FIRST_ERROR) throw new Error(errorText(left));
          const after = new Uint32Array(zstd.memory.buffer, input, 6);
          read = after[2];
          written = after[5];
          if (written > 0) yield Buffer.from(new Uint8Array(zstd.memory.buffer, to, written));
        }
      } finally {
        zstd.free(from);
      }
    }
    if (left !== 0) throw new Error('cut short');
  } finally {
    zstd.free(to);
    zstd.free(input);
    zstd.ZSTD_freeDCtx(context);
  }
}

function unpackedBytes(zstd: Exports, packed: Uint8Array, length: number): Uint8Array {
  const from = zstd.malloc(packed.length);
  const to = zstd.malloc(length);
  try {
    if (from === 0 || to === 0) throw new Error('out of memory');
    new Uint8Array(zstd.memory.buffer, from).set(packed);
    const got = zstd.ZSTD_decompress(to, length, from, packed.length) >>> 0;
    if (got >= FIRST_ERROR) throw new Error(errorText(got));
    if (got !== length) throw new Error(`got ${got} bytes, expected ${length}`);
    return new Uint8Array(zstd.memory.buffer, to, length).slice();
  } finally {
    zstd.free(to);
    zstd.free(from);
  }
}

function errorText(result: number): string {
  const code = 2 ** 32 - (result >>> 0);
  return ERRORS.get(code) ?? `zstd error ${code}`;
}
