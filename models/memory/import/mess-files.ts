import { existsSync, readdirSync, statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { counted } from './counted.ts';
import { type MessPoint, messColumns, messCsv, messJson, percentage } from './mess-points.ts';
import { smallFile, textFile } from './text-file.ts';

/** The measurements of one machine, latency in the unit of the files. */
export type MessFiles = Readonly<{
  /** What was measured, by the name of its files. */
  name: string;
  /** Base names. */
  files: readonly string[];
  points: readonly MessPoint[];
  unit: 'ns' | 'cycles';
  /** The clock a file beside them tells, GHz. */
  clock?: Readonly<{ ghz: number; file: string }>;
  /** What was left out, whole sentences. */
  doubts: readonly string[];
}>;

const EXPECTED = 'curves of Mess: CSV, JSON or a folder of bwlat_NN.txt';
const COLUMNS_FILE = /^bwlat_(\d+(?:\.\d+)?)(\D.*)?\.txt$/;

/**
 * Reads curves of the Mess benchmark or of PROFET: one file, or a folder of one machine's.
 * Throws where there are none, and where they are of several machines.
 */
export function readMessFiles(path: string): MessFiles {
  if (!statSync(path).isDirectory()) return readOne(path);
  const entries = readdirSync(path, { withFileTypes: true });
  const named = entries.filter((e) => e.isFile()).map((e) => e.name);
  for (const extension of ['.csv', '.json']) {
    const tables = named
      .filter((name) => name.endsWith(extension) && !/^config_/.test(name))
      .sort();
    if (tables.length > 1) throw severalMachines(path, tables);
    if (tables.length === 1) {
      const left = named.filter((name) => COLUMNS_FILE.test(name)).length;
      const read = readOne(join(path, tables[0]));
      return left === 0
        ? read
        : {
            ...read,
            doubts: [`${counted(left, 'file')} of bwlat_NN.txt beside ${tables[0]} left out.`],
          };
    }
  }
  const columns = named.filter((name) => COLUMNS_FILE.test(name));
  if (columns.length > 0) return readFolder(path, columns);
  const folders = entries
    .filter((e) => e.isDirectory() && holdsCurves(join(path, e.name)))
    .map((e) => e.name)
    .sort();
  if (folders.length > 0) throw severalMachines(path, folders);
  throw new Error(`${path}: nothing measured in it (expected ${EXPECTED})`);
}

function readOne(path: string): MessFiles {
  const file = basename(path);
  const text = textFile(path, EXPECTED);
  const clock = clockBeside(dirname(path));
  const about = { files: [file], ...(clock === undefined ? {} : { clock }), doubts: [] };
  if (COLUMNS_FILE.test(file)) return { ...readFolder(dirname(path), [file]), ...about };
  const name =
    file === 'curves.json' ? basename(dirname(resolve(path))) : file.replace(/\.\w+$/, '');
  const read = /^\s*[{[]/.test(text) ? messJson(path, text) : messCsv(path, text);
  return { name: name.replace(/_*memory_curves$/, ''), ...read, ...about };
}

function readFolder(folder: string, names: readonly string[]): MessFiles {
  const points: MessPoint[] = [];
  const doubts: string[] = [];
  const files: string[] = [];
  const shareOf = (name: string) => percentage(COLUMNS_FILE.exec(name)?.[1] ?? '');
  for (const name of [...names].sort((a, b) => (shareOf(a) ?? 0) - (shareOf(b) ?? 0))) {
    const readShare = shareOf(name);
    const path = join(folder, name);
    if (readShare === undefined) {
      doubts.push(`${name} was left out: its name is no percentage of reads.`);
      continue;
    }
    const noted = COLUMNS_FILE.exec(name)?.[2] !== undefined;
    const read = noted ? undefined : messColumns(path, textFile(path, EXPECTED), readShare);
    if (read === undefined) doubts.push(`${name} was left out: it has no column of latencies.`);
    else {
      points.push(...read);
      files.push(name);
    }
  }
  const clock = clockBeside(folder);
  return {
    name: basename(resolve(folder)),
    files,
    points,
    unit: 'cycles',
    ...(clock === undefined ? {} : { clock }),
    doubts,
  };
}

/** The clock in an `info.txt` of the folder, or in the `config_*.json` in it or beside it that is about it. */
function clockBeside(folder: string): MessFiles['clock'] {
  const info = smallFile(join(folder, 'info.txt'));
  const told = Number(/Frequency:\s*([\d.]+)\s*GHz/i.exec(info ?? '')?.[1]);
  if (told > 0) return { ghz: told, file: 'info.txt' };
  const name = basename(resolve(folder));
  for (const place of [folder, resolve(folder, '..')]) {
    const configs = existsSync(place)
      ? readdirSync(place).filter((n) => /^config_.*\.json$/.test(n))
      : [];
    for (const file of configs.sort()) {
      const text = smallFile(join(place, file)) ?? '';
      const value = (key: string) => new RegExp(`"${key}":\\s*"?([^",}\\s]+)`).exec(text)?.[1];
      const about = [value('memory_system'), value('cpu_model')];
      const ghz = Number(value('cpu_freq_ghz'));
      const fits = about.every((part) => part !== undefined && name.split('__').includes(part));
      if (fits && ghz > 0) return { ghz, file };
    }
  }
  return undefined;
}

function holdsCurves(folder: string): boolean {
  return readdirSync(folder).some((name) => COLUMNS_FILE.test(name) || name === 'curves.json');
}

function severalMachines(path: string, names: readonly string[]): Error {
  return new Error(
    `${path}: measurements of several machines (got ${names.join(', ')}, expected one of them)`,
  );
}
