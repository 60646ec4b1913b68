import {
  accessSync,
  constants,
  mkdirSync,
  realpathSync,
  renameSync,
  rmdirSync,
  rmSync,
  statSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { writeBehind } from './write-behind.ts';

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
  let current = '';
  try {
    for (const [given, content] of contents) {
      current = given;
      const path = checkOutput(given);
      folders.push(...makeFolders(dirname(path)));
      const partial = join(dirname(path), `.${basename(path)}.${process.pid}-${written++}.partial`);
      temporary.set(path, partial);
      const source = typeof content === 'string' ? Readable.from([Buffer.from(content)]) : content;
      await writeBehind(partial, source);
    }
    for (const [path, partial] of temporary) renameSync(partial, path);
  } catch (error) {
    undo();
    // What the file system says of the temporary file, or of no file, is said of the one the user named.
    const { code, path } = error as NodeJS.ErrnoException;
    const ofOutput = path === undefined || [...temporary.values()].includes(path);
    throw code?.startsWith('E') && ofOutput
      ? Object.assign(error as Error, { path: current })
      : error;
  } finally {
    unfinished.delete(undo);
  }
}

/**
 * Where an output will lie, links followed. Throws where it cannot be written: no name, a folder, a device, a place
 * where no file can be made. Long work begins with this.
 */
export function checkOutput(given: string): string {
  if (given === '') throw new Error('output: no name (got "", expected a path)');
  const stat = statSync(given, { throwIfNoEntry: false });
  if (stat?.isDirectory()) throw new Error(`${given}: is a directory (expected a file to write)`);
  if (stat !== undefined && !stat.isFile()) {
    throw new Error(`${given}: is no regular file (expected a file to write)`);
  }
  const path = stat === undefined ? given : realpathSync(given);
  let folder = dirname(path);
  while (statSync(folder, { throwIfNoEntry: false }) === undefined) folder = dirname(folder);
  try {
    accessSync(folder, constants.W_OK | constants.X_OK);
  } catch {
    throw new Error(`${given}: cannot be written (no permission in ${folder})`);
  }
  return path;
}

/** Makes a folder and those above it that are missing; returns the ones made, the outermost first. */
function makeFolders(folder: string): string[] {
  if (statSync(folder, { throwIfNoEntry: false }) !== undefined) return [];
  const above = makeFolders(dirname(folder));
  mkdirSync(folder);
  return [...above, folder];
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
