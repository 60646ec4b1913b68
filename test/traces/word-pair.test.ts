import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readHexWords, readWords } from '../../traces/word-pair.ts';

const words = { low: 0, high: 0 };
const value = () => (BigInt(words.high) << 32n) | BigInt(words.low);

test('numbers of up to 64 bits are exact, in hex and decimal', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), fc.nat(30), (number, zeros) => {
      const pad = '0'.repeat(zeros);
      expect(readWords(`${pad}${number}`, words) && value()).toBe(number);
      expect(readWords(`0x${pad}${number.toString(16)}`, words) && value()).toBe(number);
      expect(readHexWords(number.toString(16).toUpperCase(), words) && value()).toBe(number);
    }),
  );
});

test.each([
  '',
  '0x',
  '-1',
  '1.5',
  '1e3',
  ' 1',
  '0xg',
  '18446744073709551616',
  '0x10000000000000000',
  '9'.repeat(400),
])('%j is none', (text) => {
  expect(readWords(text, words)).toBe(false);
});
