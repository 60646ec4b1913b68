import { createWriteStream, mkdirSync, renameSync, rmdirSync, rmSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

/** What undoes each write that has begun and is not finished, the latest last. */
const unfinished = new Set<() => void>();
let written = 0;

/** Removes every file that was begun and not finished. The command line calls it when the user interrupts. */
export function removeUnfinishedFiles(): void {
  for (const undo of [...unfinished].reverse()) undo();
  unfinished.clear();
}

/** Works with a temporary file, and removes it when the work is done, has failed, or is interrupted. */
export async function whileUnfinished<T>(path: string, work: () => Promise<T>): Promise<T> {
  const undo = () => rmSync(path, { force: true });
  unfinished.add(undo);
  try {
    return await work();
  } finally {
    undo();
    unfinished.delete(undo);
  }
}

/**
 * Writes files that appear whole or not at all: each is written under a temporary name beside its place, and all are
 * renamed once all are complete. Folders that are missing are made, and removed again on failure if they are empty.
 *
 * `contents` maps a path to its bytes or text. Throws what the file system throws, and where a path is a folder; then
 * no file has changed, unless it was the renaming that failed.
 */
export async function writeWholeFiles(
  contents: ReadonlyMap<string, AsyncIterable<Uint8Array> | string>,
): Promise<void> {
  const temporary = new Map<string, string>();
  const folders: string[] = [];
  const undo = () => {
    for (const partial of temporary.values()) rmSync(partial, { force: true });
    for (const folder of folders.reverse()) removeEmpty(folder);
  };
  unfinished.add(undo);
  try {
    for (const [path, content] of contents) {
      if (statSync(path, { throwIfNoEntry: false })?.isDirectory()) {
        throw new Error(`${path}: is a directory (expected a file to write)`);
      }
      folders.push(...makeFolders(dirname(path)));
      const partial = join(dirname(path), `.${basename(path)}.${process.pid}-${written++}.partial`);
      temporary.set(path, partial);
      const source = typeof content === 'string' ? Readable.from([content]) : content;
      await pipeline(source, createWriteStream(partial, { highWaterMark: 1 << 20 }));
    }
    for (const [path, partial] of temporary) renameSync(partial, path);
  } catch (error) {
    undo();
    throw error;
  } finally {
    unfinished.delete(undo);
  }
}

/** Makes a folder and those above it that are missing; returns the ones made, the outermost first. */
function makeFolders(folder: string): string[] {
  const outermost = mkdirSync(folder, { recursive: true });
  if (outermost === undefined) return [];
  const made = [folder];
  while (made[0] !== outermost && dirname(made[0]) !== made[0]) made.unshift(dirname(made[0]));
  return made;
}

/** Removes a folder unless something has been put into it meanwhile, by another run for instance. */
function removeEmpty(folder: string): void {
  try {
    rmdirSync(folder);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'ENOTEMPTY' && code !== 'ENOENT' && code !== 'EEXIST') throw error;
  }
}
