import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { aliasingOf } from '../../evaluator/aliasing.ts';
import { evaluate, scenario } from '../../evaluator/scenario.ts';
import { warningsFor } from '../../evaluator/warnings.ts';
import { readMachine } from '../../models/memory/read-machine.ts';
import type { Weights } from '../../models/mempolicy/weights.ts';
import { demandOfTrace } from '../../traces/demand-of-trace.ts';
import { readTrace } from '../../traces/read-trace.ts';
import { synthRandom } from '../../traces/synth/random.ts';
import { sampleTrace } from '../traces/sample-trace.ts';

const TWO = [0, 1];
const strided = (count: number, stride: number, first = 2 ** 28) =>
  Float64Array.from({ length: count }, (_, i) => first + i * stride);

describe('aliasing', () => {
  test('every 8th page under 3:1: all on one node, and 7:2 avoids it', () => {
    expect(aliasingOf(strided(900, 8), 'global', [3, 1], TWO)).toEqual({
      stride: 8,
      cycle: 4,
      hit: 1,
      node: 0,
      placed: expect.closeTo(1, 9),
      wanted: 0.75,
      instead: { weights: [7, 2], placed: expect.closeTo(7 / 9, 9) },
    });
  });

  test.each([
    [2, [1, 1]],
    [8, [3, 1]],
    [8, [5, 3]],
    [6, [11, 1]],
    [10, [9, 1]],
    [16, [27, 5]],
    [512, [2, 2, 1, 3]],
    [12, [3, 3, 3, 3]],
  ])(
    'every %i. page under %j is found, and what is suggested keeps within 3 points',
    (stride, weights) => {
      const ilx = strided(4000, stride);
      const tiers = weights.map(() => 0);
      const found = aliasingOf(ilx, 'global', weights, tiers);
      expect(found?.stride).toBe(stride);
      const suggested = found?.instead?.weights ?? [];
      const total = weights.reduce((a, b) => a + b, 0);
      expect(
        Math.abs((found?.instead?.placed ?? 2) - weights[found?.node ?? 0] / total),
      ).toBeLessThan(0.03);
      expect(aliasingOf(ilx, 'global', suggested, tiers)).toBeUndefined();
    },
  );

  test('pairs of pages 8 apart have no common stride, and alias all the same', () => {
    const pairs = strided(2000, 1, 0).map((i) => Math.floor(i / 2) * 8 + (i % 2));
    const found = aliasingOf(pairs, 'global', [3, 1], TWO);
    expect(found).toMatchObject({ stride: 1, hit: 2, placed: expect.closeTo(1, 9) });
  });

  test('works on the cycle of memory tiers', () => {
    // 4:1 over two nodes a tier has a cycle of 10: 0 1 0 1 2 0 1 0 1 3.
    const found = aliasingOf(strided(1000, 10, 0), 'memtier', [4, 1], [0, 0, 1, 1]);
    expect(found).toMatchObject({ cycle: 10, hit: 1, node: 0, wanted: expect.closeTo(0.4, 9) });
    expect(found?.instead?.weights).toHaveLength(2);
  });

  test('a stride without a common factor is none, nor are too few pages', () => {
    for (const stride of [1, 3, 5, 7, 9, 101])
      expect(aliasingOf(strided(4000, stride), 'global', [3, 1], TWO)).toBeUndefined();
    expect(aliasingOf(strided(15, 8), 'global', [3, 1], TWO)).toBeUndefined();
  });

  const vector = fc
    .array(fc.integer({ min: 0, max: 40 }), { minLength: 2, maxLength: 5 })
    .filter((w) => w.some((x) => x > 0));
  const ofOneTier = (ilx: Float64Array, weights: Weights) =>
    aliasingOf(
      ilx,
      'global',
      weights,
      weights.map(() => 0),
    );

  test('a run of pages never aliases, wherever it begins', () => {
    fc.assert(
      fc.property(
        vector,
        fc.integer({ min: 1, max: 5000 }),
        fc.integer({ min: 0, max: 2 ** 40 }),
        (weights, count, first) => {
          const ilx = strided(count, 1, first);
          expect(ofOneTier(ilx, weights)).toBeUndefined();
        },
      ),
      { numRuns: 300 },
    );
  });

  test('pages spread at random do not', () => {
    fc.assert(
      fc.property(vector, fc.integer({ min: 1, max: 1000 }), (weights, seed) => {
        let state = seed;
        const pages = new Set<number>();
        for (let i = 0; i < 2000; i++) {
          state = (Math.imul(state, 1103515245) + 12345) >>> 0;
          pages.add(state >>> 8);
        }
        const ilx = Float64Array.from(pages);
        expect(ofOneTier(ilx, weights)).toBeUndefined();
      }),
      { numRuns: 200, seed: 7 },
    );
  });
});

describe('the warning', () => {
  const machine = readMachine('spr-1cxl');
  const run = { copies: 2, cpi: 0.5, computeShare: 0 };
  const units = { caches: [], lineBytes: 64, pageBytes: 4096 };
  const touching = (stride: number) =>
    demandOfTrace(
      't',
      sampleTrace(
        Array.from({ length: 2000 }, (_, i) => ({ address: i * 4096 * stride, size: 64 })),
        { level: 'memory' },
      ),
      units,
    );

  test('says what is where, and which weights avoid it', async () => {
    const made = scenario(await touching(8), machine, run);
    expect(warningsFor(made, evaluate(made, [3, 1]))).toEqual([
      'aliasing: pages 8 apart under 3:1 (a cycle of 4) fall on 1 of 4 places: node 0 has 100 % of them, not 75 %. ' +
        '7:2 puts 77.8 % there.',
    ]);
    expect(warningsFor(made, evaluate(made, [7, 2]))).toEqual([]);
  });

  test('counts huge pages where memory is huge, and first touches not at all', async () => {
    const demand = await touching(4 * 512);
    const huge = scenario(demand, machine, { ...run, huge: true });
    expect(warningsFor(huge, evaluate(huge, [3, 1])).join()).toContain(
      'aliasing: huge pages 4 apart under 3:1',
    );
    const touched = scenario(demand, machine, { ...run, discipline: 'first-touch' });
    expect(warningsFor(touched, evaluate(touched, [3, 1]))).toEqual([]);
  });

  test('is silent on the bundled sample and on random footprints, under any weights', async () => {
    const random = synthRandom({
      pages: 4096,
      accesses: 20_000,
      seed: 3,
      level: 'memory',
      readShare: 1,
    });
    const sample = await readTrace('samples/shuf.arrow.gz');
    for (const trace of [random, sample]) {
      const { pages } = await demandOfTrace('t', trace, { ...units, maxEpochs: 2 });
      for (let total = 1; total <= 64; total++) {
        for (let first = 0; first <= total; first++)
          expect(aliasingOf(pages, 'global', [first, total - first], TWO)).toBeUndefined();
      }
    }
  });
});
