import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { scatter } from '../../traces/synth/scatter.ts';
import { synthZipf } from '../../traces/synth/zipf.ts';
import { zeta, zipfRank } from '../../traces/synth/zipf-rank.ts';

test('scatter is a permutation, whatever the count and seed', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 5000 }), fc.nat(), (count, seed) => {
      const permuted = scatter(count, seed);
      const all = new Set(Array.from({ length: count }, (_, i) => permuted(i)));
      expect(all.size).toBe(count);
      expect(Math.max(...all)).toBe(count - 1);
    }),
    { numRuns: 100 },
  );
});

test('scatter reaches counts of more than 31 bits', () => {
  const count = 2 ** 32 - 5;
  const permuted = scatter(count, 1);
  const some = Array.from({ length: 1000 }, (_, i) => permuted(count - 1 - i));
  expect(new Set(some).size).toBe(1000);
  for (const at of some) expect(at >= 0 && at < count && Number.isInteger(at)).toBe(true);
});

test('zeta is the sum, where it is integrated too', () => {
  const theta = 0.99;
  let sum = 0;
  for (let i = 1; i <= 300_000; i++) sum += i ** -theta;
  expect(zeta(300_000, theta)).toBeCloseTo(sum, 9);
  expect(zeta(3, 0.5)).toBeCloseTo(1 + 1 / Math.SQRT2 + 1 / Math.sqrt(3), 12);
  // YCSB's own constant (ScrambledZipfianGenerator.ZETAN), which is that of 10^10 items.
  expect(zeta(1e10, theta)).toBeCloseTo(26.46902820178302, 6);
});

test('without skew every rank has the same share of the unit interval', () => {
  const rankOf = zipfRank(10, 0);
  expect(Array.from({ length: 10 }, (_, i) => rankOf(i / 10 + 0.05))).toEqual([
    0, 1, 2, 3, 4, 5, 6, 7, 8, 9,
  ]);
});

describe('zipf', () => {
  const options = { pages: 64, accesses: 400_000, readShare: 1, seed: 3, threads: 1 } as const;
  const lines = 64 * 64;

  async function counts(order: 'scattered' | 'contiguous', theta: number): Promise<Uint32Array> {
    const counted = new Uint32Array(lines);
    const trace = synthZipf({ ...options, order, theta, level: 'memory' });
    for await (const { length, address } of trace.batches) {
      for (let i = 0; i < length; i++) counted[address[2 * i] / 64]++;
    }
    return counted;
  }

  test.each([0.5, 0.8, 0.99])(
    'theta %d: lines are met as often as their rank says',
    async (theta) => {
      const counted = await counts('contiguous', theta);
      const chance = (rank: number) => (rank + 1) ** -theta / zeta(lines, theta);
      // The first two are exact: within five standard deviations.
      for (const rank of [0, 1]) {
        const expected = options.accesses * chance(rank);
        expect(Math.abs(counted[rank] - expected)).toBeLessThan(5 * Math.sqrt(expected));
      }
      // Beyond, Gray's curve is near: the share of the hottest so many lines within 2 points.
      for (const hottest of [8, 64, 512, 2048]) {
        let got = 0;
        let expected = 0;
        for (let rank = 0; rank < hottest; rank++) {
          got += counted[rank] / options.accesses;
          expected += chance(rank);
        }
        expect(Math.abs(got - expected)).toBeLessThan(0.02);
      }
    },
  );

  test('scattered lines have the same counts in other places', async () => {
    const contiguous = await counts('contiguous', 0.99);
    const scattered = await counts('scattered', 0.99);
    expect(scattered).not.toEqual(contiguous);
    expect(scattered.toSorted()).toEqual(contiguous.toSorted());
    const permuted = scatter(lines, options.seed);
    expect(scattered[permuted(0)]).toBe(contiguous[0]);
  });
});
