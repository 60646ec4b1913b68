import { describe, expect, test } from 'vitest';
import { blockResamples, blockSums } from '../../../evaluator/confidence/block-resamples.ts';
import { ratioInterval } from '../../../evaluator/confidence/ratio-interval.ts';
import { lognormalRuns, phasedRuns, rareRuns } from './two-runs.ts';

const RATIO = 1.1;
const RUNS = 400;
const RESAMPLES = 400;

/** In how many percent of 400 runs the interval at 95 % holds the ratio of expectations. */
function coverage(runs: (seed: number) => [Float64Array, Float64Array]): number {
  let covered = 0;
  for (let seed = 1; seed <= RUNS; seed++) {
    const [base, own] = runs(seed);
    const drawn = blockResamples(base.length, { resamples: RESAMPLES, seed });
    const { low, high } = ratioInterval(base, own, drawn, 0.95);
    if (low <= RATIO && RATIO <= high) covered++;
  }
  return (100 * covered) / RUNS;
}

describe('an interval at 95 % covers the true ratio in 92 to 98 % of runs', () => {
  test.each([
    { epochs: 100, phi: 0, shared: 0.5, own: 0.3 },
    { epochs: 100, phi: 0.3, shared: 0.8, own: 0.5 },
    { epochs: 100, phi: 0.5, shared: 0.5, own: 0.3 },
    { epochs: 150, phi: 0.7, shared: 0.5, own: 0.3 },
    { epochs: 200, phi: 0.5, shared: 0.8, own: 0.3 },
    { epochs: 200, phi: 0.8, shared: 0.5, own: 0.3 },
    { epochs: 200, phi: 0, shared: 1, own: 0.6 },
  ])('lognormal, $epochs epochs, phi $phi, spread $shared and $own', (process) => {
    const percent = coverage((seed) => lognormalRuns(process, RATIO, seed));

    expect(percent).toBeGreaterThanOrEqual(92);
    expect(percent).toBeLessThanOrEqual(98);
  });

  test.each([100, 150, 200])('in phases, %i epochs', (epochs) => {
    const percent = coverage((seed) => phasedRuns(epochs, RATIO, seed));

    expect(percent).toBeGreaterThanOrEqual(92);
    expect(percent).toBeLessThanOrEqual(98);
  });

  test.each([100, 200])('with rare epochs that differ, %i epochs', (epochs) => {
    const percent = coverage((seed) => rareRuns(epochs, RATIO, seed));
    expect(percent).toBeGreaterThanOrEqual(92);
    expect(percent).toBeLessThanOrEqual(98);
  });
});

test('what is the same has no interval, and what is always twice as long neither', () => {
  const base = Float64Array.from({ length: 64 }, (_, i) => 100 + (i % 7));
  const drawn = blockResamples(64, { resamples: 100, seed: 1 });
  expect(ratioInterval(base, base, drawn, 0.95)).toEqual({ ratio: 1, low: 1, high: 1 });
  const twice = ratioInterval(
    base.map((x) => 2 * x),
    base,
    drawn,
    0.95,
  );
  for (const bound of Object.values(twice)) expect(bound).toBeCloseTo(2, 9);
});

test('a single epoch that differs does not make the interval wider than the epochs are apart', () => {
  const base = new Float64Array(100).fill(1);
  const own = base.map((x, i) => (i === 99 ? 1 : 4 * x));
  const drawn = blockResamples(100, { resamples: 400, seed: 1 });
  const { low, high } = ratioInterval(base, own, drawn, 0.95);
  expect(low).toBe(0.25);
  expect(high).toBeGreaterThan(100 / 397);
  expect(high).toBeLessThan(0.3);
});

test('blocks wrap around the end', () => {
  expect([...blockSums(Float64Array.of(1, 2, 4, 8), 3)]).toEqual([7, 14, 13, 11]);
});

test('resamples are the same for the same seed, in blocks of an eighth of the run', () => {
  const drawn = blockResamples(100, { resamples: 20, seed: 7 });
  expect(drawn).toEqual(blockResamples(100, { resamples: 20, seed: 7 }));
  expect(drawn.starts).not.toEqual(blockResamples(100, { resamples: 20, seed: 8 }).starts);
  expect(drawn).toMatchObject({ blockEpochs: 12, blocks: 8 });
  expect(blockResamples(8, { resamples: 1, seed: 1 })).toMatchObject({ blockEpochs: 1, blocks: 8 });
});
