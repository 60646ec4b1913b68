/** Slots per page kept at the least; below this load linear probing stays short. */
const SPARSENESS = 2;

/** Words of a slot: a page number's low and high half, and its ordinal plus one, 0 in an empty slot. */
const SLOT = 3;

/**
 * Numbers the pages of a trace in first-touch order: page number (up to 52 bits, in two words) to dense ordinal.
 *
 * An open-addressing hash table with linear probing. The invariant: every page handed in has a slot, `count` of them,
 * and at most one slot in `SPARSENESS` is taken. Memory grows with the pages touched, never with the trace.
 */
export class PageTable {
  count = 0;
  /** Low 32 bits of each page's number, by ordinal. */
  low = new Uint32Array(1024);
  /** The bits above, by ordinal. */
  high = new Uint32Array(1024);
  #slots = new Uint32Array(2048 * SLOT);
  #mask = 2047;

  /** The ordinal of a page, which is `count - 1` just after a page's first touch. */
  ordinal(low: number, high: number): number {
    const slots = this.#slots;
    const mask = this.#mask;
    let slot = hash(low, high) & mask;
    for (;;) {
      const at = slot * SLOT;
      const found = slots[at + 2];
      if (found === 0) return this.#add(low, high, at);
      if (slots[at] === low && slots[at + 1] === high) return found - 1;
      slot = (slot + 1) & mask;
    }
  }

  /** The page numbers by ordinal, as floats: exact, since a page number has at most 52 bits. */
  numbers(into: Float64Array = new Float64Array(this.count)): Float64Array {
    for (let i = 0; i < this.count; i++) into[i] = this.high[i] * 0x1_0000_0000 + this.low[i];
    return into;
  }

  #add(low: number, high: number, at: number): number {
    const ordinal = this.count++;
    if (ordinal === this.low.length) {
      this.low = grown(this.low, ordinal * 2);
      this.high = grown(this.high, ordinal * 2);
    }
    this.low[ordinal] = low;
    this.high[ordinal] = high;
    this.#fill(at, ordinal);
    if (this.count * SPARSENESS > this.#mask) this.#rehash((this.#mask + 1) * 2);
    return ordinal;
  }

  #fill(at: number, ordinal: number): void {
    this.#slots[at] = this.low[ordinal];
    this.#slots[at + 1] = this.high[ordinal];
    this.#slots[at + 2] = ordinal + 1;
  }

  #rehash(slots: number): void {
    this.#slots = new Uint32Array(slots * SLOT);
    this.#mask = slots - 1;
    for (let ordinal = 0; ordinal < this.count; ordinal++) {
      let slot = hash(this.low[ordinal], this.high[ordinal]) & this.#mask;
      while (this.#slots[slot * SLOT + 2] !== 0) slot = (slot + 1) & this.#mask;
      this.#fill(slot * SLOT, ordinal);
    }
  }
}

/** Mixes a page number by two odd constants and keeps the better, upper bits of the product. */
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
