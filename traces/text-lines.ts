/** No line of any format is longer, in bytes; a file without newlines is found out here. */
const MAX_LINE = 1 << 16;

const NEWLINE = 10;
const RETURN = 13;
const BYTE_ORDER_MARK = '\xef\xbb\xbf';

/** Lines of a text that follow each other: the number of the first, from 1, and their texts without line ends. */
export type TextLines = Readonly<{ first: number; lines: readonly string[] }>;

/**
 * The lines of a text as they arrive, each without its end (LF or CRLF), as Latin-1. The last may lack its newline; a
 * UTF-8 byte order mark is taken off. Throws where a line is longer than 64 KiB.
 */
export async function* textLines(
  file: string,
  bytes: AsyncIterable<Buffer>,
): AsyncGenerator<TextLines> {
  let first = 1;
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of bytes) {
    const text = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    const lines: string[] = [];
    let at = 0;
    for (let end = text.indexOf(NEWLINE); end >= 0; end = text.indexOf(NEWLINE, at)) {
      checkLength(file, first + lines.length, end - at);
      lines.push(lineOf(text, at, end));
      at = end + 1;
    }
    rest = text.subarray(at);
    checkLength(file, first + lines.length, rest.length);
    if (lines.length > 0) yield { first, lines: first === 1 ? withoutMark(lines) : lines };
    first += lines.length;
  }
  if (rest.length > 0) {
    const lines = [lineOf(rest, 0, rest.length)];
    yield { first, lines: first === 1 ? withoutMark(lines) : lines };
  }
}

/** True of lines that hold no record in any format: blank ones, and comments, which begin with `#` or `//`. */
export function isRemark(line: string): boolean {
  return /^\s*(#|\/\/|$)/.test(line);
}

/** The first line of a text's head that is no remark, for recognising its format; empty where there is none. */
export function firstRecord(head: Buffer): string {
  const lines = head.toString('latin1').split(/\r?\n/);
  return withoutMark(lines).find((line) => !isRemark(line)) ?? '';
}

function withoutMark([first, ...others]: readonly string[]): readonly string[] {
  return [first.startsWith(BYTE_ORDER_MARK) ? first.slice(3) : first, ...others];
}

function lineOf(text: Buffer, from: number, to: number): string {
  return text.toString('latin1', from, to > from && text[to - 1] === RETURN ? to - 1 : to);
}

function checkLength(file: string, number: number, length: number): void {
  if (length <= MAX_LINE) return;
  throw new Error(
    `${file}: line ${number}: too long (got over ${MAX_LINE} bytes, expected a line of text)`,
  );
}
