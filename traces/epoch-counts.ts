import { grown } from './page-table.ts';

/** Accesses in an epoch to begin with; doubled whenever there are too many epochs. */
const FIRST_EPOCH_ACCESSES = 4096;
/** Entries above which epochs are merged before there are too many: 12 bytes each, and merging may halve them. */
const MANY_ENTRIES = 1 << 24;
const MAX_LINES = 0xffff_ffff;

/**
 * Lines read and written per (epoch, page), counted in one pass over a trace of unknown length.
 *
 * Epochs are runs of equally many accesses. When `maxEpochs` of them are full and another access comes, neighbours are
 * merged and an epoch is twice as long from then on; so a long trace ends with more than `maxEpochs / 2` epochs (fewer
 * where they touch so many pages that their entries fill memory), and how it is cut does not depend on its batches. The invariant: entries of finished epochs are ordered by
 * epoch, then page ordinal.
 */
export class EpochCounts {
  readonly maxEpochs: number;
  epochAccesses: number;
  /** First entry of every finished epoch, and the end of the last. */
  start: number[] = [0];
  /** Time at which each epoch begins. */
  startTime: number[] = [];
  entries = 0;
  page = new Uint32Array(4096);
  reads = new Uint32Array(4096);
  writes = new Uint32Array(4096);

  /** Lines of the epoch being filled, by page ordinal: read counts at even, write counts at odd places. */
  #current = new Uint32Array(2048);
  #touched = new Uint32Array(1024);
  #touchedCount = 0;

  /** `maxEpochs` is 1 or an even number. */
  constructor(maxEpochs: number) {
    this.maxEpochs = maxEpochs;
    this.epochAccesses = maxEpochs === 1 ? Number.POSITIVE_INFINITY : FIRST_EPOCH_ACCESSES;
  }

  /** Counts one line of the epoch being filled. */
  count(page: number, write: number): void {
    if (page * 2 >= this.#current.length)
      this.#current = grown(this.#current, Math.max(page, 1024) * 4);
    const current = this.#current;
    if (current[2 * page] + current[2 * page + 1] === 0) {
      if (this.#touchedCount === this.#touched.length) {
        this.#touched = grown(this.#touched, this.#touchedCount * 2);
      }
      this.#touched[this.#touchedCount++] = page;
    }
    current[2 * page + write]++;
  }

  /** Opens the epoch whose first access has this time. Called once at the start, then after every `close`. */
  open(time: number): void {
    const epochs = this.startTime.length;
    const crowded = this.entries > MANY_ENTRIES && epochs > 0 && epochs % 2 === 0;
    if (epochs === this.maxEpochs || crowded) this.#mergeNeighbours();
    this.startTime.push(time);
  }

  /** Finishes the epoch being filled. */
  close(): void {
    const touched = this.#touched.subarray(0, this.#touchedCount).sort();
    this.#reserve(this.entries + touched.length);
    for (const page of touched) {
      this.page[this.entries] = page;
      this.reads[this.entries] = this.#current[2 * page];
      this.writes[this.entries++] = this.#current[2 * page + 1];
      this.#current[2 * page] = 0;
      this.#current[2 * page + 1] = 0;
    }
    this.#touchedCount = 0;
    this.start.push(this.entries);
  }

  #reserve(length: number): void {
    if (length <= this.page.length) return;
    const longer = Math.max(length, this.page.length * 2);
    this.page = grown(this.page, longer);
    this.reads = grown(this.reads, longer);
    this.writes = grown(this.writes, longer);
  }

  /** Merges epochs 0 and 1, 2 and 3, … in place: two ordered runs become one, never longer than both. */
  #mergeNeighbours(): void {
    const { start, page, reads, writes } = this;
    const epochs = start.length - 1;
    const merged = [0];
    let to = 0;
    for (let epoch = 0; epoch < epochs; epoch += 2) {
      const first = start[epoch];
      const end = start[epoch + 2];
      const run = {
        page: page.slice(first, end),
        reads: reads.slice(first, end),
        writes: writes.slice(first, end),
      };
      let a = 0;
      let b = start[epoch + 1] - first;
      const aEnd = b;
      const bEnd = end - first;
      while (a < aEnd || b < bEnd) {
        const aPage = a < aEnd ? run.page[a] : Number.POSITIVE_INFINITY;
        const bPage = b < bEnd ? run.page[b] : Number.POSITIVE_INFINITY;
        const read = (aPage <= bPage ? run.reads[a] : 0) + (bPage <= aPage ? run.reads[b] : 0);
        const written = (aPage <= bPage ? run.writes[a] : 0) + (bPage <= aPage ? run.writes[b] : 0);
        if (read > MAX_LINES || written > MAX_LINES) {
          throw new Error(
            `demand: lines of one page in an epoch (got ${read + written}, expected below 2^32)`,
          );
        }
        page[to] = Math.min(aPage, bPage);
        reads[to] = read;
        writes[to] = written;
        if (aPage <= bPage) a++;
        if (bPage <= aPage) b++;
        to++;
      }
      merged.push(to);
    }
    this.start = merged;
    this.startTime = this.startTime.filter((_, epoch) => epoch % 2 === 0);
    this.entries = to;
    this.epochAccesses *= 2;
  }
}
