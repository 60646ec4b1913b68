import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { importMachine } from '../../../models/memory/import/import-machine.ts';
import type { Machine } from '../../../models/memory/machine.ts';
import { readMachine } from '../../../models/memory/read-machine.ts';
import { temporaryFolder } from '../../temporary-folder.ts';
import { sharedFolder } from './shared-folder.ts';
import { sysfsTree } from './sysfs-tree.ts';

const samples = 'test/models/import/samples';
const mess = join(sharedFolder('measurements'), 'mess-paraver/ddr4_2933__kunpeng__kunpeng__920');
const tree = sysfsTree(temporaryFolder(), {
  0: { cpus: '0-3', distance: '10 14', hmat: [0, 262144, 176128, 91, 91] },
  1: { distance: '14 10', hmat: [0, 30000, 30000, 250, 250] },
});

/** The places of all numbers in a machine: `sockets[0].cores`. */
function numbersIn(value: unknown, place = ''): string[] {
  if (typeof value === 'number') return [place];
  if (Array.isArray(value)) return value.flatMap((inner, i) => numbersIn(inner, `${place}[${i}]`));
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) =>
    numbersIn(inner, place === '' ? key : `${place}.${key}`),
  );
}

function unsaid({ source, ...rest }: Machine): string[] {
  const naming = /(\.id|\.socket|\.node|\.tier)$/;
  const said = Object.keys(source as object);
  return numbersIn(rest).filter(
    (place) => !naming.test(place) && !said.some((key) => place.startsWith(key)),
  );
}

describe('the source of every number is said', () => {
  test.each([
    ['sysfs', tree],
    ['mlc', join(samples, 'mlc-one-socket.txt')],
    ['mlc', join(samples, 'mlc-latency-matrix-cxl.txt')],
    ['numactl', join(samples, 'numactl-two-sockets-cxl.txt')],
    ['cxl', join(samples, 'cxl-list.json')],
    ['lscpu', join(samples, 'lscpu-nested.json')],
    ...(existsSync(mess) ? [['mess', mess]] : []),
  ])('%s %s', (kind, path) => {
    const { machine } = importMachine(kind, path);
    expect(unsaid(machine)).toEqual([]);
    const source = machine.source as Record<string, string>;
    expect(Object.values(source).filter((text) => text.includes(dirname(path)))).toEqual([]);
    const places = numbersIn(machine).concat('nodes[0].kind');
    const dead = Object.keys(source).filter(
      (key) => !places.some((place) => place.startsWith(key)) && !key.endsWith('.kind'),
    );
    expect(dead).toEqual([]);
  });

  test('where one source is put onto another, or onto a preset of one sentence for several numbers', () => {
    const listed = importMachine('numactl', join(samples, 'numactl-two-sockets-cxl.txt')).machine;
    const sized = importMachine('cxl', join(samples, 'cxl-list.json'), { onto: listed }).machine;
    expect(unsaid(sized)).toEqual([]);
    const preset = readMachine('four-node');
    const { machine } = importMachine('numactl', join(samples, 'numactl-two-sockets-cxl.txt'), {
      onto: preset,
    });
    expect(unsaid(machine)).toEqual([]);
    const source = machine.source as Record<string, string>;
    expect(source['paths[0].idle_ns']).toContain('HMAT of the virtual machine');
    expect(machine.paths.map((p) => p.idle_ns)).toEqual(preset.paths.map((p) => p.idle_ns));
    expect(machine.links).toEqual(preset.links);
  });

  test('a machine whose source is one sentence passes it on to what stays', () => {
    const onto = { ...readMachine('spr-1cxl'), source: 'told by a friend' };
    const { machine } = importMachine('lscpu', join(samples, 'lscpu-nested.json'), { onto });
    expect(unsaid(machine)).toEqual([]);
    const source = machine.source as Record<string, string>;
    expect(source['paths[0].curve']).toBe('told by a friend');
    expect(source['sockets[0].cores']).toBe('lscpu-nested.json: Core(s) per socket');
  });
});

describe('what the user says', () => {
  const path = join(samples, 'numactl-two-sockets-cxl.txt');
  test('goes before what a source says', () => {
    const given = { name: 'mine', cores: 4, threads: 8, clockGhz: 3, lineFillBuffers: 12 };
    const { machine } = importMachine('numactl', path, {}, given);
    expect(machine.name).toBe('mine');
    expect(machine.sockets).toEqual(
      Array(2).fill({ cores: 4, threads: 8, line_fill_buffers: 12, clock_ghz: 3 }),
    );
    expect(machine.caches[2].shared_by_cores).toBe(4);
    expect((machine.source as Record<string, string>)['sockets[1].cores']).toBe(
      'given with --cores',
    );
  });

  test('is of every socket, where the source only has nodes on them, too', () => {
    const { machine } = importMachine('cxl', join(samples, 'cxl-list.json'), {}, { cores: 4 });
    expect(machine.sockets.map((s) => s.cores)).toEqual([4, 4]);
  });

  test('is refused where it cannot be, or is of no use', () => {
    expect(() => importMachine('numactl', path, {}, { cores: 64 })).toThrow(
      'numactl-two-sockets-cxl.txt: makes no machine: sockets[0].threads: expected at least the 64 cores',
    );
    expect(() => importMachine('numactl', path, { addNs: 5 })).toThrow(
      '--add-ns: of no use to numactl (got 5, expected none)',
    );
    expect(() => importMachine('dmidecode', path)).toThrow('kind: unknown (got "dmidecode"');
  });
});
