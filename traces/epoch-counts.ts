import { grown } from './page-table.ts';

/** Positions in an epoch to begin with, of a trace cut by accesses; doubled whenever there are too many epochs. */
export const FIRST_EPOCH_ACCESSES = 4096;
/** An epoch that touches at least one page in this many is put in order by going through all pages, else by sorting. */
const DENSE = 64;
const MAX_LINES = 0xffff_ffff;

/** How a trace is cut into epochs: how many there may be, and entries of all of them (12 bytes each), and how long the first are. */
export type EpochLimits = Readonly<{ maxEpochs: number; maxEntries: number; epochLength: number }>;

/** The lines of one epoch, by page ordinal, ascending; `start` is the time of its first access. */
export type EpochEntries = Readonly<{
  start: number;
  page: Uint32Array;
  reads: Uint32Array;
  writes: Uint32Array;
}>;

/** Consecutive epochs of equal length: `epochs[0]` is epoch `first`, `entries` the sum of all their entries. */
export type CountedEpochs = Readonly<{
  length: number;
  first: number;
  epochs: EpochEntries[];
  entries: number;
}>;

const NOTHING = new Uint32Array(0);
const EMPTY: EpochEntries = { start: 0, page: NOTHING, reads: NOTHING, writes: NOTHING };

/**
 * What the counters of a trace's parts tell each other while they count on threads of their own: in shared memory, two words
 * a part, how often it has merged, and how many entries it has without its first and last epoch. Those may be a neighbour's too, so
 * the sum over parts is never above what they will have together, and merging on it never goes too far.
 */
export type Crowd = Readonly<{ words: Int32Array; place: number }>;

/**
 * Lines read and written per (epoch, page), counted in one pass over a trace, or a part of one, of unknown length.
 *
 * Every access has a position: its number, or its time since the first. Epoch `e` holds positions from `e * length`. Where a
 * position would be beyond `maxEpochs` epochs, or there are more than `maxEntries` entries, neighbours (0 and 1, 2 and 3, …)
 * are merged and `length` doubles. So the final length is the first one, doubled until both fit, and depends neither on
 * batches nor on how a trace is divided into parts. The invariant: entries of closed epochs are in order, `entries` of them.
 */
export class EpochCounts {
  readonly maxEpochs: number;
  readonly maxEntries: number;
  length: number;
  /** The epoch that `epochs` begins with: 0, but for a later part of a trace. */
  first = 0;
  epochs: EpochEntries[] = [];
  entries = 0;
  /** The position at which the open epoch ends. */
  end = 0;

  #start = 0;
  #merges = 0;
  #crowd: Crowd | undefined;
  /** Room for a merged epoch before its length is known. */
  #room: Omit<EpochEntries, 'start'> = EMPTY;
  /** Lines of the open epoch, by page ordinal: read counts at even, write counts at odd places. */
  #current = new Uint32Array(2048);
  #touched = new Uint32Array(1024);
  #touchedCount = 0;

  constructor({ maxEpochs, maxEntries, epochLength }: EpochLimits, crowd?: Crowd) {
    this.maxEpochs = maxEpochs;
    this.maxEntries = maxEntries;
    this.length = epochLength;
    this.#crowd = crowd;
  }

  /** Opens the epoch that holds a position, at or after all positions so far; `start` is its first access's time. */
  open(position: number, start: number): void {
    if (position < this.end) return;
    if (this.end > 0) this.close();
    while (Math.floor(position / this.length) >= this.maxEpochs) this.merge();
    const epoch = Math.floor(position / this.length);
    if (this.epochs.length === 0) this.first = epoch;
    this.#start = start;
    this.end = (epoch + 1) * this.length;
    // After a merge it may be one that was closed already.
    if (this.epochs.length > epoch - this.first) this.#reopen();
    while (this.epochs.length < epoch - this.first) this.epochs.push({ ...EMPTY, start });
  }

  /** Counts one line of the open epoch for each page ordinal, `from` to before `to`: `write` is 1 or 0. */
  count(page: Uint32Array, write: Uint8Array, from: number, to: number, pages: number): void {
    this.#reserve(pages, to - from);
    const current = this.#current;
    const touched = this.#touched;
    let touchedCount = this.#touchedCount;
    for (let i = from; i < to; i++) {
      const at = 2 * page[i];
      if (current[at] + current[at + 1] === 0) touched[touchedCount++] = page[i];
      current[at + write[i]]++;
    }
    this.#touchedCount = touchedCount;
  }

  /** What was counted in the first part of a trace becomes what is counted here; nothing is copied. */
  adopt({ length, first, epochs, entries }: CountedEpochs): void {
    this.length = length;
    this.first = first;
    this.epochs = epochs;
    this.entries = entries;
  }

  /** Adds what a later part of the trace has counted, and uses it up; `ordinals` has the ordinal here of each of its pages. */
  absorb(part: CountedEpochs, ordinals: Uint32Array, pages: number): void {
    while (this.length < part.length) this.merge();
    for (let i = 0; i < part.epochs.length; i++) {
      const entries = part.epochs[i];
      this.open((part.first + i) * part.length, entries.start);
      this.#add(entries, ordinals, pages);
      part.epochs[i] = EMPTY;
    }
    this.close();
  }

  /** The entries of a closed epoch, which are here no longer. */
  take(epoch: number): EpochEntries {
    const entries = this.epochs[epoch];
    this.epochs[epoch] = EMPTY;
    return entries;
  }

  /** Closes the open epoch, and merges neighbours while there are too many entries. */
  close(): void {
    const count = this.#touchedCount;
    const page = this.#touched.slice(0, count);
    const reads = new Uint32Array(count);
    const writes = new Uint32Array(count);
    const current = this.#current;
    let last = 0;
    for (let i = 0; i < count; i++) if (page[i] > last) last = page[i];
    if (last > count * DENSE) {
      page.sort();
      for (let i = 0; i < count; i++) {
        const at = 2 * page[i];
        reads[i] = current[at];
        writes[i] = current[at + 1];
        current[at] = 0;
        current[at + 1] = 0;
      }
    } else {
      for (let ordinal = 0, i = 0; i < count; ordinal++) {
        const at = 2 * ordinal;
        if (current[at] + current[at + 1] === 0) continue;
        page[i] = ordinal;
        reads[i] = current[at];
        writes[i++] = current[at + 1];
        current[at] = 0;
        current[at + 1] = 0;
      }
    }
    this.epochs.push({ start: this.#start, page, reads, writes });
    this.entries += count;
    this.#touchedCount = 0;
    this.end = 0;
    this.#tell();
    while (this.epochs.length > 1 && this.#crowded()) this.merge();
  }

  /** Merges epochs 0 and 1, 2 and 3, …: epochs are twice as long afterwards. */
  merge(): void {
    const { epochs } = this;
    const merged: EpochEntries[] = [];
    let entries = 0;
    for (let i = -(this.first % 2); i < epochs.length; i += 2) {
      const both = epochs.slice(Math.max(0, i), i + 2);
      const made = both.length === 1 ? both[0] : this.#joined(both[0], both[1]);
      entries += made.page.length;
      merged.push(made);
      // Let go of at once: together with what they become, they would take twice the memory.
      epochs.fill(EMPTY, Math.max(0, i), i + 2);
    }
    this.epochs = merged;
    this.entries = entries;
    this.first = Math.floor(this.first / 2);
    this.length *= 2;
    this.#merges++;
    this.#tell();
  }

  /** True where there are too many entries, here or in all parts together. */
  #crowded(): boolean {
    let entries = this.entries;
    if (this.#crowd !== undefined) {
      const { words, place } = this.#crowd;
      for (let part = 0; part < words.length / 2; part++) {
        // A part with shorter epochs may have fewer entries once it has merged as often as this one.
        if (part !== place && Atomics.load(words, 2 * part) >= this.#merges)
          entries += Atomics.load(words, 2 * part + 1);
      }
    }
    return entries > this.maxEntries;
  }

  /** Says how many entries there are, and only then after how many merges: so no one counts too many. */
  #tell(): void {
    const { epochs, entries } = this;
    if (this.#crowd === undefined || epochs.length === 0) return;
    const { words, place } = this.#crowd;
    const outer = epochs[0].page.length + (epochs.at(-1) as EpochEntries).page.length;
    Atomics.store(words, 2 * place + 1, Math.max(0, entries - outer));
    Atomics.store(words, 2 * place, this.#merges);
  }

  #reserve(pages: number, lines: number): void {
    if (2 * pages > this.#current.length) this.#current = grown(this.#current, 4 * pages);
    const touched = Math.min(pages, this.#touchedCount + lines);
    if (touched > this.#touched.length) this.#touched = grown(this.#touched, 2 * touched);
  }

  #reopen(): void {
    const last = this.epochs.pop() as EpochEntries;
    this.entries -= last.page.length;
    this.#start = last.start;
    this.#add(last, undefined, last.page.length === 0 ? 0 : (last.page.at(-1) as number) + 1);
  }

  #add(entries: EpochEntries, ordinals: Uint32Array | undefined, pages: number): void {
    this.#reserve(pages, entries.page.length);
    const current = this.#current;
    for (let i = 0; i < entries.page.length; i++) {
      const page = ordinals === undefined ? entries.page[i] : ordinals[entries.page[i]];
      const at = 2 * page;
      const reads = current[at] + entries.reads[i];
      const writes = current[at + 1] + entries.writes[i];
      if (current[at] + current[at + 1] === 0) this.#touched[this.#touchedCount++] = page;
      current[at] = checked(reads);
      current[at + 1] = checked(writes);
    }
  }

  /** Two epochs as one: two ordered runs become one, never longer than both. */
  #joined(a: EpochEntries, b: EpochEntries): EpochEntries {
    const { page: aPage, reads: aReads, writes: aWrites } = a;
    const { page: bPage, reads: bReads, writes: bWrites } = b;
    const longest = aPage.length + bPage.length;
    if (longest > this.#room.page.length) {
      const column = () => new Uint32Array(longest);
      this.#room = { page: column(), reads: column(), writes: column() };
    }
    const { page, reads, writes } = this.#room;
    let [i, j, to, most] = [0, 0, 0, 0];
    while (i < aPage.length && j < bPage.length) {
      // Which run is next is a coin toss, so it is reckoned with instead of branched on.
      const ofA = aPage[i] <= bPage[j] ? 1 : 0;
      const ofB = bPage[j] <= aPage[i] ? 1 : 0;
      const read = aReads[i] * ofA + bReads[j] * ofB;
      const written = aWrites[i] * ofA + bWrites[j] * ofB;
      page[to] = ofA === 1 ? aPage[i] : bPage[j];
      reads[to] = read;
      writes[to++] = written;
      most = Math.max(most, read, written);
      i += ofA;
      j += ofB;
    }
    checked(most);
    for (const [rest, from] of [
      [a, i],
      [b, j],
    ] as const) {
      page.set(rest.page.subarray(from), to);
      reads.set(rest.reads.subarray(from), to);
      writes.set(rest.writes.subarray(from), to);
      to += rest.page.length - from;
    }
    return {
      start: a.start,
      page: page.slice(0, to),
      reads: reads.slice(0, to),
      writes: writes.slice(0, to),
    };
  }
}

function checked(lines: number): number {
  if (lines <= MAX_LINES) return lines;
  throw new Error(`demand: lines of one page in an epoch (got ${lines}, expected below 2^32)`);
}
