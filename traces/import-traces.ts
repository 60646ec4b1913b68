import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { importTrace } from './import-trace.ts';
import {
  emptyTally,
  type Imported,
  type ImportOptions,
  type ImportTally,
  leaveOut,
} from './importer.ts';
import { mergeTraces } from './merge-traces.ts';
import type { Renumbered } from './merged-threads.ts';
import type { TraceBatch } from './trace.ts';

/** Threads a note names; of more it says how many. */
const THREADS_NAMED = 8;

/**
 * Opens the files of one trace, all of one format, and merges them by time; of a folder, the files in it, by name. Their
 * tallies are added up.
 * Throws as `importTrace` and `mergeTraces` do, and where a folder holds no file or the formats differ.
 */
export async function importTraces(
  paths: readonly string[],
  format?: string,
  options: ImportOptions = {},
): Promise<Imported & Readonly<{ format: string }>> {
  const files = paths.flatMap(filesAt);
  if (files.length === 1) return importTrace(files[0], format, options);
  const all: (Imported & Readonly<{ format: string }>)[] = [];
  for (const file of files) {
    const one = await importTrace(file, format, options);
    const [first = one] = all;
    if (one.format !== first.format) {
      const got = `got ${one.format}, expected ${first.format} as ${files[0]} is`;
      throw new Error(`${file}: format (${got})`);
    }
    all.push(one);
  }
  const { trace, renumbered } = mergeTraces(all.map(({ trace }, i) => ({ file: files[i], trace })));
  const tally = emptyTally();
  async function* batches(): AsyncGenerator<TraceBatch> {
    yield* trace.batches;
    for (const one of all) add(tally, one.tally);
    tally.notes.push(...renumberedNotes(renumbered));
  }
  return { format: all[0].format, trace: { ...trace, batches: batches() }, tally };
}

function filesAt(path: string): string[] {
  if (!statSync(path).isDirectory()) return [path];
  const files = readdirSync(path, { withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map(({ name }) => join(path, name))
    .sort();
  if (files.length === 0) throw new Error(`${path}: no files in it (expected those of a trace)`);
  return files;
}

function add(sum: ImportTally, { records, rows, leftOut, notes }: ImportTally): void {
  sum.records += records;
  sum.rows += rows;
  for (const [reason, count] of leftOut) leaveOut(sum, reason, count);
  sum.notes.push(...notes.filter((note) => !sum.notes.includes(note)));
}

/** A sentence for every file whose threads could not all keep their numbers. */
function renumberedNotes(renumbered: readonly Renumbered[]): string[] {
  return [...new Set(renumbered.map(({ file }) => file))].map((file) => {
    const threads = renumbered.filter((one) => one.file === file);
    const named = threads.slice(0, THREADS_NAMED).map(({ thread, as }) => `${thread} is ${as}`);
    const more = threads.length - named.length;
    const rest = more > 0 ? `, and ${more} more` : '';
    return `Threads of ${file} numbered anew, as another file has threads of these numbers: ${named.join(', ')}${rest}.`;
  });
}
