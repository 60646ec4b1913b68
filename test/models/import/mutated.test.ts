import { cpSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { importMachine } from '../../../models/memory/import/import-machine.ts';
import { machineSchema } from '../../../models/memory/machine.ts';
import { readMachine } from '../../../models/memory/read-machine.ts';
import { temporaryFolder } from '../../temporary-folder.ts';
import { sysfsTree } from './sysfs-tree.ts';

const folder = temporaryFolder();
const samples = 'test/models/import/samples';
const sample = (name: string) => readFileSync(join(samples, name), 'utf8');
const curve = [10, 60, 110, 150, 170].map((b, i) => `100,${b},${100 + i * i * 9}`);

const texts: readonly [kind: string, name: string, text: string][] = [
  ['mlc', 'mlc.txt', sample('mlc-one-socket.txt')],
  ['mlc', 'mlc-matrix.txt', sample('mlc-latency-matrix-cxl.txt')],
  ['mess', 'mess.csv', ['read_pct,bandwidth_MBps,latency_ns', ...curve].join('\n')],
  ['mess', 'mess.json', '{"50": [[10, 100], [60, 120], [110, 160], [150, 300]]}'],
  ['mess', 'bwlat_100.txt', '170000 400\n150000 300\n60000 210\n1000 200\n'],
  ['numactl', 'numactl.txt', sample('numactl-two-sockets-cxl.txt')],
  ['cxl', 'cxl.json', sample('cxl-list.json')],
  ['lscpu', 'lscpu.json', sample('lscpu-nested.json')],
  ['lscpu', 'lscpu-flat.json', sample('lscpu-flat.json')],
];

/** A text with some of it cut out, doubled or replaced. */
const mutated = (text: string) =>
  fc
    .array(
      fc.record({
        at: fc.nat(text.length),
        length: fc.nat(12),
        put: fc.oneof(
          fc.constantFrom(
            '',
            '-',
            '0',
            '-1',
            '9999999999',
            '1e400',
            'NaN',
            '\n',
            ' ',
            ':',
            '{',
            '"',
          ),
          fc.string({ maxLength: 6 }),
        ),
      }),
      { minLength: 1, maxLength: 4 },
    )
    .map((edits) =>
      edits.reduce((t, { at, length, put }) => t.slice(0, at) + put + t.slice(at + length), text),
    );

/** Either a machine that is valid, or an error of one line. */
function checkImport(kind: string, path: string, onto?: string): void {
  try {
    const { machine, flags } = importMachine(kind, path, {
      ...(kind === 'mess' ? { ghz: 2 } : {}),
      ...(onto === undefined ? {} : { onto: readMachine(onto) }),
    });
    expect(machineSchema.safeParse(machine).error).toBeUndefined();
    expect(Array.isArray(flags)).toBe(true);
  } catch (error) {
    const { name, message } = error as Error;
    expect([name, message]).toEqual(['Error', expect.stringMatching(/^[^\n]+$/)]);
  }
}

describe('whatever is in a file, there is a machine or an error of one line', () => {
  test.each(texts)('%s %s', (kind, name, text) => {
    fc.assert(
      fc.property(mutated(text), fc.constantFrom(undefined, 'spr-1cxl', 'four-node'), (t, onto) => {
        const path = join(folder, name);
        writeFileSync(path, t);
        checkImport(kind, path, onto);
      }),
      { numRuns: 150, seed: 1 },
    );
  });

  test('sysfs, one file of it', () => {
    const root = sysfsTree(
      join(folder, 'whole'),
      {
        0: { cpus: '0-3', distance: '10 14', hmat: [0, 262144, 176128, 91, 91] },
        1: { distance: '14 10', hmat: [0, 30000, 30000, 250, 250] },
      },
      {
        'devices/system/node/online': '0-1',
        'devices/system/cpu/cpu0/topology/physical_package_id': '0',
        'kernel/mm/mempolicy/weighted_interleave/node0': '3',
        'devices/virtual/memory_tiering/memory_tier4/nodelist': '0',
      },
    );
    const files = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((name) =>
      statSync(join(root, name)).isFile(),
    );
    const broken = join(folder, 'broken');
    const cases = fc
      .constantFrom(...files)
      .chain((file) =>
        fc.tuple(fc.constant(file), mutated(readFileSync(join(root, file), 'utf8'))),
      );
    fc.assert(
      fc.property(cases, fc.constantFrom(undefined, 'spr-1cxl'), ([file, text], onto) => {
        cpSync(root, broken, { recursive: true });
        writeFileSync(join(broken, file), text);
        checkImport('sysfs', broken, onto);
      }),
      { numRuns: 150, seed: 1 },
    );
  });
});
