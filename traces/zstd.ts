import { ZSTDDecoder } from 'zstddec/stream';

/** Zstandard, ready to unpack; any number of streams may be under way at once. */
export type Zstd = Readonly<{
  /** What one or several frames hold, as they stream. Throws where they are damaged, cut short, or followed by more. */
  stream: (packed: AsyncIterable<Buffer>) => AsyncGenerator<Buffer>;
  /** The same of bytes at hand, in memory of its own; throws also where it is more than `maxBytes`. */
  bytes: (packed: Uint8Array, maxBytes: number) => Uint8Array;
}>;

/** The functions of Facebook's zstd that zstddec's WebAssembly exports; addresses are byte offsets into its memory. */
type Exports = Readonly<{
  memory: Readonly<{ buffer: ArrayBuffer }>;
  malloc: (bytes: number) => number;
  free: (address: number) => void;
  ZSTD_createDCtx: () => number;
  ZSTD_freeDCtx: (context: number) => void;
  ZSTD_decompressStream: (context: number, output: number, input: number) => number;
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
    bytes: (packed, maxBytes) => unpackedBytes(zstd, packed, maxBytes),
  };
}

async function* unpackedStream(
  zstd: Exports,
  packed: AsyncIterable<Buffer>,
): AsyncGenerator<Buffer> {
  const decoder = new Decoder(zstd);
  try {
    for await (const chunk of packed) yield* decoder.unpack(chunk);
    decoder.checkEnd();
  } finally {
    decoder.free();
  }
}

function unpackedBytes(zstd: Exports, packed: Uint8Array, maxBytes: number): Uint8Array {
  const decoder = new Decoder(zstd);
  try {
    const parts: Buffer[] = [];
    let length = 0;
    for (const part of decoder.unpack(packed)) {
      length += part.length;
      if (length > maxBytes) throw new Error(`over ${maxBytes} bytes unpacked`);
      parts.push(part);
    }
    decoder.checkEnd();
    const whole = new Uint8Array(length);
    let at = 0;
    for (const part of parts) {
      whole.set(part, at);
      at += part.length;
    }
    return whole;
  } finally {
    decoder.free();
  }
}

/** What is under way in WebAssembly's memory. The invariant: until it is freed, its context and buffers are its own. */
class Decoder {
  readonly #zstd: Exports;
  readonly #context: number;
  readonly #input: number;
  readonly #to: number;
  /** 0 between frames; within one, a hint at how much is still to come. */
  #left = 0;

  constructor(zstd: Exports) {
    this.#zstd = zstd;
    this.#context = zstd.ZSTD_createDCtx();
    this.#input = zstd.malloc(2 * BUFFER_BYTES);
    this.#to = zstd.malloc(OUTPUT_BYTES);
  }

  *unpack(chunk: Uint8Array): Generator<Buffer> {
    const { memory, malloc, free, ZSTD_decompressStream } = this.#zstd;
    const input = this.#input;
    const from = malloc(chunk.length);
    if (from === 0) throw new Error('out of memory');
    try {
      new Uint8Array(memory.buffer, from).set(chunk);
      let read = 0;
      let written = 0;
      // A full output may mean that more is waiting inside, unless it ends a frame.
      while (read < chunk.length || (written === OUTPUT_BYTES && this.#left !== 0)) {
        // The memory moves when it grows, so views of it are made anew.
        const before = new Uint32Array(memory.buffer, input, 6);
        before.set([from, chunk.length, read, this.#to, OUTPUT_BYTES, 0]);
        this.#left = ZSTD_decompressStream(this.#context, input + BUFFER_BYTES, input) >>> 0;
        if (this.#left >= FIRST_ERROR) throw new Error(errorText(this.#left));
        [, , read, , , written] = new Uint32Array(memory.buffer, input, 6);
        if (written > 0) yield Buffer.from(new Uint8Array(memory.buffer, this.#to, written));
      }
    } finally {
      free(from);
    }
  }

  checkEnd(): void {
    if (this.#left !== 0) throw new Error('cut short');
  }

  free(): void {
    this.#zstd.free(this.#to);
    this.#zstd.free(this.#input);
    this.#zstd.ZSTD_freeDCtx(this.#context);
  }
}

function errorText(result: number): string {
  const code = 2 ** 32 - result;
  return ERRORS.get(code) ?? `zstd error ${code}`;
}
