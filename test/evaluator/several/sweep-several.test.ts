import { describe, expect, test } from 'vitest';
import { evaluate, scenario } from '../../../evaluator/scenario.ts';
import { chooseShared, type SharedChoice } from '../../../evaluator/several/choose-several.ts';
import type { NamedTrace } from '../../../evaluator/several/said-of-traces.ts';
import { parseSeveral, severalJson } from '../../../evaluator/several/several-files.ts';
import { severalResults } from '../../../evaluator/several/several-result.ts';
import { sweepSeveral } from '../../../evaluator/several/sweep-several.ts';
import { readMachine } from '../../../models/memory/read-machine.ts';
import { weightsText } from '../../../models/mempolicy/weights.ts';
import { bound, looped, readsOfAllPages } from './tiny-demands.ts';

const OPTIONS = { maxTotal: 10, threads: 1 };
const streaming = bound('bandwidth');
const chasing = bound('latency');

/** What a share `x` of the pages on node 1 leaves of each one's own best. */
const ofBandwidth = (x: number) => Math.min(0.75 / (1 - x), 0.25 / x);
const ofLatency = (x: number) => 1 / (1 + 2 * x);

function named(together: boolean): NamedTrace[] {
  return ['a', 'b'].map((file, i) => ({
    scenario: looped(readsOfAllPages({ epochs: 2 + i, threads: 1 + i })),
    inputs: { file, sha256: file, machine: 'm' },
    ...(together ? {} : { weight: i + 1 }),
  }));
}

async function severalText(together: boolean, threads: number): Promise<string> {
  const traces = named(together);
  const swept = await sweepSeveral(traces, { together, maxTotal: 10, threads });
  return [...severalJson(severalResults(traces, swept).result)].join('');
}

describe('one trace that wants 3:1 and one that wants 1:0', () => {
  test('each keeps its own best, and every vector costs what it should', async () => {
    const { sweeps, shared } = await sweepSeveral(
      [{ scenario: streaming }, { scenario: chasing }],
      OPTIONS,
    );
    expect(sweeps.map((s) => weightsText(s.optimum.best.weights))).toEqual(['3:1', '1:0']);
    expect(sweeps.map((s) => s.maxTotal)).toEqual([10, 10]);
    expect(shared?.vectors.length).toBeGreaterThanOrEqual(33);
    for (const { weights, sharesOfBest, mean, worst } of shared?.vectors ?? []) {
      const [near, far] = weights as number[];
      const x = far / (near + far);
      // Totals beyond 10 (of baselines) do not divide the pages.
      if (near + far > 10) continue;
      expect(sharesOfBest[0]).toBeCloseTo(ofBandwidth(x), 2);
      expect(sharesOfBest[1]).toBeCloseTo(ofLatency(x), 9);
      expect(mean).toBeCloseTo(Math.sqrt(sharesOfBest[0] * sharesOfBest[1]), 12);
      expect(worst).toBe(Math.min(...sharesOfBest));
    }
  });

  test('1:0 alike, 9:1 by least regret, 3:1 where that trace counts three times', async () => {
    const alike = await sweepSeveral([{ scenario: streaming }, { scenario: chasing }], OPTIONS);
    expect(weightsText(alike.shared?.recommended.weights ?? [])).toBe('1:0');
    expect(weightsText(alike.shared?.minimax.weights ?? [])).toBe('9:1');
    expect(alike.shared?.minimax.worst).toBeCloseTo(5 / 6, 2);
    const shifted = await chooseShared([streaming, chasing], alike.sweeps, [3, 1]);
    expect(weightsText(shifted.recommended.weights)).toBe('3:1');
    expect(weightsText(shifted.minimax.weights)).toBe('9:1');
    // Only the proportion of weights counts.
    const scaled = await chooseShared([streaming, chasing], alike.sweeps, [1.5, 0.5]);
    expect(scaled.recommended.weights).toEqual(shifted.recommended.weights);
  });

  test('least regret is never worse at its worst than the best mean', async () => {
    const { sweeps } = await sweepSeveral(
      [{ scenario: streaming }, { scenario: chasing }],
      OPTIONS,
    );
    for (const weight of [0.01, 0.3, 1, 1.7, 4, 100]) {
      const { recommended, minimax, best } = await chooseShared([streaming, chasing], sweeps, [
        weight,
        1,
      ]);
      expect(minimax.worst).toBeGreaterThanOrEqual(recommended.worst);
      expect(best.mean).toBeGreaterThanOrEqual(minimax.mean);
      expect(recommended.mean).toBeGreaterThanOrEqual(0.99 * best.mean);
    }
  });

  test('a vector that one sweep holds is evaluated for the other', async () => {
    const { sweeps } = await sweepSeveral(
      [{ scenario: streaming }, { scenario: chasing }],
      OPTIONS,
    );
    const [first, second] = sweeps;
    const fewer = { ...second, evaluations: second.evaluations.slice(0, 3) };
    const all = await chooseShared([streaming, chasing], [first, second], [1, 1]);
    expect(await chooseShared([streaming, chasing], [first, fewer], [1, 1])).toEqual(all);
    expect(evaluate(chasing, [9, 1]).throughputGbps).toBe(
      second.evaluations.find((e) => weightsText(e.weights) === '9:1')?.throughputGbps,
    );
  });
});

describe('where vectors are searched', () => {
  const on = (by: 'bandwidth' | 'latency', name: string) => {
    const options = { copies: 16, cpi: 0.5, computeShare: 0 };
    const outstanding = by === 'bandwidth' ? 64 : 1;
    return scenario(readsOfAllPages(), readMachine(name), { ...options, outstanding });
  };

  test('the choices are nearly those among all vectors, and the result says so', async () => {
    const traces = (['bandwidth', 'latency'] as const).map((by) => ({
      scenario: on(by, 'spr-2cxl'),
      inputs: { file: by, sha256: '', machine: 'm' },
    }));
    const all = await sweepSeveral(traces, { maxTotal: 24, threads: 2 });
    const few = await sweepSeveral(traces, { maxTotal: 24, budget: 500, threads: 2 });
    const again = await sweepSeveral(traces, { maxTotal: 24, budget: 500, threads: 1 });
    expect(again.shared).toEqual(few.shared);
    const [every, some] = [all.shared as SharedChoice, few.shared as SharedChoice];
    expect(some.vectors.length).toBeLessThan(every.vectors.length);
    expect(some.best.mean / every.best.mean).toBeGreaterThan(0.99);
    expect(some.minimax.worst / every.minimax.worst).toBeGreaterThan(0.99);
    const { result } = severalResults(traces, few, { resamples: 0 });
    expect(result.assumptions.join()).toContain('searched for each trace');
    expect(result.traces[0].searched?.evaluated).toBeLessThanOrEqual(500);
  });
});

describe('the result', () => {
  test.each([false, true])(
    'is the same on 1, 2 and 4 threads and reads back (together: %s)',
    async (together) => {
      const text = await severalText(together, 1);
      expect(await severalText(together, 2)).toBe(text);
      expect(await severalText(together, 4)).toBe(text);
      expect(parseSeveral('several.json', text)).toEqual(JSON.parse(text));
    },
  );

  test('a damaged one is refused with the place', () => {
    expect(() => parseSeveral('s.json', '{"mode": "x"}')).toThrow(/^s\.json: mode: /);
  });

  test('together says of which trace it promises too much', async () => {
    const traces = named(true).map((trace, i) => ({
      ...trace,
      scenario: looped(readsOfAllPages({ lines: i === 0 ? 80 : 8 }), 1),
    }));
    const swept = await sweepSeveral(traces, { ...OPTIONS, together: true });
    const { result } = severalResults(traces, swept);
    expect(result.warnings.join()).toMatch(/^a alone takes 1\.\d\d times as long/);
  });
});

describe('refused', () => {
  test.each([
    ['one trace', [{ scenario: chasing }], {}, /traces \(got 1, expected 2 or more\)/],
    [
      'a weight of nothing',
      [{ scenario: chasing, weight: 0 }, { scenario: chasing }],
      {},
      /weight \(got 0, expected a number above 0\)/,
    ],
    [
      'weights together',
      [{ scenario: chasing, weight: 1 }, { scenario: chasing }],
      { together: true },
      /weight \(got 1, expected none together\)/,
    ],
    [
      'another machine',
      [
        { scenario: chasing },
        { scenario: { ...chasing, machine: { ...chasing.machine, name: 'x' } } },
      ],
      {},
      /machine \(got x and weight home global, expected test and/,
    ],
    [
      'an aborted signal',
      [{ scenario: chasing }, { scenario: chasing }],
      { signal: AbortSignal.abort() },
      /abort/i,
    ],
  ])('%s', async (_, traces, options, message) => {
    await expect(sweepSeveral(traces, { ...OPTIONS, ...options })).rejects.toThrow(message);
  });
});
