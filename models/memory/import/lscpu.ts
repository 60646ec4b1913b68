import { basename } from 'node:path';
import type { Machine } from '../machine.ts';
import { counted } from './counted.ts';
import type { ImportOptions, MachineFacts, NodeFacts, Said } from './facts.ts';
import { idList } from './id-list.ts';
import { lscpuCache, lscpuFields } from './lscpu-fields.ts';
import { textFile } from './text-file.ts';

/** What `lscpu` calls a level, what it holds, and the ways it has where nobody says: those of Sapphire Rapids. */
const LEVELS: readonly Readonly<{ name: string; holds?: 'data' | 'instructions'; ways: number }>[] =
  [
    { name: 'L1i', holds: 'instructions', ways: 8 },
    { name: 'L1d', holds: 'data', ways: 12 },
    { name: 'L2', ways: 16 },
    { name: 'L3', ways: 15 },
  ];

/**
 * What `lscpu -J` prints: sockets, cores, threads, clock, caches, and the nodes with CPUs. Source: util-linux 2.40,
 * sys-utils/lscpu.c. Associativity is not in it, nor how large nodes are.
 */
export function readLscpu(path: string, { onto }: ImportOptions = {}): MachineFacts {
  const file = basename(path);
  const fields = lscpuFields(path, textFile(path, 'output of lscpu -J'));
  const doubts: string[] = [];
  const count = (name: string): number | undefined => {
    const value = Number(fields.get(name) ?? Number.NaN);
    return Number.isInteger(value) && value > 0 && value < 65_536 ? value : undefined;
  };
  const sockets = count('Socket(s)') ?? 1;
  const each = count('Core(s) per socket') ?? count('Core(s) per cluster');
  const threads = count('Thread(s) per core');
  if (each === undefined || threads === undefined) {
    throw new Error(
      `${path}: no counts (got ${fields.size} fields, expected Core(s) per socket and Thread(s) per core)`,
    );
  }
  if (count('Socket(s)') === undefined) doubts.push('Sockets are not counted: taken for one.');
  const all = `${counted(sockets, 'socket')} of ${counted(each, 'core')} with ${counted(threads, 'thread')}`;
  const online = count('CPU(s)');
  if (online !== undefined && online !== sockets * each * threads) {
    doubts.push(
      `CPU(s) is ${online}, but ${all} make ${sockets * each * threads}: some are offline.`,
    );
  }
  if (onto !== undefined && onto.sockets.length > sockets) {
    throw new Error(
      `${path}: does not fit the machine it is put onto: Socket(s) (got ${sockets}, expected ${onto.sockets.length})`,
    );
  }
  if (onto !== undefined && onto.sockets.length < sockets) {
    doubts.push(
      `${counted(sockets, 'socket')} here, ${onto.sockets.length} in the machine it is put onto: the ways from the others are assumptions.`,
    );
  }
  const clock = clockOf(file, fields);
  const caches = cachesOf(file, fields, sockets, each, onto);
  const model = fields.get('Model name');
  return {
    file,
    ...(model === undefined ? {} : { description: model }),
    sockets: Array.from({ length: sockets }, () => ({
      cores: { value: each, source: `${file}: Core(s) per socket` },
      threads: { value: each * threads, source: `${file}: Thread(s) per core` },
      ...(clock === undefined ? {} : { clockGhz: clock }),
    })),
    ...(caches === undefined ? {} : { caches }),
    nodes: nodesOf(file, fields, sockets),
    paths: [],
    read: [
      `${model ?? 'a CPU without a name'}: ${all}` +
        `${caches === undefined ? ', no caches' : `, ${counted(caches.value.length, 'cache')}`}.`,
    ],
    doubts,
  };
}

function clockOf(file: string, fields: ReadonlyMap<string, string>): Said<number> | undefined {
  const named = Number(/@ ([\d.]+)GHz/.exec(fields.get('Model name') ?? '')?.[1]);
  if (named > 0) return { value: named, source: `${file}: Model name` };
  for (const name of ['CPU max MHz', 'CPU MHz']) {
    const ghz = Number(fields.get(name)) / 1000;
    if (ghz > 0) return { value: ghz, source: `${file}: ${name}` };
  }
  return undefined;
}

function cachesOf(
  file: string,
  fields: ReadonlyMap<string, string>,
  sockets: number,
  cores: number,
  onto: Machine | undefined,
): Said<Machine['caches']> | undefined {
  const found = LEVELS.flatMap(({ name, holds, ways }) => {
    const cache = lscpuCache(fields, name);
    if (cache === undefined) return [];
    const outer = name === 'L3';
    const instances = cache.instances ?? (outer ? sockets : sockets * cores);
    const bytes = plainSize(cache.each ? cache.bytes : cache.bytes / instances);
    const known = onto?.caches.find((c) => c.bytes === bytes && c.holds === holds)?.ways ?? ways;
    return [
      {
        bytes,
        ways: Math.min(known, bytes / 64),
        line_bytes: 64,
        ...(holds === undefined ? {} : { holds }),
        shared_by_cores: Math.min(cores, Math.max(1, Math.round((sockets * cores) / instances))),
      },
    ];
  });
  if (found.length === 0 || found[found.length - 1].holds !== undefined) return undefined;
  return {
    value: found,
    source: `${file}: L1i, L1d, L2, L3, of all instances; assumption: 64-byte lines, ways of Sapphire Rapids`,
  };
}

/** The size of one cache: that of all is printed to one decimal, so it is rounded to what caches come in. */
function plainSize(bytes: number): number {
  const step = bytes < 2 ** 18 ? 2 ** 14 : 2 ** 16;
  return Math.max(step, Math.round(bytes / step) * step);
}

/** The nodes it names; those without CPUs are memory only. */
function nodesOf(file: string, fields: ReadonlyMap<string, string>, sockets: number): NodeFacts[] {
  const nodes = [...fields].flatMap(([name, list]) => {
    const id = /^NUMA node(\d{1,4}) CPU\(s\)$/.exec(name)?.[1];
    return id === undefined ? [] : [{ id: Number(id), cpus: idList(list)?.length ?? 0 }];
  });
  nodes.sort((a, b) => a.id - b.id);
  const withCpus = nodes.filter(({ cpus }) => cpus > 0);
  const each = Math.max(1, withCpus.length / sockets);
  return nodes.map(({ id, cpus }): NodeFacts => {
    const at = withCpus.findIndex((n) => n.id === id);
    return {
      id,
      kind:
        cpus > 0
          ? { value: 'dram', source: `assumption: DRAM, as ${file} has CPUs on it`, guess: true }
          : { value: 'cxl', source: `assumption: CXL, as ${file} has no CPUs on it`, guess: true },
      socket: {
        value: at < 0 ? 0 : Math.min(sockets - 1, Math.floor(at / each)),
        source:
          at < 0
            ? 'assumption: on the first socket'
            : 'assumption: nodes in order of their sockets',
        guess: true,
      },
    };
  });
}
