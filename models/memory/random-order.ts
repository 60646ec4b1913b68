import { oneOf, xorshift } from './exponential.ts';

/** Accesses to a block, which `oneOf` can choose among. */
const BLOCK = 4096;

/**
 * The accesses of an epoch in random order, as the queue model takes them: `path << 1 | write` each. Counts are exact: every
 * block has all kinds in the proportion of what is left of them, and is shuffled (R. Durstenfeld, Comm. ACM 7, 1964).
 */
export class RandomOrder {
  readonly #left: Float64Array;
  #all = 0;
  #random: number;

  /** For systems with so many paths; the same seed, which is not 0, gives the same order. */
  constructor(paths: number, seed: number) {
    this.#left = new Float64Array(2 * paths);
    this.#random = seed;
  }

  /** Begins anew with these lines over the paths from `first` up to `end`; parts of lines are rounded. */
  start(reads: Float64Array, writes: Float64Array, first: number, end: number): void {
    this.#left.fill(0);
    this.#all = 0;
    for (let p = first; p < end; p++) {
      this.#left[2 * p] = Math.round(reads[p]);
      this.#left[2 * p + 1] = Math.round(writes[p]);
      this.#all += this.#left[2 * p] + this.#left[2 * p + 1];
    }
  }

  /** Fills `into` with the next accesses, up to 4,096 of them; how many they are, 0 after the last. */
  fill(into: Uint16Array): number {
    const left = this.#left;
    const length = Math.min(into.length, BLOCK, this.#all);
    let filled = 0;
    for (let kind = 0; kind < left.length; kind++) {
      if (left[kind] === 0) continue;
      // What is left of this kind and all after it, divided as it is among what has to be filled.
      const own = Math.min(left[kind], Math.round((left[kind] * (length - filled)) / this.#all));
      this.#all -= left[kind];
      left[kind] -= own;
      into.fill(kind, filled, filled + own);
      filled += own;
    }
    for (const kept of left) this.#all += kept;
    let random = this.#random;
    for (let i = filled - 1; i > 0; i--) {
      random = xorshift(random);
      const other = oneOf(i + 1, random);
      const kind = into[i];
      into[i] = into[other];
      into[other] = kind;
    }
    this.#random = random;
    return filled;
  }
}
