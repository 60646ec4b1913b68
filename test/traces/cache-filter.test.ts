import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type CacheGeometry, cacheFilter } from '../../traces/cache-filter.ts';
import { type CacheTally, cacheTally } from '../../traces/cache-tally.ts';
import { demandOfTrace } from '../../traces/demand-of-trace.ts';
import { filterTrace } from '../../traces/filter-trace.ts';
import { readLackey } from '../../traces/formats/lackey.ts';
import { PageTable } from '../../traces/page-table.ts';
import { FETCH, LOAD, STORE } from '../../traces/trace.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { naiveCaches } from './naive-caches.ts';
import { type Access, rowsOf, sampleTrace } from './sample-trace.ts';
import { valgrind } from './valgrind.ts';

const folder = temporaryFolder();

async function memoryOf(
  accesses: readonly Access[],
  caches: readonly CacheGeometry[],
  tally?: CacheTally,
): Promise<string[]> {
  const rows = await rowsOf(filterTrace('test', sampleTrace(accesses), caches, tally));
  return rows.map((r) => `${r.op === 1 ? 'W' : 'R'} ${r.address.toString(16)}`);
}

/** Accesses drawn as text: `R 40` reads 8 bytes at hex 40, `W 40` writes, `I 40` fetches; `W 40 t1` on thread 1. */
function drawn(picture: string): Access[] {
  return picture.split('|').map((step) => {
    const [op, address, thread = 't0'] = step.trim().split(' ');
    return {
      address: BigInt(`0x${address}`),
      op: { R: LOAD, W: STORE, I: FETCH }[op] ?? LOAD,
      thread: Number(thread.slice(1)),
    };
  });
}

const anyGeometry = fc.record({
  bytes: fc.integer({ min: 64, max: 4096 }),
  ways: fc.integer({ min: 1, max: 5 }),
  lineBytes: fc.constant(64),
  inclusive: fc.boolean(),
  holds: fc.constant('both' as const),
});
/** One to three levels, the first of them split or not, each less often there than the one before. */
const anyCaches: fc.Arbitrary<CacheGeometry[]> = fc
  .tuple(
    fc.array(anyGeometry, { minLength: 1, maxLength: 3 }),
    fc.boolean(),
    fc.constantFrom([1, 1, 1], [2, 1, 1], [2, 2, 1], [4, 2, 1], [4, 4, 2]),
  )
  .map(([levels, split, instances]) => {
    const [first, ...rest] = levels.map((level, i) => ({ ...level, instances: instances[i] }));
    if (!split) return [first, ...rest];
    return [
      { ...first, holds: 'instructions' as const },
      { ...first, holds: 'data' as const },
      ...(rest.length > 0 ? rest : [{ ...first, instances: 1 }]),
    ];
  });
const anyAccesses = fc.array(
  fc.record({
    address: fc.oneof(
      fc.bigInt({ min: 0n, max: 0x3000n }),
      fc.bigInt({ min: 0xffff_ffff_ffff_c000n, max: 0xffff_ffff_ffff_e000n }),
      fc.bigInt({ min: 0xffff_f000n, max: 0x1_0000_1000n }),
      fc.bigInt({ min: 0x3f_ffff_ff00n, max: 0x40_0000_0100n }),
    ),
    size: fc.integer({ min: 1, max: 200 }),
    op: fc.constantFrom(LOAD, STORE, FETCH),
    thread: fc.constantFrom(0, 1, 7, 9),
  }),
  { minLength: 1, maxLength: 200 },
);

/** One set of two lines. */
const TWO_LINES: CacheGeometry = { bytes: 128, ways: 2, lineBytes: 64 };

describe('the cache filter', () => {
  test('reads a line once while it stays', async () => {
    expect(await memoryOf(drawn('R 0 | R 8 | W 38 | R 40 | R 0'), [TWO_LINES])).toEqual([
      'R 0',
      'R 40',
    ]);
  });

  test('evicts the least recently used line, and writes it when it is dirty', async () => {
    const accesses = drawn('R 0 | W 40 | R 0 | R 80 | R 40 | R c0');
    expect(await memoryOf(accesses, [TWO_LINES])).toEqual([
      'R 0',
      'R 40',
      'W 40',
      'R 80',
      'R 40',
      'R c0',
    ]);
  });

  test('writes a dirty line into the next level that holds it, else to memory', async () => {
    const large: CacheGeometry = { bytes: 512, ways: 8, lineBytes: 64 };
    const accesses = drawn('W 0 | R 40 | R 80 | R c0 | R 0');
    expect(await memoryOf(accesses, [TWO_LINES, large])).toEqual(['R 0', 'R 40', 'R 80', 'R c0']);
  });

  test('counts both lines of an access that straddles them', async () => {
    expect(await memoryOf([{ address: 60, size: 8 }], [TWO_LINES])).toEqual(['R 0', 'R 40']);
    expect(await memoryOf([{ address: 4092, size: 8 }], [TWO_LINES])).toEqual(['R fc0', 'R 1000']);
  });

  test('agrees with a naive one, line by line, and so do its counts', async () => {
    await fc.assert(
      fc.asyncProperty(anyCaches, anyAccesses, async (caches, accesses) => {
        const naive = naiveCaches(caches);
        for (const a of accesses) naive.access(a.address, a.size, a.op, a.thread);
        const tally = cacheTally(caches.length);
        expect(await memoryOf(accesses, caches, tally)).toEqual(naive.memory);
        expect([...tally.misses]).toEqual(naive.misses.flat());
        expect([...tally.references]).toEqual(
          [LOAD, STORE, FETCH].map((op) => accesses.filter((a) => a.op === op).length),
        );
        expect(tally.memory[0] + tally.memory[1]).toBe(naive.memory.length);
      }),
      { numRuns: 200 },
    );
  });

  test('does not see how the trace is cut into batches', async () => {
    await fc.assert(
      fc.asyncProperty(
        anyCaches,
        anyAccesses,
        fc.integer({ min: 1, max: 7 }),
        async (caches, accesses, batchRows) => {
          const cut = filterTrace('test', sampleTrace(accesses, {}, batchRows), caches);
          const whole = filterTrace('test', sampleTrace(accesses), caches);
          expect(await rowsOf(cut)).toEqual(await rowsOf(whole));
        },
      ),
      { numRuns: 50 },
    );
  });

  test('misses every time in a sweep over one line more than the ways, and never in one of as many', async () => {
    const ways = 4;
    const sets = 8;
    const level: CacheGeometry = { bytes: ways * sets * 64, ways, lineBytes: 64 };
    const sweep = (lines: number) =>
      Array.from({ length: lines * 10 }, (_, i) => ({ address: (i % lines) * sets * 64 }));
    expect((await memoryOf(sweep(ways), [level])).length).toBe(ways);
    expect((await memoryOf(sweep(ways + 1), [level])).length).toBe((ways + 1) * 10);
  });

  test('refuses levels of unlike lines, and traces behind caches already', () => {
    expect(() =>
      cacheFilter([TWO_LINES, { ...TWO_LINES, lineBytes: 128 }], new PageTable(), 4096),
    ).toThrow('cache level 2: line size (got 128, expected 64)');
    expect(() => filterTrace('t.arrow', sampleTrace([], { level: 'memory' }), [TWO_LINES])).toThrow(
      't.arrow: level (got memory, expected access',
    );
  });

  test('refuses sampled traces: what was left out is what keeps lines cached', async () => {
    const sampled = sampleTrace([{ address: 0 }], { samplePeriod: 1000 });
    const refusal = 't.arrow: sampled access-level trace (got sample_period 1000';
    expect(() => filterTrace('t.arrow', sampled, [TWO_LINES])).toThrow(refusal);
    const units = { caches: [TWO_LINES], lineBytes: 64, pageBytes: 4096 };
    await expect(demandOfTrace('t.arrow', sampled, units)).rejects.toThrow(refusal);
  });

  test.skipIf(!valgrind)(
    'misses in D1 exactly as often as cachegrind says (needs valgrind)',
    async () => {
      const input = join(folder, 'input.txt');
      writeFileSync(
        input,
        Array.from({ length: 300 }, (_, i) => `${(i * 7919) % 1000}\n`).join(''),
      );
      const log = join(folder, 'lackey.log');
      const counts = join(folder, 'cachegrind.out');
      const run = (options: string[]) =>
        execFileSync('valgrind', [...options, 'sort', input], {
          stdio: 'pipe',
          env: { PATH: process.env.PATH },
        });
      run(['--tool=lackey', '--trace-mem=yes', `--log-file=${log}`]);
      run([
        '--tool=cachegrind',
        '--cache-sim=yes',
        '--D1=8192,4,64',
        `--cachegrind-out-file=${counts}`,
      ]);
      const events = /^events: (.*)$/m.exec(readFileSync(counts, 'utf8'))?.[1].split(' ') ?? [];
      const summary =
        /^summary: (.*)$/m.exec(readFileSync(counts, 'utf8'))?.[1].split(' ').map(Number) ?? [];
      const counted = (event: string) => summary[events.indexOf(event)];

      async function* bytes() {
        yield readFileSync(log);
      }
      const { trace } = await readLackey(log, bytes());
      const linesOf = cacheFilter([{ bytes: 8192, ways: 4, lineBytes: 64 }], new PageTable(), 4096);
      let missed = 0;
      let references = 0;
      for await (const batch of trace.batches) {
        const { length, row, write } = linesOf(batch);
        let last = -1;
        // Cachegrind counts an access of two lines as one miss, and a modify as one reference, a read.
        for (let i = 0; i < length; i++) {
          if (write[i] === 0 && row[i] !== last) missed++;
          if (write[i] === 0) last = row[i];
        }
        references += batch.length;
      }
      expect(counted('D1mr') + counted('D1mw')).toBeGreaterThan(1000);
      expect(Math.abs(missed - counted('D1mr') - counted('D1mw'))).toBeLessThanOrEqual(
        0.001 * missed,
      );
      expect(references).toBeGreaterThan(counted('Dr') + counted('Dw') - 1);
    },
  );
});
