import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { bandwidthAt } from '../../../models/memory/curve.ts';
import { importMachine } from '../../../models/memory/import/import-machine.ts';
import { readMachine } from '../../../models/memory/read-machine.ts';
import { temporaryFolder } from '../../temporary-folder.ts';
import { sharedFolder } from './shared-folder.ts';

const samples = 'test/models/import/samples';
const shared = sharedFolder('measurements/mlc');
const folder = temporaryFolder();
const written = (name: string, text: string) => {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
};
const whole = readFileSync(`${samples}/mlc-one-socket.txt`, 'utf8');

describe('MLC of one socket with CXL', () => {
  const { machine, flags, doubts } = importMachine('mlc', `${samples}/mlc-one-socket.txt`);
  const [own, cxl] = machine.paths;

  test('gives the curve the loaded latencies lie on', () => {
    expect(own.idle_ns).toBe(100);
    expect('queueing' in own.curve && own.curve.queueing).toBeCloseTo(0.2, 2);
    expect(bandwidthAt(own.curve, 1)).toBeCloseTo(220, 0);
    expect(own.curve.fit?.rms).toBeLessThan(0.005);
  });

  test('gives the other mixes in proportion, and the triad only where 2:1 is missing', () => {
    const reads = bandwidthAt(own.curve, 1);
    expect(bandwidthAt(own.curve, 0.75) / reads).toBeCloseTo(0.9, 4);
    expect(bandwidthAt(own.curve, 0.66667) / reads).toBeCloseTo(0.85, 3);
    expect(bandwidthAt(own.curve, 0.5) / reads).toBeCloseTo(0.8, 4);
    const path = written('triad.txt', whole.replace(/^2:1.*\n/m, ''));
    const [triad] = importMachine('mlc', path).machine.paths;
    expect(bandwidthAt(triad.curve, 0.66667) / bandwidthAt(triad.curve, 1)).toBeCloseTo(0.825, 3);
  });

  test('gives a node without CPUs the shape of the other, to its own bandwidth', () => {
    expect(machine.nodes.map((n) => n.kind)).toEqual(['dram', 'cxl']);
    expect(cxl.idle_ns).toBe(250);
    expect(bandwidthAt(cxl.curve, 1)).toBeCloseTo(bandwidthAt(own.curve, 1) / 10, 2);
    expect([flags, doubts]).toEqual([[], []]);
    expect(machine.source).toMatchObject({
      'paths[1].idle_ns': 'mlc-one-socket.txt: idle latency, node 0 to 1',
    });
  });

  test('reads the same with CRLF', () => {
    const path = written('mlc-one-socket.txt', whole.replaceAll('\n', '\r\n'));
    expect(importMachine('mlc', path).machine).toEqual(machine);
  });
});

describe('parts of it', () => {
  test('a matrix of latencies alone: bandwidths are assumed', () => {
    const path = `${samples}/mlc-latency-matrix-cxl.txt`;
    const { machine, assumed } = importMachine('mlc', path);
    expect(machine.paths.map((p) => p.idle_ns)).toEqual([100, 160, 250, 161, 101, 380]);
    expect(machine.nodes.map((n) => [n.kind, n.socket])).toEqual([
      ['dram', 0],
      ['dram', 1],
      ['cxl', 0],
    ]);
    expect(assumed.map((a) => a.sentence).join()).toContain('no bandwidth is known');
  });

  test('bandwidths alone rise a little above what was measured', () => {
    const text = whole.slice(0, whole.indexOf('Measuring Loaded'));
    const [own, cxl] = importMachine('mlc', written('peaks.txt', text)).machine.paths;
    expect(bandwidthAt(own.curve, 1)).toBeCloseTo(230, 6);
    expect(bandwidthAt(cxl.curve, 1)).toBeCloseTo(23, 6);
  });

  test('put onto a machine, it replaces paths and leaves the rest', () => {
    const onto = readMachine('spr-1cxl');
    const { machine } = importMachine('mlc', `${samples}/mlc-one-socket.txt`, { onto });
    expect(machine.sockets).toEqual(onto.sockets);
    expect(machine.nodes).toEqual(onto.nodes);
    expect(machine.paths.map((p) => p.idle_ns)).toEqual([100, 250]);
    const source = machine.source as Record<string, string>;
    expect(source['nodes[1].hmat']).toContain('HMAT lines');
    expect(source['paths[0].curve']).toContain('mlc-one-socket.txt');
    expect(Object.keys(source).filter((k) => k.startsWith('paths[0].curve.'))).toEqual([]);
  });
});

describe('is refused', () => {
  test.each([
    ['an empty file', '', 'is empty (expected output of Intel MLC)'],
    ['another text', 'Hello\n', 'nothing measured in it (expected output of Intel MLC)'],
    ['its heading only', whole.slice(0, 40), 'nothing measured in it'],
    [
      'a row cut short',
      whole.replace('100.0\t 250.0', '100.0'),
      'line 5: row of a matrix (got "0\\t 100.0", expected 2 figures above 0)',
    ],
  ])('%s', (name, text, message) => {
    expect(() => importMachine('mlc', written(`${name}.txt`, text))).toThrow(message);
  });

  test('a folder, and a machine it does not fit', () => {
    expect(() => importMachine('mlc', folder)).toThrow('is a directory (expected output of');
    const onto = readMachine('spr-1cxl');
    const path = `${samples}/mlc-latency-matrix-cxl.txt`;
    expect(() => importMachine('mlc', path, { onto })).toThrow('node 1 has CPUs (got cxl');
  });
});

test.skipIf(!existsSync(shared))(
  'every output measured elsewhere makes a machine (needs ../shared)',
  () => {
    const files = readdirSync(shared).filter((name) => name.endsWith('.txt'));
    expect(files.length).toBeGreaterThan(7);
    for (const file of files) {
      const { machine, flags, doubts } = importMachine('mlc', join(shared, file));
      expect(machine.paths).toHaveLength(machine.nodes.length ** 2);
      expect([file, flags, doubts]).toEqual([file, [], []]);
      for (const { socket, node, idle_ns: ns } of machine.paths) {
        const own = machine.paths.find((p) => p.socket === socket && p.node === socket);
        if (node !== socket) expect(ns).toBeGreaterThan(own?.idle_ns as number);
      }
    }
  },
);

test.skipIf(!existsSync(shared))(
  'a socket has its share of what the system measured (needs ../shared)',
  () => {
    const { machine } = importMachine('mlc', join(shared, 'vsc_icelake_mlc.txt'));
    const [own, remote] = machine.paths;
    expect(own.idle_ns).toBe(89.2);
    expect(bandwidthAt(own.curve, 1)).toBeGreaterThan(351.8 / 2);
    expect(bandwidthAt(own.curve, 1)).toBeLessThan((351.8 / 2) * 1.25);
    expect(bandwidthAt(remote.curve, 1) / bandwidthAt(own.curve, 1)).toBeCloseTo(55.7 / 175.7, 3);
  },
);
