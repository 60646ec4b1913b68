import type { BatchBuilder } from './batch-builder.ts';
import type { TraceBatch } from './trace.ts';

/** No line of any format is longer, in bytes; a file without newlines is found out here. */
const MAX_LINE = 1 << 16;

const NEWLINE = 10;

/**
 * The batches a text makes, line by line: `parse` gets each line without its end (LF or CRLF) and its number from 1, and
 * pushes what rows it makes into `builder`, at most `rowsPerLine` of them. The last line may lack its newline.
 * Throws where a line is longer than 64 KiB, and what `parse` throws.
 */
export async function* textBatches(
  file: string,
  bytes: AsyncIterable<Buffer>,
  builder: BatchBuilder,
  rowsPerLine: number,
  parse: (line: string, number: number) => void,
): AsyncGenerator<TraceBatch> {
  let number = 0;
  let rest: Buffer = Buffer.alloc(0);
  const line = (text: Buffer, from: number, to: number) => {
    const end = to > from && text[to - 1] === 13 ? to - 1 : to;
    parse(text.toString('latin1', from, end), ++number);
  };
  for await (const chunk of bytes) {
    const text = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    let at = 0;
    for (let end = text.indexOf(NEWLINE); end >= 0; end = text.indexOf(NEWLINE, at)) {
      line(text, at, end);
      at = end + 1;
      if (builder.capacity - builder.length < rowsPerLine) yield builder.take();
    }
    rest = text.subarray(at);
    if (rest.length > MAX_LINE) {
      throw new Error(
        `${file}: line ${number + 1}: too long (got over ${MAX_LINE} bytes, expected a line of text)`,
      );
    }
  }
  if (rest.length > 0) line(rest, 0, rest.length);
  if (builder.length > 0) yield builder.take();
}
