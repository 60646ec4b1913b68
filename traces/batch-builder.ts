import type { TraceBatch } from './trace.ts';

/** Rows of a batch we write: large enough to make the cost per batch vanish, small enough to hold many. */
const BATCH_ROWS = 1 << 20;
/** Rows that are copied one by one sooner than by a view of each column. */
const SHORT_RUN = 32;

/**
 * Collects accesses row by row into the columns of one batch.
 *
 * Producers fill it with `push` or `append` until `full`, hand on `take()`, and go on with the next one. The invariant: `length`
 * rows of every column are set.
 */
export class BatchBuilder {
  length = 0;
  readonly capacity: number;
  #time: Uint32Array;
  #address: Uint32Array;
  #size: Uint16Array;
  #op: Uint8Array;
  #thread: Uint32Array;

  constructor(capacity = BATCH_ROWS) {
    this.capacity = capacity;
    this.#time = new Uint32Array(capacity * 2);
    this.#address = new Uint32Array(capacity * 2);
    this.#size = new Uint16Array(capacity);
    this.#op = new Uint8Array(capacity);
    this.#thread = new Uint32Array(capacity);
  }

  /** True when `push` has no room left. */
  get full(): boolean {
    return this.length === this.capacity;
  }

  /** True when `push` has room for this many rows more. */
  hasRoom(rows: number): boolean {
    return this.length + rows <= this.capacity;
  }

  /**
   * Adds one access: time as a float (exact below 2^53), address as low and high words, each modulo 2^32 and cut to a
   * whole number (so `push(t, a, a / 2 ** 32, …)` is right for any address `a` below 2^53), size in bytes.
   */
  push(time: number, low: number, high: number, size: number, op: number, thread: number): void {
    const i = this.length++;
    this.#time[2 * i] = time;
    this.#time[2 * i + 1] = time / 0x1_0000_0000;
    this.#address[2 * i] = low;
    this.#address[2 * i + 1] = high;
    this.#size[i] = size;
    this.#op[i] = op;
    this.#thread[i] = thread;
  }

  /** Adds as many of a batch's rows from `from` to before `to` as there is room for; returns the first left out. */
  append(batch: TraceBatch, from: number, to: number): number {
    const at = this.length;
    const end = Math.min(to, from + this.capacity - at);
    if (end - from < SHORT_RUN) {
      for (let row = from; row < end; row++) this.#copy(batch, row);
      return end;
    }
    this.#time.set(batch.time.subarray(2 * from, 2 * end), 2 * at);
    this.#address.set(batch.address.subarray(2 * from, 2 * end), 2 * at);
    this.#size.set(batch.size.subarray(from, end), at);
    this.#op.set(batch.op.subarray(from, end), at);
    this.#thread.set(batch.thread.subarray(from, end), at);
    this.length += end - from;
    return end;
  }

  #copy({ time, address, size, op, thread }: TraceBatch, row: number): void {
    const i = this.length++;
    this.#time[2 * i] = time[2 * row];
    this.#time[2 * i + 1] = time[2 * row + 1];
    this.#address[2 * i] = address[2 * row];
    this.#address[2 * i + 1] = address[2 * row + 1];
    this.#size[i] = size[row];
    this.#op[i] = op[row];
    this.#thread[i] = thread[row];
  }

  /** The rows so far as a batch; the builder is empty afterwards and owns new columns. */
  take(): TraceBatch {
    const n = this.length;
    const batch: TraceBatch = {
      length: n,
      time: this.#time.subarray(0, 2 * n),
      address: this.#address.subarray(0, 2 * n),
      size: this.#size.subarray(0, n),
      op: this.#op.subarray(0, n),
      thread: this.#thread.subarray(0, n),
    };
    this.length = 0;
    this.#time = new Uint32Array(this.capacity * 2);
    this.#address = new Uint32Array(this.capacity * 2);
    this.#size = new Uint16Array(this.capacity);
    this.#op = new Uint8Array(this.capacity);
    this.#thread = new Uint32Array(this.capacity);
    return batch;
  }
}
