import { describe, expect, test } from 'vitest';
import { byteSize } from '../../traces/cli-options.ts';

describe('byteSize', () => {
  const size = byteSize('0', '1TiB');

  test.each([
    ['0', 0],
    ['4096', 4096],
    ['10B', 10],
    ['64MiB', 2 ** 26],
    ['64 MiB', 2 ** 26],
    ['1.5KiB', 1536],
    ['2kB', 2000],
    ['3GB', 3e9],
    ['1TiB', 2 ** 40],
  ])('%s is %d bytes', (text, bytes) => {
    expect(size(text)).toBe(bytes);
  });

  test.each(['', 'MiB', '-1', '1e3', '64mib', '64 M', '0.3B', '1.0001KiB', '2TiB', '1 2', '0x10'])(
    '%j is refused',
    (text) => {
      expect(() => size(text)).toThrow(
        `(got ${JSON.stringify(text)}, expected bytes from 0 to 1TiB, with or without a unit such as MiB)`,
      );
    },
  );

  test('may have to be a multiple, or a power of two', () => {
    expect(byteSize('64', '1GiB', 64)('128')).toBe(128);
    expect(() => byteSize('64', '1GiB', 64)('100')).toThrow(/a multiple of 64\)$/);
    expect(byteSize('1', '1GiB', 'power of two')('1MiB')).toBe(2 ** 20);
    expect(() => byteSize('1', '1GiB', 'power of two')('3MiB')).toThrow(/a power of two\)$/);
    expect(() => byteSize('0', '1GiB', 'power of two')('0')).toThrow(/a power of two\)$/);
  });
});
