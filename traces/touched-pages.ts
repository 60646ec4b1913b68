import { PageTable } from './page-table.ts';
import { STORE, type TraceBatch } from './trace.ts';

/** Pages seen lately, by their lowest bits: nearly every access is to one of these. */
const LATELY = 1 << 12;
const PAGE_SHIFT = 12;

/**
 * Which pages of 4 KiB a program has touched with loads, stores or fetches, by the first byte of each access; and where
 * its first store went, which is to its stack (a C library's entry code pushes or calls before it does anything else).
 */
export class TouchedPages {
  firstStore: number | undefined;
  #pages = new PageTable();
  #low = new Uint32Array(LATELY);
  #high = new Uint32Array(LATELY).fill(0xffff_ffff);
  #sorted: Float64Array | undefined;

  /** The same batches; their pages are noted as they go by. */
  async *of(batches: AsyncIterable<TraceBatch>): AsyncGenerator<TraceBatch> {
    for await (const batch of batches) {
      this.add(batch);
      yield batch;
    }
  }

  add({ length, address, op }: TraceBatch): void {
    if (this.firstStore === undefined) {
      const row = op.subarray(0, length).indexOf(STORE);
      if (row >= 0) this.firstStore = address[2 * row + 1] * 0x1_0000_0000 + address[2 * row];
    }
    const lately = this.#low;
    const latelyHigh = this.#high;
    for (let word = 0; word < 2 * length; word += 2) {
      const high = address[word + 1] >>> PAGE_SHIFT;
      const low = ((address[word] >>> PAGE_SHIFT) | (address[word + 1] << (32 - PAGE_SHIFT))) >>> 0;
      const slot = low & (LATELY - 1);
      if (lately[slot] === low && latelyHigh[slot] === high) continue;
      lately[slot] = low;
      latelyHigh[slot] = high;
      this.#pages.ordinal(low, high);
      this.#sorted = undefined;
    }
  }

  /** True where a page was touched that begins from `start` to before `end`, in bytes. */
  between(start: number, end: number): boolean {
    this.#sorted ??= this.#pages.numbers().sort();
    const pages = this.#sorted;
    const first = Math.floor(start / 2 ** PAGE_SHIFT);
    let low = 0;
    let high = pages.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (pages[middle] < first) low = middle + 1;
      else high = middle;
    }
    return low < pages.length && pages[low] * 2 ** PAGE_SHIFT < end;
  }
}
