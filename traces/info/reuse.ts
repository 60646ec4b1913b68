import type { CountedLines } from '../line-stream.ts';
import { grown, type PageTable } from '../page-table.ts';

/** The share of accesses that a fast memory of so many pages, kept least recently used, would not have. */
export type MissPoint = Readonly<{ pages: number; missShare: number }>;

/** How soon pages are touched again: the miss-ratio curve, and how it was found. */
export type Reuse = Readonly<{
  curve: readonly MissPoint[];
  /** Pages followed at the end, and the share of all pages they stand for: 1 where every page was. */
  followedPages: number;
  followedShare: number;
}>;

/** Pages followed at most. The error of a miss ratio is then 0.01 or so (Waldspurger et al., figure 5). */
const MOST_FOLLOWED = 4096;
/** Places in the order of last touches before it is closed up. */
const PLACES = 4 * MOST_FOLLOWED;
/** Buckets of stack distances, in each doubling; distance d falls in the first whose end is not below it. */
const PER_DOUBLING = 8;
const DOUBLINGS = 40;
const HASH_RANGE = 0x1_0000_0000;

/**
 * Stack distances of pages: how many distinct pages are touched from one touch of a page to the next, itself included (R. L.
 * Mattson et al., "Evaluation techniques for storage hierarchies", IBM Systems Journal 9, 1970).
 *
 * All pages are followed while they are few. Then only those whose hash lies below a threshold, halved whenever too many
 * are: a distance among those is one among all divided by the sampled share, and counts as often (SHARDS; C. Waldspurger et
 * al., "Efficient MRC construction with SHARDS", FAST 2015). Distances are counted by a Fenwick tree over the order of last
 * touches. Touching the page touched just before is distance 1 without further ado.
 */
export class StackDistances {
  #touches = 0;
  #first = 0;
  #threshold = HASH_RANGE;
  readonly #counts = new Float64Array(PER_DOUBLING * DOUBLINGS + 1);
  /** Of every page by ordinal: 0 not seen, 1 not followed, else its place in the order of last touches, plus 2. */
  #placeOf = new Uint32Array(1024);
  /** The page at every place, plus 1; 0 where it was touched again since. */
  readonly #pageAt = new Uint32Array(PLACES);
  readonly #tree = new Uint32Array(PLACES + 1);
  #next = 0;
  #followed = 0;
  #last = -1;

  /** Counts a batch, whose lines are whole pages numbered in `pages`. */
  count({ length, page }: CountedLines, pages: PageTable): void {
    if (pages.count > this.#placeOf.length) this.#placeOf = grown(this.#placeOf, 2 * pages.count);
    this.#touches += length;
    let again = 0;
    for (let i = 0; i < length; i++) {
      const now = page[i];
      if (now === this.#last) {
        again++;
        continue;
      }
      this.#last = now;
      const place = this.#placeOf[now];
      if (place === 1) continue;
      if (place === 0) this.#begin(now, pages);
      else this.#again(now, place - 2);
    }
    this.#counts[0] += again;
  }

  /** The miss-ratio curve at powers of two, up to the first that holds all pages. */
  reuse(): Reuse {
    const share = this.#threshold / HASH_RANGE;
    let counted = this.#first;
    for (const count of this.#counts) counted += count;
    // What the sample has too many or too few of is put on the shortest distance (SHARDS-adj).
    const hits = Float64Array.from(this.#counts);
    hits[0] += this.#touches - counted;
    const curve: MissPoint[] = [];
    let held = 0;
    for (let doubling = 0, bucket = 0; doubling < DOUBLINGS; doubling++) {
      for (; bucket <= PER_DOUBLING * doubling; bucket++) held += hits[bucket];
      const missShare = Math.min(1, Math.max(0, 1 - held / Math.max(1, this.#touches)));
      curve.push({ pages: 2 ** doubling, missShare });
      if (2 ** doubling >= this.#followed / share) break;
    }
    return { curve, followedPages: this.#followed, followedShare: share };
  }

  #begin(page: number, pages: PageTable): void {
    const hash = hashOf(pages.low[page], pages.high[page]);
    if (hash >= this.#threshold) {
      this.#placeOf[page] = 1;
      return;
    }
    this.#first += HASH_RANGE / this.#threshold;
    this.#followed++;
    this.#put(page);
    if (this.#followed > MOST_FOLLOWED) this.#followFewer(pages);
  }

  #again(page: number, place: number): void {
    const after = this.#followed - this.#sumTo(place);
    const scale = HASH_RANGE / this.#threshold;
    const distance = after * scale + 1;
    const bucket = Math.ceil(PER_DOUBLING * Math.log2(distance) - 1e-9);
    this.#counts[bucket] += scale;
    this.#pageAt[place] = 0;
    this.#add(place, -1);
    this.#put(page);
  }

  #put(page: number): void {
    if (this.#next === PLACES) this.#closeUp();
    const place = this.#next++;
    this.#pageAt[place] = page + 1;
    this.#placeOf[page] = place + 2;
    this.#add(place, 1);
  }

  #followFewer(pages: PageTable): void {
    this.#threshold /= 2;
    for (let place = 0; place < this.#next; place++) {
      const page = this.#pageAt[place] - 1;
      if (page < 0 || hashOf(pages.low[page], pages.high[page]) < this.#threshold) continue;
      this.#placeOf[page] = 1;
      this.#pageAt[place] = 0;
      this.#followed--;
    }
    this.#closeUp();
  }

  /** Closes the gaps that pages touched again have left. */
  #closeUp(): void {
    this.#tree.fill(0);
    let to = 0;
    for (let place = 0; place < this.#next; place++) {
      const page = this.#pageAt[place];
      if (page === 0) continue;
      this.#pageAt[to] = page;
      this.#placeOf[page - 1] = to + 2;
      this.#add(to++, 1);
    }
    this.#pageAt.fill(0, to);
    this.#next = to;
  }

  #add(place: number, by: number): void {
    for (let i = place + 1; i <= PLACES; i += i & -i) this.#tree[i] += by;
  }

  /** How many pages were touched last at this place or before. */
  #sumTo(place: number): number {
    let sum = 0;
    for (let i = place + 1; i > 0; i -= i & -i) sum += this.#tree[i];
    return sum;
  }
}

/** A hash of a page number, evenly spread over 32 bits (murmur3's finalizer, A. Appleby). */
function hashOf(low: number, high: number): number {
  let hash = low ^ Math.imul(high, 0x9e37_79b1);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85eb_ca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2_ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
