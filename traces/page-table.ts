/** Bits of a page number that choose a page within its leaf. */
const LEAF_BITS = 5;
const LEAF_PAGES = 1 << LEAF_BITS;

/** Words of a slot: the low and high half of a leaf's number, and its place plus one, 0 in an empty slot. */
const SLOT = 3;
/** Slots per leaf kept at the least; below this load linear probing stays short. */
const SPARSENESS = 2;

/**
 * Numbers the pages of a trace in first-touch order: page number (up to 52 bits, in two words) to dense ordinal.
 *
 * Leaves of 32 neighbouring pages, found by an open-addressing hash table with linear probing: programs touch runs of
 * pages, so the table is small enough to stay in the cache, and a page costs 4 bytes of leaf. The invariant: every leaf
 * handed in has a slot, at most one slot in `SPARSENESS` is taken, and `count` pages have an ordinal. Memory grows with the
 * pages touched (128 bytes a page where all are far apart), never with the trace.
 */
export class PageTable {
  count = 0;
  /** Low 32 bits of each page's number, by ordinal. */
  low = new Uint32Array(1024);
  /** The bits above, by ordinal. */
  high = new Uint32Array(1024);
  #slots = new Uint32Array(1024 * SLOT);
  #mask = 1023;
  #leaves = 0;
  /** Ordinal plus one of every page of every leaf, 0 where it was not touched. */
  #ordinals = new Uint32Array(512 * LEAF_PAGES);
  #lastLow = -1;
  #lastHigh = -1;
  #lastLeaf = 0;

  /** The ordinal of a page, which is `count - 1` just after a page's first touch. */
  ordinal(low: number, high: number): number {
    const leafLow = ((low >>> LEAF_BITS) | (high << (32 - LEAF_BITS))) >>> 0;
    const leafHigh = high >>> LEAF_BITS;
    if (leafLow !== this.#lastLow || leafHigh !== this.#lastHigh) {
      this.#lastLeaf = this.#leaf(leafLow, leafHigh);
      this.#lastLow = leafLow;
      this.#lastHigh = leafHigh;
    }
    const place = this.#lastLeaf + (low & (LEAF_PAGES - 1));
    const found = this.#ordinals[place];
    return found === 0 ? this.#add(low, high, place) : found - 1;
  }

  /** The ordinals of the pages these addresses lie on, pages of `2 ** pageShift` bytes, `from` to before `to`. */
  ordinals(
    address: Uint32Array,
    pageShift: number,
    from: number,
    to: number,
    into: Uint32Array,
  ): void {
    for (let i = from; i < to; i++) {
      const high = address[2 * i + 1];
      const low = ((address[2 * i] >>> pageShift) | (high << (32 - pageShift))) >>> 0;
      into[i] = this.ordinal(low, high >>> pageShift);
    }
  }

  /** The page numbers by ordinal, as floats: exact, since a page number has at most 52 bits. */
  numbers(into: Float64Array = new Float64Array(this.count)): Float64Array {
    for (let i = 0; i < this.count; i++) into[i] = this.high[i] * 0x1_0000_0000 + this.low[i];
    return into;
  }

  /** Where a leaf's pages begin among all leaves'. */
  #leaf(low: number, high: number): number {
    const slots = this.#slots;
    const mask = this.#mask;
    let slot = hash(low, high) & mask;
    for (;;) {
      const at = slot * SLOT;
      const found = slots[at + 2];
      if (found === 0) return this.#addLeaf(low, high, at);
      if (slots[at] === low && slots[at + 1] === high) return (found - 1) * LEAF_PAGES;
      slot = (slot + 1) & mask;
    }
  }

  #add(low: number, high: number, place: number): number {
    const ordinal = this.count++;
    if (ordinal === this.low.length) {
      this.low = grown(this.low, ordinal * 2);
      this.high = grown(this.high, ordinal * 2);
    }
    this.low[ordinal] = low;
    this.high[ordinal] = high;
    this.#ordinals[place] = ordinal + 1;
    return ordinal;
  }

  #addLeaf(low: number, high: number, at: number): number {
    const leaf = this.#leaves++;
    if (leaf * LEAF_PAGES === this.#ordinals.length)
      this.#ordinals = grown(this.#ordinals, leaf * LEAF_PAGES * 2);
    this.#slots[at] = low;
    this.#slots[at + 1] = high;
    this.#slots[at + 2] = leaf + 1;
    if (this.#leaves * SPARSENESS > this.#mask) this.#rehash();
    return leaf * LEAF_PAGES;
  }

  #rehash(): void {
    const old = this.#slots;
    this.#slots = new Uint32Array(old.length * 2);
    this.#mask = this.#mask * 2 + 1;
    for (let from = 0; from < old.length; from += SLOT) {
      if (old[from + 2] === 0) continue;
      let slot = hash(old[from], old[from + 1]) & this.#mask;
      while (this.#slots[slot * SLOT + 2] !== 0) slot = (slot + 1) & this.#mask;
      this.#slots.set(old.subarray(from, from + SLOT), slot * SLOT);
    }
  }
}

/** Mixes a leaf's number by two odd constants and keeps the better, upper bits of the product. */
function hash(low: number, high: number): number {
  const product = Math.imul(low ^ Math.imul(high, 0x85eb_ca6b), 0x9e37_79b1);
  return (product ^ (product >>> 15)) >>> 0;
}

/** A longer copy of a column, zero past its old length. */
export function grown(column: Uint32Array, length: number): Uint32Array<ArrayBuffer> {
  const longer = new Uint32Array(length);
  longer.set(column);
  return longer;
}
