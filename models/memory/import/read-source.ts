import { readCxl } from './cxl.ts';
import type { ImportOptions, MachineFacts } from './facts.ts';
import { readLscpu } from './lscpu.ts';
import { readMess } from './mess.ts';
import { readMlc } from './mlc.ts';
import { readNumactl } from './numactl.ts';
import { readSysfs } from './sysfs.ts';

/** A kind of source: its name on the command line, what PATH is, which options beside the common ones it takes. */
export type SourceKind = Readonly<{
  name: string;
  title: string;
  takes: readonly (keyof ImportOptions)[];
  read: (path: string, options: ImportOptions) => MachineFacts;
}>;

/** Options that only some kinds take, as the command line has them. */
const OPTIONS = [
  ['ghz', '--ghz'],
  ['node', '--node'],
  ['socket', '--socket'],
  ['addNs', '--add-ns'],
] as const;

/** Every kind of source a machine is made of. */
export const SOURCES: readonly SourceKind[] = [
  {
    name: 'sysfs',
    title: '/sys or a copy of it: nodes, CPUs, caches, distances, HMAT',
    takes: [],
    read: readSysfs,
  },
  {
    name: 'mlc',
    title: 'output of Intel MLC: latency idle and under load, bandwidths',
    takes: [],
    read: readMlc,
  },
  {
    name: 'mess',
    title: 'curves of Mess or PROFET: CSV, JSON, folder of bwlat_NN.txt',
    takes: ['ghz', 'node', 'socket', 'addNs'],
    read: readMess,
  },
  {
    name: 'numactl',
    title: 'output of numactl --hardware: nodes, CPUs, sizes, distances',
    takes: [],
    read: readNumactl,
  },
  {
    name: 'cxl',
    title: 'output of cxl list -M: sizes of CXL devices, and where they hang',
    takes: [],
    read: readCxl,
  },
  {
    name: 'lscpu',
    title: 'output of lscpu -J: sockets, cores, threads, clock, caches',
    takes: [],
    read: readLscpu,
  },
];

/**
 * What a source says. Throws where there is no such kind or file, where it is not what its kind is, and where an option is
 * of no use to it.
 */
export function readSource(kind: string, path: string, options: ImportOptions = {}): MachineFacts {
  const source = SOURCES.find(({ name }) => name === kind);
  if (source === undefined) {
    const names = SOURCES.map(({ name }) => name).join(', ');
    throw new Error(`kind: unknown (got ${JSON.stringify(kind)}, expected ${names})`);
  }
  for (const [key, option] of OPTIONS) {
    if (options[key] === undefined || source.takes.includes(key)) continue;
    throw new Error(`${option}: of no use to ${kind} (got ${options[key]}, expected none)`);
  }
  return source.read(path, options);
}
