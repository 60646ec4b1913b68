import { grown, type PageTable } from './page-table.ts';
import { FETCH, type TraceBatch } from './trace.ts';

/**
 * Cache lines in columns: which row of the batch touches it (`row`), the page's ordinal (`page`), the line within the
 * page (`line`), and whether it is written (`write` 1) or read (0). Lines of one row follow each other. Only the first
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
    if (i === this.row.length) this.reserve(Math.max(1024, i * 2));
    this.row[i] = row;
    this.page[i] = page;
    this.line[i] = line;
    this.write[i] = write;
  }

  /** Makes room for this many entries. */
  reserve(length: number): void {
    if (length <= this.row.length) return;
    this.row = grown(this.row, length);
    this.page = grown(this.page, length);
    this.line = grown(this.line, length);
    const write = new Uint8Array(length);
    write.set(this.write);
    this.write = write;
  }
}

/** What counting needs of lines; without `row`, every row of the batch is one line. */
export type CountedLines = Readonly<{
  length: number;
  page: Uint32Array;
  write: Uint8Array;
  row?: Uint32Array;
}>;

/** Turns batches of accesses into lines; what it returns is valid until the next call. */
export type LineFilter = (batch: TraceBatch) => LineStream;

/**
 * Every line every load and store touches; instruction fetches are of code and left out. Pages are numbered in `pages`; page
 * and line size are powers of two, the line at most a page.
 *
 * With the line as large as a page it gives the pages every access touches.
 */
export function touchedLines(pages: PageTable, pageBytes: number, lineBytes: number): LineFilter {
  const stream = new LineStream();
  const pageShift = Math.log2(pageBytes);
  const lineShift = Math.log2(lineBytes);
  const pageMask = pageBytes - 1;
  const lineMask = lineBytes - 1;
  const highShift = 32 - pageShift;
  let lastLow = -1;
  let lastHigh = -1;
  let lastPage = -1;
  return ({ length, address, size, op }) => {
    stream.length = 0;
    stream.reserve(length);
    for (let row = 0; row < length; row++) {
      if (op[row] === FETCH) continue;
      let low = address[2 * row];
      let high = address[2 * row + 1];
      let left = size[row] === 0 ? 1 : size[row];
      while (left > 0) {
        const pageLow = ((low >>> pageShift) | (high << highShift)) >>> 0;
        const pageHigh = high >>> pageShift;
        if (pageLow !== lastLow || pageHigh !== lastHigh) {
          lastPage = pages.ordinal(pageLow, pageHigh);
          lastLow = pageLow;
          lastHigh = pageHigh;
        }
        stream.push(row, lastPage, (low & pageMask) >>> lineShift, op[row]);
        const inLine = lineBytes - (low & lineMask);
        left -= inLine;
        low = (low + inLine) >>> 0;
        if (low < inLine) high = (high + 1) >>> 0;
      }
    }
    return stream;
  };
}
