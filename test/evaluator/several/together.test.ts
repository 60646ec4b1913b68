import { describe, expect, test } from 'vitest';
import type { LoadColumns } from '../../../evaluator/loads.ts';
import { evaluate } from '../../../evaluator/scenario.ts';
import {
  alignedColumns,
  alignedSums,
  epochParts,
} from '../../../evaluator/several/aligned-epochs.ts';
import { togetherScenario } from '../../../evaluator/several/together.ts';
import { bound, looped, PAGES, readsOfAllPages } from './tiny-demands.ts';

const VECTORS = [
  [1, 0],
  [3, 1],
  [1, 1],
  [7, 2],
  [0, 1],
];

describe('programs together', () => {
  test.each([4, 64])('two alike are one with twice as many copies as %i', (copies) => {
    const demand = readsOfAllPages({ epochs: 3, threads: 2 });
    const both = togetherScenario([looped(demand, copies), looped(demand, copies)]);
    const doubled = looped(demand, 2 * copies);
    expect(both.concurrency.slots).toBe(doubled.concurrency.slots);
    for (const vector of VECTORS) {
      const [a, b] = [evaluate(both, vector), evaluate(doubled, vector)];
      expect(Math.abs(a.throughputGbps / b.throughputGbps - 1)).toBeLessThan(1e-9);
      expect(Math.abs(a.timeNs / b.timeNs - 1)).toBeLessThan(1e-9);
    }
    const share = both.continuous.throughputGbps / doubled.continuous.throughputGbps;
    expect(Math.abs(share - 1)).toBeLessThan(1e-9);
  });

  test('compute times of two alike are those of twice as many copies', () => {
    const timed = readsOfAllPages({ epochs: 3, threads: 2 });
    const demand = { ...timed, metadata: { ...timed.metadata, timeUnit: 'instructions' as const } };
    const slow = { ...demand, epochTime: new Float64Array(3).fill(1e6) };
    const both = togetherScenario([looped(slow, 30), looped(slow, 30)]);
    const doubled = looped(slow, 60);
    expect(doubled.concurrency.computeNs[0]).toBeGreaterThan(1000);
    for (const [i, ns] of both.concurrency.computeNs.entries())
      expect(ns).toBeCloseTo(doubled.concurrency.computeNs[i], 6);
  });

  test('pages stay apart, lines and threads add up', () => {
    const [few, many] = [readsOfAllPages(), readsOfAllPages({ epochs: 5, lines: 3, threads: 7 })];
    const both = togetherScenario([looped(few), looped(many)]);
    expect(both.placed.ilx).toHaveLength(2 * PAGES);
    expect(both.lines.reads).toBe(4 * PAGES * (8 + 15));
    expect(both.concurrency.threads).toBe(4 * 8);
    expect(both.demand.epochTime).toHaveLength(5);
    expect(evaluate(both, [1, 1]).nodes.map((n) => n.pages)).toEqual([PAGES, PAGES]);
  });

  test('samples stand for as many lines as before', () => {
    const both = togetherScenario([
      looped(readsOfAllPages({ period: 6 })),
      looped(readsOfAllPages({ period: 4 })),
    ]);
    expect(both.setup.samplePeriod).toBe(2);
    expect(both.lines.reads).toBe(4 * PAGES * 8 * 10);
    expect(evaluate(both, [1, 1]).missedPages).toBe(0);
  });

  test('they are refused where they cannot run so', () => {
    const one = looped(readsOfAllPages());
    expect(() => togetherScenario([one])).toThrow(/programs \(got 1, expected 2 or more\)/);
    expect(() => togetherScenario([one, looped(readsOfAllPages(), 5)])).toThrow(
      /copies \(got 5, expected 4\)/,
    );
    expect(() => togetherScenario([one, bound('latency')])).toThrow(/copies \(got 1, expected 4\)/);
    const halves = looped(readsOfAllPages({ period: 1.5 }));
    expect(() => togetherScenario([one, halves])).toThrow(/sample period \(got 1\.5, expected/);
    const full = { ...one, setup: { ...one.setup, usable: [PAGES, PAGES] } };
    expect(() => togetherScenario([full, one])).toThrow(/out of memory \(got 4 times 2 programs/);
    const pinned = { ...one, setup: { ...one.setup, spanning: true } };
    expect(() => togetherScenario([one, pinned])).toThrow(/pinned/);
  });
});

describe('epochs in step', () => {
  test('fall into equal shares of each run', () => {
    expect(epochParts(2, 4).map((p) => p.map((q) => [q.epoch, q.from, q.to]))).toEqual([
      [[0, 0, 0.5]],
      [[0, 0.5, 1]],
      [[1, 0, 0.5]],
      [[1, 0.5, 1]],
    ]);
    expect(epochParts(2, 3).map((p) => p.map((q) => q.epoch))).toEqual([[0], [0, 1], [1]]);
    expect([...alignedSums([6, 12], 3)]).toEqual([4, 6, 8]);
  });

  test('lose no line, and spread those of single pages', () => {
    const columns = (epochs: number, lines: number): LoadColumns => {
      const { pages: ilx, ...rest } = readsOfAllPages({ epochs, lines });
      return { ilx, ...rest };
    };
    const { page, reads, epochStart } = alignedColumns([columns(1, 1), columns(7, 2)], [1, 1]);
    const steps = Array.from({ length: 7 }, (_, step) => {
      const own = [0, 0];
      for (let i = epochStart[step]; i < epochStart[step + 1]; i++)
        own[page[i] < PAGES ? 0 : 1] += reads[i];
      return own;
    });
    expect(steps.reduce((sum, [coarse]) => sum + coarse, 0)).toBe(PAGES);
    for (const [coarse, fine] of steps) {
      expect(fine).toBe(2 * PAGES);
      expect(Math.abs(coarse - PAGES / 7)).toBeLessThan(5);
    }
  });
});
