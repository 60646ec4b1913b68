import { execFileSync } from 'node:child_process';
import { createReadStream, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { CacheGeometry } from '../../traces/cache-filter.ts';
import { cacheTally } from '../../traces/cache-tally.ts';
import { cachegrindEvents, cachegrindTrace } from '../../traces/cachegrind.ts';
import { filterTrace } from '../../traces/filter-trace.ts';
import { readLackey } from '../../traces/formats/lackey.ts';
import { FETCH, LOAD, STORE, type Trace } from '../../traces/trace.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { type Access, sampleTrace } from './sample-trace.ts';
import { valgrind } from './valgrind.ts';

const folder = temporaryFolder();

/** Small enough that a short program misses in all of them. */
const LEVELS: CacheGeometry[] = [
  { bytes: 8192, ways: 2, lineBytes: 64, holds: 'instructions' },
  { bytes: 8192, ways: 4, lineBytes: 64, holds: 'data' },
  { bytes: 131072, ways: 8, lineBytes: 64, holds: 'both' },
];

async function eventsOf(trace: Trace) {
  const tally = cacheTally(LEVELS.length);
  const asCachegrind = cachegrindTrace(trace, 64);
  for await (const _ of filterTrace('test', asCachegrind.trace, LEVELS, tally).batches);
  return cachegrindEvents(tally, asCachegrind.modifies.count);
}

/** What cachegrind counts of a program with these caches, by its names. */
function countedBy(program: readonly string[]): Record<string, number> {
  const out = join(folder, 'cachegrind.out');
  const [i1, d1, ll] = LEVELS.map(({ bytes, ways, lineBytes }) => [bytes, ways, lineBytes].join());
  const sizes = [`--I1=${i1}`, `--D1=${d1}`, `--LL=${ll}`];
  runValgrind(
    ['--tool=cachegrind', '--cache-sim=yes', ...sizes, `--cachegrind-out-file=${out}`],
    program,
  );
  const text = readFileSync(out, 'utf8');
  const line = (name: string) =>
    (new RegExp(`^${name}: (.*)$`, 'm').exec(text)?.[1] ?? '').trim().split(' ');
  const counts = line('summary').map(Number);
  return Object.fromEntries(line('events').map((event, i) => [event, counts[i]]));
}

/** The same environment each time, since a program reads all of it; and hashes without a seed of the moment. */
function runValgrind(options: readonly string[], program: readonly string[]): void {
  execFileSync('valgrind', [...options, ...program], {
    stdio: 'pipe',
    env: { PATH: process.env.PATH, PYTHONHASHSEED: '0' },
  });
}

describe("cachegrind's counts", () => {
  test('a load and a store of one instruction at one place are one reference', async () => {
    const modify = (address: number, time: number, size = 8): Access[] => [
      { address, time, size, op: LOAD },
      { address, time, size, op: STORE },
    ];
    const trace = (batchRows: number) =>
      sampleTrace(
        [
          { address: 0x1000, time: 1, op: FETCH, size: 4 },
          ...modify(0, 1),
          ...modify(8, 2),
          // Not at one place, not of one size, not of one instruction, and a second store.
          { address: 64, time: 3, op: LOAD },
          { address: 72, time: 3, op: STORE },
          { address: 64, time: 4, op: LOAD, size: 4 },
          { address: 64, time: 4, op: STORE },
          { address: 64, time: 5, op: LOAD },
          { address: 64, time: 6, op: STORE },
          { address: 64, time: 6, op: STORE },
        ],
        {},
        batchRows,
      );
    const expected = { Ir: 1, I1mr: 1, ILmr: 1, Dr: 5, D1mr: 2, DLmr: 2, Dw: 4, D1mw: 0, DLmw: 0 };
    for (const batchRows of [1, 2, 3, 100]) {
      expect(await eventsOf(trace(batchRows))).toEqual(expected);
    }
  });

  test('what is longer than a line counts as long as a line', async () => {
    const saved = [
      { address: 0, size: 512, op: STORE },
      { address: 64, op: LOAD },
    ];
    expect(await eventsOf(sampleTrace(saved))).toMatchObject({ Dw: 1, D1mw: 1, Dr: 1, D1mr: 1 });
  });

  const input = join(folder, 'input.txt');
  writeFileSync(input, Array.from({ length: 500 }, (_, i) => `${(i * 7919) % 1000}\n`).join(''));
  const sql = 'create table t(a, b); insert into t values (1, 2), (3, 4); select sum(a) from t;';
  const programs: [string, string[]][] = [
    ['sort', ['/usr/bin/sort', '--parallel=1', input]],
    ['gzip', ['/usr/bin/gzip', '-c', input]],
    ['sqlite3', ['/usr/bin/sqlite3', ':memory:', sql]],
  ];
  test.skipIf(!valgrind).each(programs.filter(([, [file]]) => existsSync(file)))(
    'are those of cachegrind itself, to the last miss: %s (needs valgrind)',
    async (name, program) => {
      const log = join(folder, `${name}.log`);
      runValgrind(['--tool=lackey', '--trace-mem=yes', `--log-file=${log}`], program);
      const { trace } = await readLackey(log, createReadStream(log), { fetches: true });
      const counted = countedBy(program);
      expect(counted.DLmr).toBeGreaterThan(1000);
      expect(await eventsOf(trace)).toEqual(counted);
    },
    60_000,
  );
});
