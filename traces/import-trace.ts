import { amdIbs } from './formats/amd-ibs.ts';
import { champsim } from './formats/champsim.ts';
import { csv } from './formats/csv.ts';
import { damoRaw } from './formats/damo-raw.ts';
import { damonPerf } from './formats/damon-perf.ts';
import { dramsim3 } from './formats/dramsim3.ts';
import { drmemtrace } from './formats/drmemtrace.ts';
import { gem5Ascii } from './formats/gem5-ascii.ts';
import { gem5Protobuf } from './formats/gem5-protobuf.ts';
import { jsonl } from './formats/jsonl.ts';
import { lackey } from './formats/lackey.ts';
import { memgaze } from './formats/memgaze.ts';
import { perfScript } from './formats/perf-script.ts';
import { pinatrace } from './formats/pinatrace.ts';
import { ramulator2Ldst } from './formats/ramulator2-ldst.ts';
import { ramulator2Simpleo3 } from './formats/ramulator2-simpleo3.ts';
import type { Imported, Importer, ImportOptions } from './importer.ts';
import { unpack } from './unpack.ts';

/** Every format there is an importer for, in the order in which they are tried. */
export const IMPORTERS: readonly Importer[] = [
  drmemtrace,
  gem5Protobuf,
  lackey,
  perfScript,
  damonPerf,
  damoRaw,
  memgaze,
  amdIbs,
  dramsim3,
  ramulator2Ldst,
  ramulator2Simpleo3,
  gem5Ascii,
  pinatrace,
  jsonl,
  csv,
  champsim,
];

/**
 * Opens another tool's trace, packed or not; the format is recognised by content where it is not given,
 * and named in what is returned.
 * Throws where there is no such file, its format is none we know, or an option is of no use to it.
 */
export async function importTrace(
  file: string,
  format?: string,
  options: ImportOptions = {},
): Promise<Imported & Readonly<{ format: string }>> {
  const { head, bytes, close } = await unpack(file);
  const importer = IMPORTERS.find(({ name, recognise }) =>
    format === undefined ? recognise(head) : name === format,
  );
  if (importer === undefined) {
    await close();
    const names = IMPORTERS.map(({ name }) => name).join(', ');
    throw new Error(`${file}: format (got ${format ?? 'unrecognised content'}, expected ${names})`);
  }
  const { takes = [] } = importer;
  for (const option of Object.keys(options) as (keyof ImportOptions)[]) {
    if (options[option] === undefined || takes.includes(option)) continue;
    await close();
    const expected = takes.length === 0 ? 'no option' : `only ${takes.join(', ')}`;
    throw new Error(
      `${file}: option ${option}: of no use to ${importer.name} (got ${options[option]}, expected ${expected})`,
    );
  }
  return { format: importer.name, ...(await importer.read(file, bytes, options)) };
}
