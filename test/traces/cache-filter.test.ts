import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type CacheGeometry, cacheFilter } from '../../traces/cache-filter.ts';
import { type CacheTally, cacheTally } from '../../traces/cache-tally.ts';
import { cacheUse } from '../../traces/cache-use.ts';
import { filterTrace } from '../../traces/filter-trace.ts';
import { PageTable } from '../../traces/page-table.ts';
import { FETCH, LOAD, STORE } from '../../traces/trace.ts';
import { naiveCaches } from './naive-caches.ts';
import { type Access, rowsOf, sampleTrace } from './sample-trace.ts';

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
      // A few lines that threads share, many that push each other out, and both ends of words and of pages.
      { weight: 3, arbitrary: fc.bigInt({ min: 0n, max: 0x100n }) },
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

/** One core's own two lines, and eight that all of two cores share. */
const TWO_CORES: CacheGeometry[] = [
  { ...TWO_LINES, instances: 2 },
  { bytes: 512, ways: 8, lineBytes: 64 },
];

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

  test('sends instruction fetches through the levels that hold instructions', async () => {
    const caches: CacheGeometry[] = [
      { ...TWO_LINES, holds: 'instructions' },
      { ...TWO_LINES, holds: 'data' },
      { bytes: 512, ways: 8, lineBytes: 64 },
    ];
    const tally = cacheTally(3);
    const accesses = drawn('I 0 | R 0 | I 40 | I 80 | I 0 | R 8');
    expect(await memoryOf(accesses, caches, tally)).toEqual(['R 0', 'R 40', 'R 80']);
    expect(
      cacheUse('t', caches, tally).caches.map((c) => [c.name, c.references, c.misses]),
    ).toEqual([
      ['I1', { loads: 0, stores: 0, fetches: 4 }, { loads: 0, stores: 0, fetches: 4 }],
      ['D1', { loads: 2, stores: 0, fetches: 0 }, { loads: 1, stores: 0, fetches: 0 }],
      ['L2', { loads: 1, stores: 0, fetches: 4 }, { loads: 0, stores: 0, fetches: 3 }],
    ]);
    await expect(memoryOf(drawn('R 0 | I 0'), [{ ...TWO_LINES, holds: 'data' }])).rejects.toThrow(
      'caches: instruction fetch (got levels for data only',
    );
  });

  test('takes from the levels above what an inclusive level evicts, dirty data too', async () => {
    const inclusive: CacheGeometry = { bytes: 128, ways: 2, lineBytes: 64, inclusive: true };
    const four: CacheGeometry = { bytes: 256, ways: 4, lineBytes: 64 };
    // The first level could keep line 0, and hits on it do not make it more recent below.
    const accesses = drawn('W 0 | R 40 | R 0 | R 80 | R 0');
    expect(await memoryOf(accesses, [four, inclusive])).toEqual([
      'R 0',
      'R 40',
      'W 0',
      'R 80',
      'R 0',
    ]);
    const loose = { ...inclusive, inclusive: false };
    expect(await memoryOf(accesses, [four, loose])).toEqual(['R 0', 'R 40', 'R 80']);
  });

  test('keeps in an inclusive level all that the levels above it hold', () => {
    fc.assert(
      fc.property(anyCaches, anyAccesses, (caches, accesses) => {
        const naive = naiveCaches(caches);
        for (const a of accesses) {
          naive.access(a.address, a.size, a.op, a.thread);
          for (const path of naive.paths.flatMap((core) => [core.data, core.instructions])) {
            for (const [depth, cache] of path.entries()) {
              if (!caches[cache.level].inclusive) continue;
              const above = path.slice(0, depth).flatMap((upper) => upper.all());
              expect(above.every(({ address }) => cache.find(address))).toBe(true);
            }
          }
        }
      }),
      { numRuns: 50 },
    );
  });

  test('gives every core its own caches, by threads in the order in which they appear', async () => {
    const accesses = drawn('R 0 t5 | R 40 t3 | R 0 t5 | R 80 t3 | R c0 t3 | R 0 t5');
    const tally = cacheTally(2);
    await memoryOf(accesses, TWO_CORES, tally);
    expect(tally.misses[LOAD]).toBe(4);
    const together = cacheTally(2);
    await memoryOf(accesses, [TWO_LINES, TWO_CORES[1]], together);
    expect(together.misses[LOAD]).toBe(5);
  });

  test('takes a line that is written from other cores, whose dirty data is not lost', async () => {
    const misses = async (picture: string, caches: readonly CacheGeometry[] = TWO_CORES) => {
      const tally = cacheTally(caches.length);
      const memory = await memoryOf(drawn(picture), caches, tally);
      return { memory, first: tally.misses[LOAD] + tally.misses[STORE] };
    };
    expect(await misses('R 0 t0 | R 0 t1 | W 0 t1 | R 0 t0')).toEqual({
      memory: ['R 0'],
      first: 3,
    });
    // Without a level in which they meet: the load takes the line from the other core, its dirty data goes to memory.
    const apart = [{ ...TWO_LINES, instances: 2 }];
    expect(await misses('W 0 t0 | R 0 t1 | R 40 t0 | R 80 t0', apart)).toEqual({
      memory: ['R 0', 'W 0', 'R 40', 'R 80'],
      first: 4,
    });
    // A store takes dirty data over: it is written once, by the last to have had it.
    expect(await misses('W 0 t0 | W 0 t1 | R 40 t1 | R 80 t1', apart)).toEqual({
      memory: ['R 0', 'R 40', 'W 0', 'R 80'],
      first: 4,
    });
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

  test('refuses levels of unlike lines, none for data, and traces behind caches already', () => {
    expect(() =>
      cacheFilter([TWO_LINES, { ...TWO_LINES, lineBytes: 128 }], new PageTable(), 4096),
    ).toThrow('cache level 2: line size (got 128, expected 64)');
    const codeOnly: CacheGeometry = { ...TWO_LINES, holds: 'instructions' };
    expect(() => cacheFilter([codeOnly], new PageTable(), 4096)).toThrow(
      'caches: no level for data (got levels for instructions only)',
    );
    expect(() => filterTrace('t.arrow', sampleTrace([], { level: 'memory' }), [TWO_LINES])).toThrow(
      't.arrow: level (got memory, expected access',
    );
  });

  test('refuses sampled traces: what was left out is what keeps lines cached', () => {
    const sampled = sampleTrace([{ address: 0 }], { samplePeriod: 1000 });
    const refusal = 't.arrow: sampled access-level trace (got sample_period 1000';
    expect(() => filterTrace('t.arrow', sampled, [TWO_LINES])).toThrow(refusal);
  });
});
