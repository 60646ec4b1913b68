import { describe, expect, test } from 'vitest';
import { howSure } from '../../../evaluator/confidence/how-sure.ts';
import { resultContext } from '../../../evaluator/result-context.ts';
import { type Scenario, scenario } from '../../../evaluator/scenario.ts';
import { type Sweep, sweep } from '../../../evaluator/sweep.ts';
import { parseSweep, sweepJson } from '../../../evaluator/sweep-files.ts';
import type { SweepResult } from '../../../evaluator/sweep-result.ts';
import { readMachine } from '../../../models/memory/read-machine.ts';
import type { TimeModelName } from '../../../models/memory/time-model.ts';
import type { WeightHome } from '../../../models/mempolicy/weight-home.ts';
import { howSureSentences } from '../../../reports/how-sure-text.ts';
import { reportHtml } from '../../../reports/report.ts';
import { sweepText } from '../../../reports/sweep-text.ts';
import { demandOfTrace } from '../../../traces/demand-of-trace.ts';
import { synthZipf } from '../../../traces/synth/zipf.ts';

async function made(
  options: {
    model?: TimeModelName;
    weightHome?: WeightHome;
    maxEpochs?: number;
    machine?: string;
  } = {},
): Promise<Scenario> {
  const { maxEpochs = 64, machine = 'spr-1cxl', ...given } = options;
  const trace = synthZipf({
    pages: 4096,
    accesses: 200_000,
    seed: 1,
    level: 'memory',
    readShare: 0.8,
    theta: 0.6,
    order: 'scattered',
    threads: 2,
  });
  const units = { caches: [], lineBytes: 64, pageBytes: 4096, maxEpochs };
  return scenario(await demandOfTrace('t', trace, units), readMachine(machine), {
    cpi: 0.5,
    computeShare: 0,
    copies: 32,
    queueLines: given.model === 'queue' ? 20_000 : undefined,
    ...given,
  } as Parameters<typeof scenario>[2]);
}

function resultOf(own: Scenario, swept: Sweep, options = {}): SweepResult {
  const context = resultContext(own, { file: 't', sha256: '0', machine: 'm' });
  return { ...context, ...swept, ...howSure(own, swept, options) } as SweepResult;
}

describe('how sure a sweep is', async () => {
  const own = await made();
  const swept = await sweep(own, { threads: 2, maxTotal: 12 });
  const result = resultOf(own, swept, { resamples: 200 });

  test('does not depend on the number of threads, and comes back from its file', async () => {
    const other = await sweep(own, { threads: 1, maxTotal: 12 });
    const text = [...sweepJson(result)].join('');
    expect([...sweepJson(resultOf(own, other, { resamples: 200 }))].join('')).toBe(text);
    const { confidence, sensitivity } = parseSweep('f', text);
    expect(JSON.stringify(confidence)).toBe(JSON.stringify(result.confidence));
    expect(JSON.stringify(sensitivity)).toBe(JSON.stringify(result.sensitivity));
  });

  test('has the gains the sweep has, within their intervals', () => {
    const fastest = swept.baselines.fastestOnly.throughputGbps;
    const [first] = result.confidence?.gains ?? [];
    expect(first.weights).toEqual(swept.optimum.weights);
    expect(first.gain).toBeCloseTo(swept.optimum.throughputGbps / fastest - 1, 9);
    for (const { gain, low, high } of result.confidence?.gains ?? []) {
      expect(low).toBeLessThanOrEqual(gain + 1e-12);
      expect(high).toBeGreaterThanOrEqual(gain - 1e-12);
    }
  });

  test('is said in the text, in 80 columns, and in the report', async () => {
    const [gain, stays] = howSureSentences(result);
    expect(gain).toMatch(/^Gain \+\d+\.\d % \(95 % interval \+\d+\.\d to \+\d+\.\d %\); best in /);
    expect(stays).toContain('stays within 1 % of the best if any node');
    const lines = sweepText(result, []).split('\n');
    expect(lines.some((line) => line.startsWith('Gain +'))).toBe(true);
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(80);
    const page = await reportHtml(result);
    expect(page).toContain('<h2>How sure that is</h2>');
    expect(page).toContain('--resamples 200 --seed 1');
  });

  test('without resamples says nothing of epochs, but of the machine', async () => {
    const without = resultOf(own, swept, { resamples: 0 });
    expect(without.confidence).toBeUndefined();
    expect(howSureSentences(without)).toHaveLength(1);
    expect(await reportHtml(without)).toContain('--resamples 0');
    const { confidence: _, sensitivity: __, ...old } = result;
    expect(howSureSentences(old)).toEqual([]);
  });
});

test('fewer than 8 epochs are not resampled, and that is said', async () => {
  const own = await made({ maxEpochs: 7 });
  const result = resultOf(own, await sweep(own, { threads: 1, maxTotal: 6 }));
  expect(result.traces[0].epochs).toBeLessThan(8);
  expect(result.confidence).toBeUndefined();
  expect(howSureSentences(result)[0]).toMatch(/^\d epochs, fewer than 8: no telling/);
});

test('with the queue model epochs are timed by the closed loop, and that is said', async () => {
  const own = await made({ model: 'queue' });
  const result = resultOf(own, await sweep(own, { threads: 2, maxTotal: 3 }));
  expect(result.confidence?.model).toBe('closed-loop');
  expect(howSureSentences(result)[0]).toContain('(by the closed loop)');
});

test.each(['memtier', 'ratio'] as const)(
  '%s: baselines it cannot hold are global ones',
  async (weightHome) => {
    const own = await made({ weightHome, machine: 'three-tier' });
    const result = resultOf(own, await sweep(own, { threads: 2, maxTotal: 8 }));
    const homes = new Set(result.confidence?.gains.map((g) => g.home));
    expect(homes).toEqual(new Set([undefined, 'global']));
    const text = [...sweepJson(result)].join('');
    expect(parseSweep('f', text).confidence).toEqual(result.confidence);
  },
);
