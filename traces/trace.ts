/** The operation codes of the `op` column. */
export const LOAD = 0;
export const STORE = 1;

/**
 * A run of consecutive accesses, held in columns of equal length.
 *
 * `time` and `address` are 64-bit values laid out as pairs of 32-bit words, low word first (row `i` is words
 * `2 * i` and `2 * i + 1`), so that no loop over them meets a BigInt. A batch is valid until the next one is asked for.
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

/** What the `time` column counts. */
export type TimeUnit = 'ns' | 'cycles' | 'instructions';

/** What a trace says about itself; kept in the Arrow schema's metadata. */
export type TraceMetadata = Readonly<{
  level: Level;
  timeUnit: TimeUnit;
  /** Bytes of a page, a power of two. */
  pageBytes: number;
  /** One access in this many was recorded; 1 means all of them. */
  samplePeriod: number;
  /** Reads one thread keeps in flight; absent where the core decides. */
  outstanding?: number;
  /** What made the trace: a tool and its version, or a pattern and its seed. */
  source: string;
  /** The command line of the traced program. */
  command?: string;
  /** JSON list of the program's mappings: start, end, pgoff, kind, huge. */
  vmas?: string;
}>;

/** A trace: what it says about itself, and its accesses, which can be read once. */
export type Trace = Readonly<{
  metadata: TraceMetadata;
  batches: AsyncIterable<TraceBatch>;
}>;
