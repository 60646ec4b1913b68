import { statSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';

/**
 * Throws where the file system that a file will lie in has not as many bytes free: better than a full disk halfway.
 * What the user may not use is not counted; where the system does not say what is free, nothing is checked.
 */
export async function checkFreeSpace(path: string, bytes: number): Promise<void> {
  let folder = dirname(resolve(path));
  while (statSync(folder, { throwIfNoEntry: false }) === undefined) folder = dirname(folder);
  const free = await statfs(folder).then(
    ({ bavail, bsize }) => bavail * bsize,
    () => Number.POSITIVE_INFINITY,
  );
  if (free < bytes) {
    throw new Error(
      `${path}: not enough space (got ${free} bytes free, expected ${bytes} or more)`,
    );
  }
}
