import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { writeBehind } from '../../traces/write-behind.ts';
import { temporaryFolder } from '../temporary-folder.ts';

const folder = temporaryFolder();
const path = join(folder, 'f');

async function* pieces(...lengths: number[]): AsyncGenerator<Uint8Array> {
  for (const [i, length] of lengths.entries()) yield new Uint8Array(length).fill(i + 1);
}

describe('writeBehind', () => {
  test.each([
    [[]],
    [[0]],
    [[1, 0, 3]],
    [[1 << 24, 5, 20_000_000, 0, (1 << 24) - 1, 2]],
    [Array.from({ length: 3000 }, () => 7)],
  ])('writes every byte in order', async (lengths) => {
    await writeBehind(path, pieces(...lengths));
    const expected: Uint8Array[] = [];
    for await (const piece of pieces(...lengths)) expected.push(piece);
    expect(readFileSync(path).equals(Buffer.concat(expected))).toBe(true);
  });

  test('throws what the source throws, also with a write under way', async () => {
    async function* failing() {
      yield new Uint8Array(1 << 25);
      throw new Error('no more');
    }
    await expect(writeBehind(path, failing())).rejects.toThrow('no more');
  });

  // Every write to it fails for want of space.
  test.skipIf(process.platform !== 'linux')('throws what the file system throws', async () => {
    await expect(writeBehind('/dev/full', pieces(1 << 25, 1 << 25, 3))).rejects.toThrow(/ENOSPC/);
    await expect(writeBehind(join(folder, 'no', 'f'), pieces(1))).rejects.toThrow(/ENOENT/);
  });
});
