import type { TraceBatch } from './trace.ts';

/** Rows of a batch we write: large enough to make the cost per batch vanish, small enough to hold many. */
const BATCH_ROWS = 1 << 20;

/**
 * Collects accesses row by row into the columns of one batch.
 *
 * Producers fill it with `push` until `full`, hand on `take()`, and go on with the next one. The invariant: `length`
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

  /** Adds one access: time as a float (exact below 2^53), address as low and high words, size in bytes. */
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

  /** Adds rows `from` to before `to` of a batch, at most as many as there is room for. */
  append({ time, address, size, op, thread }: TraceBatch, from: number, to: number): void {
    let i = this.length;
    this.length += to - from;
    for (let row = from; row < to; row++, i++) {
      this.#time[2 * i] = time[2 * row];
      this.#time[2 * i + 1] = time[2 * row + 1];
      this.#address[2 * i] = address[2 * row];
      this.#address[2 * i + 1] = address[2 * row + 1];
      this.#size[i] = size[row];
      this.#op[i] = op[row];
      this.#thread[i] = thread[row];
    }
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
