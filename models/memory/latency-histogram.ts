/**
 * A histogram of latencies in buckets of 0.8 % width, as HdrHistogram's (G. Tene): 128 buckets to each doubling, counted in
 * eighths of a ns. `record` allocates nothing.
 */

const UNITS_PER_NS = 8;
const SUB_BITS = 7;
const SUB = 1 << SUB_BITS;
const BUCKETS = (32 - SUB_BITS) * SUB;
const LARGEST = 2 ** 31 - 1;

export class LatencyHistogram {
  readonly #counts = new Uint32Array(BUCKETS);

  get count(): number {
    return this.#counts.reduce((sum, n) => sum + n, 0);
  }

  /** Counts one latency in ns; above 268 ms it counts as that. */
  record(ns: number): void {
    const units = Math.min(ns * UNITS_PER_NS, LARGEST) | 0;
    const shift = Math.max(0, 32 - SUB_BITS - 1 - Math.clz32(units));
    this.#counts[(shift << SUB_BITS) + (units >>> shift)]++;
  }

  /** The latency that this share (0 to 1) of all are at most, the middle of its bucket, ns; NaN where nothing was recorded. */
  quantile(share: number): number {
    const { count } = this;
    const rank = Math.max(1, Math.ceil(share * count));
    let seen = 0;
    for (let i = 0; i < BUCKETS && count > 0; i++) {
      seen += this.#counts[i];
      if (seen >= rank) {
        const shift = Math.max(0, (i >> SUB_BITS) - 1);
        const units = (i - (shift << SUB_BITS)) * 2 ** shift;
        return (units + 2 ** shift / 2) / UNITS_PER_NS;
      }
    }
    return Number.NaN;
  }
}
