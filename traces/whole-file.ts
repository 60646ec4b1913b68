import { createWriteStream, mkdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

/** Files being written now; what is still here when the process ends was not finished. */
const unfinished = new Set<string>();

/** Removes every file that was begun and not finished. The command line calls it when the user interrupts. */
export function removeUnfinishedFiles(): void {
  for (const path of unfinished) rmSync(path, { recursive: true, force: true });
  unfinished.clear();
}

/** Works with a temporary file or folder, and removes it when the work is done, has failed, or is interrupted. */
export async function whileUnfinished<T>(path: string, work: () => Promise<T>): Promise<T> {
  unfinished.add(path);
  try {
    return await work();
  } finally {
    rmSync(path, { recursive: true, force: true });
    unfinished.delete(path);
  }
}

/**
 * Writes files that appear whole or not at all: each is written under a temporary name beside its place, and all are
 * renamed once all are complete. Folders that are missing are made, and removed again on failure.
 *
 * `contents` maps a path to its bytes or text. Throws what the file system throws, and where a path is a folder; then
 * none of the files has changed.
 */
export async function writeWholeFiles(
  contents: ReadonlyMap<string, AsyncIterable<Uint8Array> | string>,
): Promise<void> {
  const temporary = new Map<string, string>();
  const begun: string[] = [];
  const begin = (path: string) => {
    begun.push(path);
    unfinished.add(path);
  };
  try {
    for (const [path, content] of contents) {
      if (statSync(path, { throwIfNoEntry: false })?.isDirectory()) {
        throw new Error(`${path}: is a directory (expected a file to write)`);
      }
      const made = mkdirSync(dirname(path), { recursive: true });
      if (made !== undefined) begin(made);
      const partial = join(dirname(path), `.${basename(path)}.${process.pid}.partial`);
      temporary.set(path, partial);
      begin(partial);
      const source = typeof content === 'string' ? Readable.from([content]) : content;
      await pipeline(source, createWriteStream(partial, { highWaterMark: 1 << 20 }));
    }
    for (const [path, partial] of temporary) renameSync(partial, path);
  } catch (error) {
    for (const path of begun) rmSync(path, { recursive: true, force: true });
    throw error;
  } finally {
    for (const path of begun) unfinished.delete(path);
  }
}
