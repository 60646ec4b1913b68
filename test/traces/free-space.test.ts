import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { checkFreeSpace } from '../../traces/free-space.ts';
import { temporaryFolder } from '../temporary-folder.ts';

const folder = temporaryFolder();

test('a file that fits is let pass, also into a folder still to be made', async () => {
  await checkFreeSpace(join(folder, 'new', 'deep', 't.arrow'), 1);
  expect(existsSync(join(folder, 'new'))).toBe(false);
});

test('a file larger than the disk is refused, with what is free', async () => {
  const path = join(folder, 't.arrow');
  await expect(checkFreeSpace(path, 2 ** 50)).rejects.toThrow(
    /t\.arrow: not enough space \(got \d+ bytes free, expected 1125899906842624 or more\)$/,
  );
});
