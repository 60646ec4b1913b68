import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { bandwidthAt } from '../../../models/memory/curve.ts';
import { importMachine } from '../../../models/memory/import/import-machine.ts';
import { readMachine } from '../../../models/memory/read-machine.ts';
import { temporaryFolder } from '../../temporary-folder.ts';
import { sharedFolder } from './shared-folder.ts';

const folder = temporaryFolder();
const shared = sharedFolder('measurements');

/** Points on 100 ns (1 + 0.2 u / (1 - u)), u = b / B, up to 92 % of B. */
const points = (gbps: number) =>
  [0.05, 0.2, 0.35, 0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 0.92].map((u) => ({
    gbps: gbps * u,
    ns: 100 * (1 + (0.2 * u) / (1 - u)),
  }));

function written(name: string, text: string): string {
  const path = join(folder, name);
  mkdirSync(join(path, '..'), { recursive: true });
  writeFileSync(path, text);
  return path;
}

/** A folder of `bwlat_NN.txt` in MB/s and cycles of a clock, the points in descending order. */
function columns(name: string, curves: Readonly<Record<string, number>>, ghz: number): string {
  for (const [percent, gbps] of Object.entries(curves)) {
    const lines = points(gbps).map((p) => `${p.gbps * 1000}\t${p.ns * ghz}`);
    written(`${name}/bwlat_${percent}.txt`, `${lines.reverse().join('\n')}\n`);
  }
  return join(folder, name);
}

const csv = (columns: string, curves: Readonly<Record<string, number>>, factor: number) =>
  [
    columns,
    ...Object.entries(curves).flatMap(([percent, gbps]) =>
      points(gbps).map((p) => `${percent},${p.gbps * factor},${p.ns}`),
    ),
  ].join('\n');

const curves = { '50': 180, '100': 220 };

describe('curves of one machine', () => {
  const text = csv('read_pct_rounded,bandwidth_smooth,latency_smooth', curves, 1);
  const expected = importMachine('mess', written('box__memory_curves.csv', text));

  test('become the curve they lie on', () => {
    const [path] = expected.machine.paths;
    expect(expected.machine.name).toBe('box');
    expect(path.idle_ns).toBeCloseTo(100, 1);
    expect(bandwidthAt(path.curve, 1)).toBeCloseTo(220, 0);
    expect(bandwidthAt(path.curve, 0.5)).toBeCloseTo(180, 0);
    expect('queueing' in path.curve && path.curve.queueing).toBeCloseTo(0.2, 2);
  });

  const json = (scale: number, cycles: number) =>
    JSON.stringify(
      Object.fromEntries(
        Object.entries(curves).map(([percent, gbps]) => [
          percent,
          points(gbps).map((p) => [p.gbps * scale, p.ns * cycles]),
        ]),
      ),
    );

  test.each([
    [
      'CSV in MB/s',
      written('a/cxl.csv', csv('read_pct,bandwidth_MBps,latency_ns', curves, 1000)),
      {},
    ],
    ['JSON in GB/s and ns', written('b/curves.json', json(1, 1)), {}],
    ['JSON in MB/s and cycles', written('c/curves.json', json(1000, 2.5)), { ghz: 2.5 }],
    ['a folder of two columns in cycles', columns('d', curves, 2), { ghz: 2 }],
    ['the same, less what the CPU takes', columns('e', curves, 2), { ghz: 2, addNs: 0 }],
  ])('are the same as %s', (_, path, options) => {
    const [made] = importMachine('mess', path, options).machine.paths;
    const [own] = expected.machine.paths;
    expect(made.idle_ns).toBeCloseTo(own.idle_ns, 2);
    for (const share of [0, 0.5, 0.8, 1])
      expect(bandwidthAt(made.curve, share)).toBeCloseTo(bandwidthAt(own.curve, share), 1);
  });

  test('take the clock of a file beside them, and say so', () => {
    const path = columns('f', curves, 2.3);
    written('f/info.txt', '- Frequency: 2.3GHz\n');
    const { machine, read, doubts } = importMachine('mess', path);
    expect(machine.paths[0].idle_ns).toBeCloseTo(100, 1);
    expect(read.join()).toContain('cycles at 2.3 GHz as info.txt says');
    expect(doubts.join()).toContain('--ghz states another');
    const slow = importMachine('mess', path, { ghz: 2 }).machine.paths[0];
    expect(slow.idle_ns).toBeCloseTo(115, 0);
  });

  test('take the clock of the configuration that is about them', () => {
    const path = columns('g/ddr5_4800__intel__some__cpu_1', curves, 2);
    const config = (cpu: string, ghz: number) =>
      `{"memory_system": "ddr5_4800", "cpu_model": "${cpu}", "cpu_freq_ghz": ${ghz}}`;
    written('g/config_a.json', config('cpu_2', 3));
    written('g/config_b.json', config('cpu_1', 2));
    expect(importMachine('mess', path).read.join()).toContain('2 GHz as config_b.json says');
  });

  test('are put onto a node and a socket of a machine, the rest of it as it was', () => {
    const onto = readMachine('spr-1cxl');
    const path = columns('h', { '50': 40, '100': 30 }, 1);
    const { machine } = importMachine('mess', path, { onto, node: 1, ghz: 1, addNs: 60 });
    expect(machine.paths[1].idle_ns).toBeCloseTo(160, 0);
    expect(machine.paths[0]).toEqual(onto.paths[0]);
    expect(machine.nodes).toEqual(onto.nodes);
    expect((machine.source as Record<string, string>)['paths[1].curve']).toContain('60 ns added');
  });
});

describe('what is wrong in them', () => {
  test('is left out and counted: negative, incomplete and repeated points, files without latency', () => {
    const path = columns('wrong', curves, 1);
    written(
      'wrong/bwlat_100.txt',
      [
        '-90 101',
        ...points(220).map((p) => `${p.gbps * 1000} ${p.ns}`),
        '11000 101.0526315789',
        '11000 101.0526315789',
      ].join('\n'),
    );
    written('wrong/bwlat_0.txt', '24084.4\n24000\n');
    const { doubts } = importMachine('mess', path, { ghz: 1 });
    expect(doubts).toEqual([
      'bwlat_0.txt was left out: it has no column of latencies.',
      '1 point of negative bandwidth was left out.',
      '1 point equal to another was left out.',
    ]);
  });

  test('is told where bandwidth is highest at the fewest reads', () => {
    const path = columns('turned', { '0': 220, '100': 180 }, 1);
    const { doubts } = importMachine('mess', path, { ghz: 1 });
    expect(doubts.join()).toContain('highest at 0 % reads');
  });
});

describe('is refused', () => {
  const two = join(folder, 'two');
  written('two/a__memory_curves.csv', 'x');
  written('two/b__memory_curves.csv', 'x');
  columns('many/a', curves, 1);
  columns('many/b', curves, 1);
  mkdirSync(join(folder, 'nothing'));
  test.each<[string, string, string]>([
    [
      'a folder of several machines',
      two,
      'got a__memory_curves.csv, b__memory_curves.csv, expected one',
    ],
    [
      'a folder of their folders',
      join(folder, 'many'),
      'of several machines (got a, b, expected one',
    ],
    ['a folder of nothing', join(folder, 'nothing'), 'nothing measured in it'],
    ['cycles without a clock', columns('noclock', curves, 1), 'got no clock, expected --ghz'],
    ['an empty file', written('empty.csv', ''), 'is empty'],
    ['another text', written('other.csv', 'a,b\n1,2\n'), 'line 1: no column of read shares'],
    [
      'no latencies',
      written('nolat.csv', 'read_pct,bandwidth_MBps\n1,2\n'),
      'no column of latencies',
    ],
    [
      'a row cut short',
      written('cut.csv', 'read_pct,bandwidth_MBps,latency_ns\n1,2\n'),
      'line 2: row',
    ],
    ['no rows', written('norows.csv', 'read_pct,bandwidth_MBps,latency_ns\n'), 'no points in it'],
    [
      'too few points',
      written('few.csv', 'read_pct,bandwidth_MBps,latency_ns\n100,1,2\n'),
      'too few points at 100 % reads',
    ],
    ['JSON cut short', written('cut.json', '{"50": [[1, 2]'), 'not JSON'],
    ['a share above 100 %', written('share.json', '{"150": [[1, 2]]}'), 'expected 0 to 100 %'],
  ])('%s', (_, path, message) => {
    expect(() => importMachine('mess', path)).toThrow(message);
  });
});

describe.skipIf(!existsSync(shared))('measured elsewhere (needs ../shared)', () => {
  const entries = (name: string) =>
    existsSync(join(shared, name)) ? readdirSync(join(shared, name), { withFileTypes: true }) : [];
  const curvesOf = (name: string) =>
    entries(name)
      .filter((entry) => /curves\.(csv|json)$/.test(entry.name))
      .map((entry) => join(name, entry.name));
  const folders = (name: string) =>
    entries(name)
      .filter((entry) => entry.isDirectory())
      .map((entry) => join(name, entry.name));

  test.each([
    ...curvesOf('mess-results'),
    ...folders('mess-paraver'),
    ...folders('profet'),
    'mess-simulator-cxl/cxl_all_ns.csv',
  ])('%s makes a machine that fits', (name) => {
    const { machine, flags } = importMachine('mess', join(shared, name));
    const [path] = machine.paths;
    expect(path.curve.fit?.rms).toBeLessThan(0.05);
    expect(path.idle_ns).toBeGreaterThan(80);
    expect(path.idle_ns).toBeLessThan(200);
    expect(flags).toEqual([]);
  });

  test('cycles and ns of the simulated expander agree', () => {
    const inNs = importMachine('mess', join(shared, 'mess-simulator-cxl/cxl_all_ns.csv'));
    const path = join(shared, 'mess-simulator-cxl/bwlat_100.txt');
    const one = importMachine('mess', path, { ghz: 2.1 });
    expect(bandwidthAt(one.machine.paths[0].curve, 1)).toBeCloseTo(26.8, 0);
    expect(bandwidthAt(inNs.machine.paths[0].curve, 1)).toBeCloseTo(26.8, 0);
    expect(inNs.machine.nodes[0].kind).toBe('cxl');
  });

  test('several machines of one folder are named', () => {
    expect(() => importMachine('mess', join(shared, 'mess-results'))).toThrow('EPEEC4_local__');
    const lacking = join(shared, 'mess-simulator-cxl/bwlat_0_NO_LATENCY_COLUMN.txt');
    expect(() => importMachine('mess', lacking)).toThrow('no points in it');
  });
});
