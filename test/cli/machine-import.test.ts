import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { openDemand } from '../../evaluator/open-demand.ts';
import { scenario } from '../../evaluator/scenario.ts';
import { sweep } from '../../evaluator/sweep.ts';
import type { ImportOptions } from '../../models/memory/import/facts.ts';
import { importMachine } from '../../models/memory/import/import-machine.ts';
import { readMachineFile } from '../../models/memory/read-machine.ts';
import { sharedFolder } from '../models/import/shared-folder.ts';
import { sysfsTree } from '../models/import/sysfs-tree.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { numaweave } from './run.ts';

const folder = temporaryFolder();
const at = (name: string) => join(folder, name);
const samples = 'test/models/import/samples';
const trace = at('tiny.arrow');

function done(...args: string[]): string {
  const { status, stdout, stderr } = numaweave(args);
  expect(stderr).not.toContain('numaweave:');
  expect(status).toBe(0);
  return stdout;
}

beforeAll(() => {
  done(
    ...['trace', 'synth', 'random', '--pages', '64', '--accesses', '2000'],
    ...['--read-share', '0.7', '--out', trace],
  );
});

/** Imports, writes, reads back as `machine check` does, sweeps: what the commands do, without a process for each. */
async function usable(kind: string, path: string, options: ImportOptions = {}): Promise<void> {
  const { machine } = importMachine(kind, path, options);
  const file = at('machine.json');
  writeFileSync(file, JSON.stringify(machine));
  const read = readMachineFile(file);
  expect(read).toEqual(JSON.parse(JSON.stringify(machine)));
  for (const { curve } of read.paths) expect(curve.fit?.worst_rms ?? 0).toBeLessThanOrEqual(0.05);

  const copies = 4;
  const { demand } = await openDemand(trace, read, { copies });
  const made = scenario(demand, read, { copies, cpi: 0.5, computeShare: 0 });
  const { evaluations, optimum } = await sweep(made, { maxTotal: 4, threads: 1 });
  expect(evaluations.length).toBeGreaterThan(0);
  for (const { throughputGbps, shareOfOptimum } of evaluations) {
    expect(throughputGbps).toBeGreaterThan(0);
    expect(Number.isFinite(shareOfOptimum)).toBe(true);
  }
  expect(optimum.weights).toHaveLength(read.nodes.length);
}

/** Curves of Mess that follow 100 ns (1 + 0.2 u / (1 - u)), in GB/s and ns. */
function messCsv(): string {
  const rows = [
    [50, 180],
    [100, 220],
  ].flatMap(([percent, gbps]) =>
    [0.05, 0.3, 0.5, 0.7, 0.8, 0.9].map(
      (u) => `${percent},${gbps * u},${100 * (1 + (0.2 * u) / (1 - u))}`,
    ),
  );
  writeFileSync(at('box.csv'), ['read_pct,bandwidth_GBps,latency_ns', ...rows].join('\n'));
  return at('box.csv');
}

/** A socket with DRAM and a CXL node, as a kernel describes them. */
function sysfs(): string {
  const tree = sysfsTree(at('tree'), {
    0: { cpus: '0-15', kib: 64 << 20, distance: '10 24', hmat: [0, 230_000, 180_000, 110, 120] },
    1: { kib: 128 << 20, distance: '24 10', hmat: [0, 28_000, 24_000, 260, 270] },
  });
  return join(tree, 'sys');
}

describe('machines of our own fixtures', () => {
  test.each([
    ['sysfs', 'a tree', sysfs],
    ['mess', 'CSV', messCsv],
    ['mlc', 'all it prints', () => join(samples, 'mlc-one-socket.txt')],
    ['mlc', 'latencies alone', () => join(samples, 'mlc-latency-matrix-cxl.txt')],
    ['numactl', 'two sockets', () => join(samples, 'numactl-two-sockets-cxl.txt')],
    ['lscpu', 'nested', () => join(samples, 'lscpu-nested.json')],
  ])('%s, %s: are checked, and swept', (kind, _, path) => usable(kind, path()));

  test('cxl devices onto another machine likewise', async () => {
    const onto = importMachine('sysfs', sysfs()).machine;
    await usable('cxl', join(samples, 'cxl-list.json'), { onto });
  });

  test('by the commands', () => {
    const file = at('commands.json');
    expect(done('machine', 'import', 'sysfs', sysfs(), '--out', file)).toContain('2 nodes');
    done('machine', 'import', 'mess', messCsv(), '--onto', file, '--out', file);
    expect(done('machine', 'check', file)).toContain('with 2 nodes is valid');
    const machine = JSON.parse(readFileSync(file, 'utf8'));
    expect(machine.paths[0].curve.fit.worst_rms).toBeLessThan(0.01);
    const swept = done('sweep', trace, '--machine', file, '--max-total', '4', '--json');
    const { optimum, baselines } = JSON.parse(swept);
    expect(optimum.weights).toHaveLength(2);
    expect(optimum.throughputGbps).toBeGreaterThanOrEqual(baselines.equal.throughputGbps);
  });
});

const shared = sharedFolder('measurements');
const tree = sharedFolder('machines/sysfs-4node');

/** Entries of a folder of measurements, by name; none where it is absent. */
function entries(name: string, wanted: RegExp, kind: 'files' | 'folders' = 'files'): string[] {
  if (!existsSync(join(shared, name))) return [];
  return readdirSync(join(shared, name), { withFileTypes: true })
    .filter((entry) => entry.isDirectory() === (kind === 'folders') && wanted.test(entry.name))
    .map((entry) => join(name, entry.name));
}

describe.skipIf(!existsSync(shared))('machines measured elsewhere (needs ../shared)', () => {
  test.each(entries('mlc', /^(vsc_.*mlc|fdio_).*\.txt$/))('%s', (name) =>
    usable('mlc', join(shared, name)),
  );

  test.each([
    ...entries('mess-results', /curves\.(csv|json)$/),
    ...entries('mess-paraver', /./, 'folders'),
    ...entries('profet', /./, 'folders'),
    'mess-simulator-cxl',
  ])('%s', (name) => usable('mess', join(shared, name)));

  test('mess-simulator-cxl, its files in cycles', () =>
    usable('mess', join(shared, 'mess-simulator-cxl/bwlat_66.txt'), { ghz: 2.1, addNs: 70 }));
});

describe.skipIf(!existsSync(tree))('a kernel of four nodes (needs ../shared)', () => {
  test('is checked, and swept', () => usable('sysfs', tree));
});
