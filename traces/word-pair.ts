/** A 64-bit number as two 32-bit words; reused from number to number, so that reading one allocates nothing. */
export type WordPair = { low: number; high: number };

const HEX = /^[0-9a-f]+$/i;
const DECIMAL = /^[0-9]+$/;
const WORD = 0x1_0000_0000;

/**
 * Reads a number of up to 64 bits into `into`, exactly: hex after `0x`, else decimal. Zeros may stand in front.
 * Returns false, and leaves `into` undefined, where the text is none.
 */
export function readWords(text: string, into: WordPair): boolean {
  if (text.charCodeAt(0) === 48 && (text.charCodeAt(1) | 32) === 120) {
    return readHexWords(text.slice(2), into);
  }
  return readDecimalWords(text, into);
}

/** As `readWords`, of hex digits without `0x`. */
export function readHexWords(text: string, into: WordPair): boolean {
  if (!HEX.test(text)) return false;
  const cut = Math.max(0, text.length - 8);
  into.low = Number.parseInt(text.slice(cut), 16);
  into.high = cut === 0 ? 0 : Number.parseInt(text.slice(0, cut), 16);
  return into.high < WORD;
}

/** As `readWords`, of decimal digits. */
export function readDecimalWords(text: string, into: WordPair): boolean {
  if (!DECIMAL.test(text)) return false;
  let low = 0;
  let high = 0;
  // Six digits at a time: a word times a million stays below 2^53.
  for (let from = 0; from < text.length && high < WORD; ) {
    const to = from === 0 ? text.length % 6 || 6 : from + 6;
    const next = low * 1e6 + Number(text.slice(from, to));
    low = next % WORD;
    high = high * 1e6 + Math.floor(next / WORD);
    from = to;
  }
  into.low = low;
  into.high = high;
  return high < WORD;
}
