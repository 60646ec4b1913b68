import { existsSync, readFileSync, statSync } from 'node:fs';

/** No source of a machine is larger: the largest are folders of curves, a few hundred KiB a file. */
const MAX_BYTES = 64 * 2 ** 20;

/** The text of a file, as UTF-8, LF at the line ends. Throws where it is a folder, empty, too large or no text. */
export function textFile(path: string, expected: string): string {
  const stat = statSync(path);
  if (stat.isDirectory()) throw new Error(`${path}: is a directory (expected ${expected})`);
  if (!stat.isFile()) throw new Error(`${path}: is no regular file (expected ${expected})`);
  if (stat.size > MAX_BYTES) {
    throw new Error(`${path}: too large (got ${stat.size} bytes, expected ${expected})`);
  }
  const text = readFileSync(path, 'utf8')
    .replace(/^\uFEFF/, '')
    .replace(/\r\n?/g, '\n');
  if (text.trim() === '') throw new Error(`${path}: is empty (expected ${expected})`);
  if (text.includes('\0')) throw new Error(`${path}: holds zero bytes (expected ${expected})`);
  return text;
}

/** What a small file of a tree holds, without white space around it; nothing where it is not there or not readable. */
export function smallFile(path: string): string | undefined {
  if (!existsSync(path)) return undefined;
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    return undefined;
  }
}
