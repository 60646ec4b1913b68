/** The operation codes of the `op` column: a load, a store, an instruction fetch. */
export const LOAD = 0;
export const STORE = 1;
export const FETCH = 2;

/**
 * A run of consecutive accesses, held in columns of equal length.
 *
 * `time` and `address` are 64-bit values laid out as pairs of 32-bit words, low word first (row `i` is words
 * `2 * i` and `2 * i + 1`), so that no loop over them meets a BigInt. Whoever makes a batch
 * does not change it afterwards, so that it can be written while the next one is made.
 */
export type TraceBatch = Readonly<{
  length: number;
  time: Uint32Array;
  address: Uint32Array;
  size: Uint16Array;
  op: Uint8Array;
  thread: Uint32Array;
}>;

/** `access`: every load and store of the program. `memory`: what is left of them after the caches. */
export type Level = 'access' | 'memory';

/** What the `time` column counts; `accesses` where the source has no time at all and rows are merely numbered. */
export type TimeUnit = 'ns' | 'cycles' | 'instructions' | 'accesses';

/** What a mapping of the traced program is of. */
export type VmaKind = 'anonymous' | 'heap' | 'stack' | 'file' | 'shared' | 'special';

/**
 * A mapping of the traced program, a line of `/proc/PID/maps`: byte addresses from `start` to before `end`; `pgoff` is its
 * offset in pages, which for private anonymous memory is `start` in pages; `huge` where it is backed by huge pages.
 */
export type TracedVma = Readonly<{
  start: number;
  end: number;
  pgoff: number;
  kind: VmaKind;
  huge: boolean;
}>;

/** What a trace says about itself; kept in the Arrow schema's metadata. */
export type TraceMetadata = Readonly<{
  level: Level;
  timeUnit: TimeUnit;
  /** Bytes of a page, a power of two. */
  pageBytes: number;
  /** One access in this many was recorded; 1 means all of them. */
  samplePeriod: number;
  /** Accesses recorded in a row, which are no independent samples. With period 1: sampled, but nobody knows how. */
  sampleLength?: number;
  /** Reads one thread keeps in flight; absent where the core decides. */
  outstanding?: number;
  /** What made the trace: a tool and its version, or a pattern and its seed. */
  source: string;
  /** The command line of the traced program. */
  command?: string;
  /** True where addresses are physical ones, which say nothing of where a kernel would put the pages. */
  physical?: boolean;
  /** The program's mappings, by address. */
  vmas?: readonly TracedVma[];
}>;

/**
 * A trace: what it says about itself, and its accesses, which can be read once. `learned`, where there is one, gives what
 * was found out of it while its batches were read (the mappings of a program that has ended, for instance).
 */
export type Trace = Readonly<{
  metadata: TraceMetadata;
  batches: AsyncIterable<TraceBatch>;
  learned?: () => Partial<TraceMetadata>;
}>;
