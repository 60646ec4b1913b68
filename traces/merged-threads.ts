import type { TraceBatch } from './trace.ts';

/** A thread that has another number in the merged trace than in its file. */
export type Renumbered = Readonly<{ file: string; thread: number; as: number }>;

/**
 * Numbers the threads of several files so that no two share a number, in the order in which they appear. The invariant: every
 * number in `#taken` belongs to one thread of one file.
 */
export class MergedThreads {
  readonly renumbered: Renumbered[] = [];
  readonly #files: readonly string[];
  readonly #numbers: readonly Map<number, number>[];
  readonly #taken = new Set<number>();
  #lowestFree = 0;

  constructor(files: readonly string[]) {
    this.#files = files;
    this.#numbers = files.map(() => new Map());
  }

  /** The batch of file `order` with the threads of rows `from` to before `to` as the merged trace numbers them, in place. */
  numbered(order: number, batch: TraceBatch, from: number, to: number): TraceBatch {
    const { thread } = batch;
    let last = -1;
    let number = -1;
    for (let i = from; i < to; i++) {
      if (thread[i] !== last) {
        last = thread[i];
        number = this.#numbers[order].get(last) ?? this.#appear(order, last);
      }
      thread[i] = number;
    }
    return batch;
  }

  #appear(order: number, thread: number): number {
    let number = thread;
    if (this.#taken.has(thread)) {
      while (this.#taken.has(this.#lowestFree)) this.#lowestFree++;
      number = this.#lowestFree;
      this.renumbered.push({ file: this.#files[order], thread, as: number });
    }
    this.#taken.add(number);
    this.#numbers[order].set(thread, number);
    return number;
  }
}
