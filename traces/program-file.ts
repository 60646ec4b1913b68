import { accessSync, closeSync, constants, openSync, readSync, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** The file a shell would run for a program's name. Throws where there is none. */
export function programFile(program: string): string {
  const folders = program.includes('/') ? [''] : (process.env.PATH ?? '').split(delimiter);
  for (const folder of folders) {
    const path = folder === '' ? program : join(folder, program);
    try {
      accessSync(path, constants.X_OK);
      if (statSync(path).isFile()) return path;
    } catch {
      // Not here; the next folder may have it.
    }
  }
  throw new Error(`${program}: command not found (expected a program on PATH or a path to one)`);
}

/** The interpreter line of a script, without `#!`; undefined for a binary. The interpreter is what is traced then. */
export function scriptInterpreter(file: string): string | undefined {
  const text = fileHead(file, 256).toString('latin1');
  return text.startsWith('#!') ? text.slice(2).split('\n')[0]?.trim() : undefined;
}

/** The first bytes of a file, fewer where it is shorter. */
export function fileHead(file: string, length: number): Buffer {
  const descriptor = openSync(file, 'r');
  try {
    const head = Buffer.alloc(length);
    return head.subarray(0, readSync(descriptor, head, 0, length, 0));
  } finally {
    closeSync(descriptor);
  }
}
