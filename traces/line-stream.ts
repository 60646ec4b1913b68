import { grown, PageTable } from './page-table.ts';
import type { TraceBatch } from './trace.ts';

/**
 * Cache lines read from or written to memory, in columns: which row of the batch caused it (`row`), the page's ordinal
 * (`page`), the line within the page (`line`), and whether memory is written (`write` 1) or read (0). Only the first
 * `length` entries count; they are overwritten by the next batch.
 */
export class LineStream {
  length = 0;
  row = new Uint32Array(0);
  page = new Uint32Array(0);
  line = new Uint32Array(0);
  write = new Uint8Array(0);

  push(row: number, page: number, line: number, write: number): void {
    const i = this.length++;
    if (i === this.row.length) this.#grow(Math.max(1024, i * 2));
    this.row[i] = row;
    this.page[i] = page;
    this.line[i] = line;
    this.write[i] = write;
  }

  #grow(length: number): void {
    this.row = grown(this.row, length);
    this.page = grown(this.page, length);
    this.line = grown(this.line, length);
    const write = new Uint8Array(length);
    write.set(this.write);
    this.write = write;
  }
}

/** Turns batches of accesses into lines at memory; the page numbering is shared by all batches of a trace. */
export type LineFilter = Readonly<{
  pages: PageTable;
  /** The lines the batch causes at memory; valid until the next call. */
  lines: (batch: TraceBatch) => LineStream;
}>;

/**
 * The filter of a trace that already is at memory level: every line an access touches is one read or write.
 *
 * `pageBytes` and `lineBytes` are powers of two.
 */
export function memoryLines(pageBytes: number, lineBytes: number): LineFilter {
  const pages = new PageTable();
  const stream = new LineStream();
  const visit = lineVisitor(pages, pageBytes, lineBytes);
  return {
    pages,
    lines(batch) {
      stream.length = 0;
      const { op } = batch;
      visit(batch, (row, page, line) => stream.push(row, page, line, op[row]));
      return stream;
    },
  };
}

/** Calls `each` for every line every access of a batch touches, with the page's ordinal and the line in the page. */
export function lineVisitor(pages: PageTable, pageBytes: number, lineBytes: number) {
  const pageShift = Math.log2(pageBytes);
  const lineShift = Math.log2(lineBytes);
  const offsetMask = pageBytes - 1;
  const highShift = 32 - pageShift;
  let lastLow = -1;
  let lastHigh = -1;
  let lastPage = -1;
  return (
    { length, address, size }: TraceBatch,
    each: (row: number, page: number, line: number, rest: number) => void,
  ): void => {
    for (let row = 0; row < length; row++) {
      let low = address[2 * row];
      let high = address[2 * row + 1];
      let left = Math.max(1, size[row]);
      for (;;) {
        const pageLow = ((low >>> pageShift) | (high << highShift)) >>> 0;
        const pageHigh = high >>> pageShift;
        if (pageLow !== lastLow || pageHigh !== lastHigh) {
          lastPage = pages.ordinal(pageLow, pageHigh);
          lastLow = pageLow;
          lastHigh = pageHigh;
        }
        const line = (low & offsetMask) >>> lineShift;
        const inLine = lineBytes - (low & (lineBytes - 1));
        left -= inLine;
        each(row, lastPage, line, Math.max(left, 0));
        if (left <= 0) break;
        low = (low + inLine) >>> 0;
        if (low < inLine) high = (high + 1) >>> 0;
      }
    }
  };
}
