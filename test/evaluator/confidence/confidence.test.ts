import { expect, test } from 'vitest';
import { confidence, type EpochTimes } from '../../../evaluator/confidence/confidence.ts';
import { lognormalRuns } from './two-runs.ts';

const OPTIONS = { within: 1, model: 'closed-loop', resamples: 1000, seed: 1 } as const;
const PROCESS = { epochs: 128, phi: 0.3, shared: 0.5, own: 0.3 };

function constant(weights: readonly number[], ns: number, choosable = true): EpochTimes {
  return { weights, timesNs: new Float64Array(16).fill(ns), choosable };
}

test('constant epochs leave no doubt', () => {
  const base = new Float64Array(16).fill(102);
  const { gains, ...rest } = confidence(
    [constant([4, 1], 100), constant([5, 1], 99.5)],
    base,
    OPTIONS,
  );
  expect(rest).toMatchObject({ recommendedBest: 0, recommendedWithin: 1, blockEpochs: 2, seed: 1 });
  for (const value of [gains[0].gain, gains[0].low, gains[0].high])
    expect(value).toBeCloseTo(0.02, 9);
});

test('a rival that is more than 1 % better, or that nobody could choose', () => {
  const base = new Float64Array(16).fill(102);
  const own = constant([4, 1], 100);
  const against = (rival: EpochTimes) => confidence([own, rival], base, OPTIONS);
  expect(against(constant([5, 1], 98.9)).recommendedWithin).toBe(0);
  expect(against(constant([5, 1], 100))).toMatchObject({ recommendedBest: 1 });
  expect(against(constant([5, 1], 50, false))).toMatchObject({ recommendedBest: 1 });
});

test('of two that are as good, each is best about half of the time over many runs', () => {
  let best = 0;
  for (let seed = 1; seed <= 100; seed++) {
    const [a, b] = lognormalRuns(PROCESS, 1, seed);
    const vectors = [a, b].map((timesNs, i) => ({ weights: [i, 1], timesNs, choosable: true }));
    best += confidence(vectors, a, { ...OPTIONS, resamples: 100 }).recommendedBest / 100;
  }
  expect(best).toBeGreaterThan(0.4);
  expect(best).toBeLessThan(0.6);
});

test('the same seed gives the same, another one does not', () => {
  const [a, b] = lognormalRuns(PROCESS, 1.02, 5);
  const vectors = [a, b].map((timesNs, i) => ({ weights: [i, 1], timesNs, choosable: true }));
  const made = confidence(vectors, a, OPTIONS);
  expect(confidence(vectors, a, OPTIONS)).toEqual(made);
  expect(confidence(vectors, a, { ...OPTIONS, seed: 2 }).gains).not.toEqual(made.gains);
});
