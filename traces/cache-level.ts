import type { CacheGeometry } from './cache-filter.ts';

/** The mark of an empty way: clean, and of a line above all addresses. */
const EMPTY = -2;

/**
 * One cache: sets of ways with least-recently-used replacement.
 *
 * A line is its address over the line size, in two words: `low` as a signed 32-bit number, `high` of at most 28 bits. The
 * invariant: a set holds a line at most once, the most recent first, its empty ways last.
 */
export class CacheLevel {
  /** Its place among the levels, from the core. */
  readonly level: number;
  readonly ways: number;
  readonly sets: number;
  /** The set of a line is `low & mask` where the sets are a power of two; -1 where they are not. */
  readonly mask: number;
  /** The levels above that may hold nothing which this one does not hold; none where it is not inclusive. */
  readonly above: CacheLevel[] = [];
  /** Low word of the line in every way, set after set. */
  readonly lines: Int32Array;
  /** `2 * high + dirty` of the line in every way. */
  readonly marks: Int32Array;
  /** What the last `lookUp` that missed pushed out: its low word, and its mark. */
  victimLine = 0;
  victimMark = EMPTY;
  /** `high * 2^32` modulo the sets, for the last `high` there was. */
  #high = 0;
  #highSets = 0;

  /** A capacity that is no whole number of sets is rounded down to one, but never below one set. */
  constructor({ bytes, ways, lineBytes }: CacheGeometry, level: number) {
    this.level = level;
    this.ways = ways;
    this.sets = Math.max(1, Math.floor(bytes / (ways * lineBytes)));
    this.mask = Number.isInteger(Math.log2(this.sets)) ? this.sets - 1 : -1;
    this.lines = new Int32Array(this.sets * ways);
    this.marks = new Int32Array(this.sets * ways).fill(EMPTY);
  }

  /** Where the most recent line of a line's set is. */
  first(low: number, high: number): number {
    if (this.mask >= 0) return (low & this.mask) * this.ways;
    if (high !== this.#high) {
      this.#high = high;
      // Sixteen bits at a time, so that every product is exact.
      this.#highSets = (((high * 65536) % this.sets) * 65536) % this.sets;
    }
    const set = ((low >>> 0) % this.sets) + this.#highSets;
    return (set < this.sets ? set : set - this.sets) * this.ways;
  }

  /** True where the line is there; makes it the most recent of its set either way, and dirty where `dirty` is 1. */
  lookUp(low: number, high: number, dirty: number): boolean {
    const { lines, marks } = this;
    const first = this.first(low, high);
    const end = first + this.ways;
    // What was in a way goes into the next, until the line's own place, or past the last.
    let line = low;
    let mark = high << 1;
    for (let way = first; way < end; way++) {
      const nextLine = lines[way];
      const nextMark = marks[way];
      lines[way] = line;
      marks[way] = mark;
      if (nextLine === low && nextMark >>> 1 === high) {
        marks[first] = nextMark | dirty;
        return true;
      }
      line = nextLine;
      mark = nextMark;
    }
    marks[first] |= dirty;
    this.victimLine = line;
    this.victimMark = mark;
    return false;
  }

  /** True where the line is there; makes it dirty, and no more recent. */
  markDirty(low: number, high: number): boolean {
    const way = this.#find(low, high);
    if (way >= 0) this.marks[way] |= 1;
    return way >= 0;
  }

  /** Makes a line clean; returns whether it was dirty (1) or clean (0), -1 where it is not there. */
  clean(low: number, high: number): number {
    const way = this.#find(low, high);
    if (way < 0) return -1;
    const dirty = this.marks[way] & 1;
    this.marks[way] &= ~1;
    return dirty;
  }

  /** Takes a line out; returns whether it was dirty (1) or clean (0), -1 where it is not there. */
  drop(low: number, high: number): number {
    let way = this.#find(low, high);
    if (way < 0) return -1;
    const dirty = this.marks[way] & 1;
    const last = this.first(low, high) + this.ways - 1;
    for (; way < last; way++) {
      this.lines[way] = this.lines[way + 1];
      this.marks[way] = this.marks[way + 1];
    }
    this.marks[last] = EMPTY;
    return dirty;
  }

  #find(low: number, high: number): number {
    const first = this.first(low, high);
    for (let way = first; way < first + this.ways; way++) {
      if (this.lines[way] === low && this.marks[way] >>> 1 === high) return way;
    }
    return -1;
  }
}
