import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { importMachine } from '../../../models/memory/import/import-machine.ts';
import { readMachine } from '../../../models/memory/read-machine.ts';
import { temporaryFolder } from '../../temporary-folder.ts';

const samples = 'test/models/import/samples';
const folder = temporaryFolder();
const changed = (sample: string, from: string | RegExp, to: string) => {
  const path = join(folder, `${Math.abs(hash(`${from}${to}`))}-${sample}`);
  writeFileSync(path, readFileSync(join(samples, sample), 'utf8').replace(from, to));
  return path;
};

function hash(text: string): number {
  return [...text].reduce((sum, c) => (sum * 31 + c.charCodeAt(0)) | 0, 0);
}

describe('numactl --hardware', () => {
  const sample = 'numactl-two-sockets-cxl.txt';
  test('gives nodes, sizes, threads and distances; latencies follow from these', () => {
    const { machine, doubts } = importMachine('numactl', join(samples, sample));
    expect(machine.sockets.map((s) => s.threads)).toEqual([8, 8]);
    expect(machine.nodes.map((n) => [n.kind, n.socket, n.capacity_bytes / 2 ** 20])).toEqual([
      ['dram', 0, 64167],
      ['dram', 1, 64472],
      ['cxl', 0, 65536],
      ['cxl', 1, 131072],
    ]);
    expect(machine.paths.map((p) => p.idle_ns)).toEqual([100, 210, 140, 240, 210, 100, 240, 140]);
    expect(machine.distances?.[3]).toEqual([24, 14, 26, 10]);
    expect(doubts.join()).toContain('No bandwidth and no latency is in it');
  });

  test('without distances has plain ones', () => {
    const path = changed(sample, /node distances:[\s\S]*/, 'No distance information available.\n');
    const { machine } = importMachine('numactl', path);
    expect(machine.distances).toBeUndefined();
    expect(machine.paths.map((p) => p.idle_ns)).toEqual([100, 210, 200, 200, 210, 100, 310, 310]);
  });

  test.each([
    ['is no such output', /[\s\S]*/, 'hello', 'no node in it'],
    ['has a size that is none', '64167 MB', 'lots', 'line 3: node (got "node 0 size: lots"'],
    ['has a row cut short', '0:  10  21  14  24', '0:  10  21', 'line 16: row of distances'],
    ['has a row missing', /\n {2}3:.*\n/, '\n', 'distances of node 3 (got 0, expected 4'],
    ['has no CPUs', /cpus:.*/g, 'cpus:', 'no node with CPUs'],
  ])('is refused where it %s', (_, from, to, message) => {
    expect(() => importMachine('numactl', changed(sample, from, to))).toThrow(message);
  });
});

describe('cxl list -M', () => {
  test('gives nodes their capacities, by the CPUs the devices hang on', () => {
    const onto = importMachine('numactl', join(samples, 'numactl-two-sockets-cxl.txt')).machine;
    const { machine } = importMachine('cxl', join(samples, 'cxl-list.json'), { onto });
    expect(machine.nodes.map((n) => n.capacity_bytes / 2 ** 30)).toEqual([
      64167 / 1024,
      64472 / 1024,
      128,
      256,
    ]);
    const source = machine.source as Record<string, string>;
    expect(source['nodes[2].capacity_bytes']).toBe('cxl-list.json: mem0 at 0000:99:00.0, ram_size');
    expect(machine.distances).toEqual(onto.distances);
  });

  test('alone makes a machine of assumptions with these nodes', () => {
    const { machine } = importMachine('cxl', join(samples, 'cxl-list.json'));
    expect(machine.nodes.map((n) => [n.kind, n.socket])).toEqual([
      ['dram', 0],
      ['dram', 1],
      ['cxl', 0],
      ['cxl', 1],
    ]);
  });

  test('is read for people and nested too; what is disabled is left out', () => {
    const onto = readMachine('spr-1cxl');
    const path = join(samples, 'cxl-list-human.json');
    const { machine, doubts } = importMachine('cxl', path, { onto });
    expect(machine.nodes[1].capacity_bytes).toBe(2 ** 37);
    expect(doubts).toEqual(['mem1 at 0000:9a:00.0 is disabled: left out.']);
  });

  test('of several devices for one node adds them up, and of a node that is not there says so', () => {
    const onto = readMachine('spr-1cxl');
    const both = changed('cxl-list.json', '"numa_node": 1', '"numa_node": 0');
    expect(importMachine('cxl', both, { onto }).machine.nodes[1].capacity_bytes / 2 ** 30).toBe(
      384,
    );
    const far = importMachine('cxl', changed('cxl-list.json', '"numa_node": 1', '"numa_node": 9'), {
      onto,
    });
    expect(far.doubts.join()).toContain('mem1 at 0000:c3:00.0 on node 9');
  });

  test.each([
    ['is not JSON', '[', '', 'not JSON'],
    ['has no device', /[\s\S]*/, '[]', 'no memory device in it'],
    ['has a size that is none', '137438953472', '"big"', 'mem0: size (got "big"'],
    ['has a node that is none', '"numa_node": 0', '"numa_node": "x"', 'numa_node'],
  ])('is refused where it %s', (_, from, to, message) => {
    const path = changed('cxl-list.json', from, to);
    expect(() => importMachine('cxl', path)).toThrow(message);
  });
});

describe('lscpu -J', () => {
  test('flat, as older versions print it', () => {
    const { machine } = importMachine('lscpu', join(samples, 'lscpu-flat.json'));
    expect(machine.description).toBe('Example(R) CPU 1234 @ 2.10GHz');
    expect(machine.sockets).toEqual(
      Array(2).fill({ cores: 8, threads: 16, line_fill_buffers: 16, clock_ghz: 2.1 }),
    );
    expect(machine.nodes.map((n) => [n.kind, n.socket])).toEqual([
      ['dram', 0],
      ['dram', 1],
      ['cxl', 0],
    ]);
    expect(machine.caches.map((c) => [c.bytes / 1024, c.shared_by_cores])).toEqual([
      [32, 1],
      [32, 1],
      [1024, 1],
      [11264, 8],
    ]);
  });

  test('nested, with sizes of all instances', () => {
    const { machine } = importMachine('lscpu', join(samples, 'lscpu-nested.json'));
    expect(machine.sockets).toEqual([
      { cores: 24, threads: 48, line_fill_buffers: 16, clock_ghz: 3.6 },
    ]);
    expect(machine.caches.map((c) => [c.bytes / 1024, c.shared_by_cores, c.holds])).toEqual([
      [32, 1, 'instructions'],
      [48, 1, 'data'],
      [2048, 1, undefined],
      [46080, 24, undefined],
    ]);
  });

  test('put onto a machine, it replaces sockets and caches, and keeps nodes and paths', () => {
    const onto = readMachine('spr-1cxl');
    const { machine } = importMachine('lscpu', join(samples, 'lscpu-nested.json'), { onto });
    expect(machine.nodes).toEqual(onto.nodes);
    expect(machine.paths).toEqual(onto.paths);
    expect(machine.sockets[0].line_fill_buffers).toBe(16);
    expect(machine.caches[3].shared_by_cores).toBe(24);
  });

  test.each([
    ['is not JSON', '{', '', 'not JSON'],
    ['has no counts', /Core\(s\) per socket/, 'Cores', 'no counts (got'],
    ['is another document', '"lscpu"', '"other"', 'lscpu: invalid input'],
  ])('is refused where it %s', (_, from, to, message) => {
    const path = changed('lscpu-flat.json', from, to);
    expect(() => importMachine('lscpu', path)).toThrow(message);
  });

  test('is refused where the machine it is put onto has more sockets', () => {
    const onto = readMachine('four-node');
    expect(() => importMachine('lscpu', join(samples, 'lscpu-nested.json'), { onto })).toThrow(
      'Socket(s) (got 1, expected 2)',
    );
    const one = readMachine('spr-1cxl');
    expect(() => importMachine('lscpu', join(samples, 'lscpu-flat.json'), { onto: one })).toThrow(
      'lscpu-flat.json: does not fit the machine it is put onto: node 1 has CPUs (got cxl',
    );
  });
});
