import { describe, expect, test } from 'vitest';
import { resultContext } from '../../evaluator/result-context.ts';
import { evaluate, type Scenario, scenario } from '../../evaluator/scenario.ts';
import { sweep, sweptSpace } from '../../evaluator/sweep.ts';
import { sweepArrow, sweepJson } from '../../evaluator/sweep-files.ts';
import type { SweepResult } from '../../evaluator/sweep-result.ts';
import type { Machine } from '../../models/memory/machine.ts';
import { readMachine } from '../../models/memory/read-machine.ts';
import type { WeightHome } from '../../models/mempolicy/weight-home.ts';
import { vectorsOf, weightsText } from '../../models/mempolicy/weights.ts';
import { reportHtml } from '../../reports/report.ts';
import { headline, homeSentence, sweepText } from '../../reports/sweep-text.ts';
import { throughputChart } from '../../reports/throughput-chart.ts';
import { demandOfTrace } from '../../traces/demand-of-trace.ts';
import { synthRandom } from '../../traces/synth/random.ts';
import { twoSockets } from './two-socket-machine.ts';
import { writtenAndRead } from './written-and-read.ts';

const UNITS = { caches: [], lineBytes: 64, pageBytes: 4096, maxEpochs: 2 };

async function put(options: object, machine: Machine = twoSockets(), pages = 4096) {
  const trace = synthRandom({ pages, accesses: 50_000, seed: 1, level: 'memory', readShare: 0.8 });
  return scenario(await demandOfTrace('t', trace, UNITS), machine, {
    copies: 4,
    cpi: 0.5,
    computeShare: 0,
    outstanding: 64,
    ...options,
  });
}

async function resultOf(made: Scenario, options: object): Promise<SweepResult> {
  const swept = await sweep(made, options);
  const context = resultContext(made, { file: 't', sha256: '0', machine: 'm', epochs: 2 });
  return { ...context, ...swept } as SweepResult;
}

const HOMES: readonly WeightHome[] = ['global', 'policy', 'cgroup', 'node', 'memtier', 'ratio'];
const results = new Map<WeightHome, SweepResult>();
for (const weightHome of HOMES) {
  const maxTotal = weightHome === 'node' ? 3 : 8;
  results.set(weightHome, await resultOf(await put({ weightHome }), { maxTotal }));
}

describe.each(HOMES)('a sweep under %s', (home) => {
  const result = results.get(home) as SweepResult;

  test('goes through everything once, and each is what evaluate says', async () => {
    const made = await put({ weightHome: home });
    const texts = result.evaluations.map((e) => weightsText(e.weights));
    expect(new Set(texts).size).toBe(texts.length);
    for (const evaluation of result.evaluations.filter((_, i) => i % 97 === 0))
      expect(evaluate(made, evaluation.weights)).toEqual(evaluation);
    const best = Math.max(...result.evaluations.map((e) => e.throughputGbps));
    expect(result.optimum.best.throughputGbps).toBe(best);
    expect(texts).toContain(weightsText(result.optimum.weights));
  });

  test('reads back from JSON, obeys the schema, and is in Arrow', () => {
    const table = writtenAndRead(result);
    const columns = table.schema.fields.map((f) => f.name).filter((name) => /_weight$/.test(name));
    const row = 11;
    const held = vectorsOf(result.evaluations[row].weights);
    const wanted = home === 'node' && held.length === 1 ? [...held, ...held] : held;
    expect(columns.map((name) => table.getChild(name).at(row))).toEqual(wanted.flat());
    expect(table.getChild('node3_pages').at(row)).toBe(result.evaluations[row].nodes[3].pages);
  });

  test('has a text and a chart', () => {
    const text = sweepText(result, []);
    expect(text).toContain(headline(result).slice(0, 30));
    expect(Math.max(...text.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80);
    const said = homeSentence(result);
    const same = ['global', 'policy', 'cgroup'].includes(home);
    expect(said === undefined).toBe(same);
    if (said !== undefined) {
      const against = weightsText(result.globalBest?.weights ?? []);
      expect(text.replace(/\s+/g, ' ')).toContain(`against global weights ${against} (`);
      expect(said).toMatch(/: ([+-]?\d+\.\d %|\d+\.\d x)\.$/);
    }
    expect(JSON.stringify(throughputChart(result, 400))).not.toContain('null,');
  });
});

test('the report says what a home gains, how to repeat it, and that no kernel has it', async () => {
  const page = await reportHtml(results.get('node') as SweepResult);
  expect(page).toContain('Weights of each socket at their best');
  expect(page).toContain('--weight-home node --discipline address --kernel 6.18 --max-total 3');
  expect(page).toContain('No kernel keeps weights for each socket');
  expect(page).not.toMatch(/echo \d/);
});

describe('what a home costs', () => {
  const throughput = (home: WeightHome) =>
    (results.get(home) as SweepResult).optimum.best.throughputGbps;

  test('node gains on global weights where sockets are near to different nodes', () => {
    const { optimum, globalBest } = results.get('node') as SweepResult;
    expect(vectorsOf(optimum.best.weights)).toHaveLength(2);
    expect(throughput('node')).toBeGreaterThan(1.1 * (globalBest?.throughputGbps ?? 0));
  });

  test('what holds one vector for all is what global is', () => {
    for (const home of ['policy', 'cgroup'] as const)
      expect(results.get(home)?.evaluations).toEqual(results.get('global')?.evaluations);
  });

  test('the best of global weights does not depend on the home it is compared with', () => {
    expect(results.get('node')?.globalBest).toEqual(results.get('memtier')?.globalBest);
    const best = results.get('node')?.globalBest?.throughputGbps ?? 0;
    expect(best).toBeGreaterThanOrEqual(throughput('global'));
  });
});

describe('a sweep of each socket', () => {
  test('is the same bytes on any number of threads', async () => {
    const made = await put({ weightHome: 'node' });
    const [one, three] = [
      await resultOf(made, { maxTotal: 2, threads: 1 }),
      await resultOf(made, { maxTotal: 2, threads: 3 }),
    ];
    expect([...sweepJson(three)].join('')).toBe([...sweepJson(one)].join(''));
    expect(sweepArrow(three)).toEqual(sweepArrow(one));
  });

  test('keeps within the default number of vectors', async () => {
    expect(sweptSpace(await put({ weightHome: 'node' })).maxTotal).toBe(6);
    expect(sweptSpace(await put({ weightHome: 'node', copies: 1 })).maxTotal).toBe(32);
    expect(sweptSpace(await put({ weightHome: 'memtier' })).maxTotal).toBe(32);
    const genoa = readMachine('genoa-4cxl');
    expect(sweptSpace(await put({ weightHome: 'node' }, genoa)).maxTotal).toBe(20);
    const many = sweep(await put({ weightHome: 'node' }), { maxTotal: 12 });
    await expect(many).rejects.toThrow(
      /too many vectors \(got \d+ up to total 12, expected at most/,
    );
  });

  test('with copies on one socket only, goes through vectors of that one', async () => {
    const made = await put({ weightHome: 'node', copies: 1 });
    const { evaluations } = await sweep(made, { maxTotal: 3 });
    expect(evaluations.every((e) => vectorsOf(e.weights).length === 1)).toBe(true);
  });
});

describe('a sweep where nodes fill up', () => {
  test('places page by page what does not fit, and recommends what does', async () => {
    // Four copies of 4,096 pages on four nodes that hold 5,500 or so each.
    const machine = twoSockets(5600);
    const made = await put({ outstanding: 16 }, machine);
    const { optimum, evaluations, baselines } = await sweep(made, { maxTotal: 5 });
    const missing = evaluations.filter((e) => e.missedPages > 0);
    expect(missing.length).toBeGreaterThan(10);
    expect(missing.length).toBeLessThan(evaluations.length);
    expect(baselines.fastestOnly.missedPages).toBeGreaterThan(2000);
    const chosen = evaluations.find((e) => weightsText(e.weights) === weightsText(optimum.weights));
    expect(chosen?.missedPages).toBe(0);
    for (const e of evaluations) {
      expect(e.nodes.reduce((sum, n) => sum + n.pages, 0)).toBeCloseTo(made.placed.ilx.length, 9);
      for (const [k, n] of e.nodes.entries())
        expect(n.pages * 4).toBeLessThanOrEqual(made.setup.usable[k]);
    }
  });
});

describe("the kernel's own weights", () => {
  test('are all 1 before there were auto weights, and the text says so', async () => {
    const machine = readMachine('four-node');
    const old = await resultOf(await put({ kernel: '6.12' }, machine), { maxTotal: 2 });
    expect(weightsText(old.baselines.kernelAuto.weights)).toBe('1:1:1:1');
    expect(sweepText(old, [])).toContain('kernel 6.12 (all 1)');
    expect(old.assumptions.join()).toContain('Linux 6.12 has no auto weights');
    const later = await resultOf(await put({ kernel: '7.3' }, machine), { maxTotal: 2 });
    expect(weightsText(later.baselines.kernelAuto.weights)).toBe('13:13:2:2');
    expect(sweepText(later, [])).toContain('kernel auto weights');
    await expect(put({ kernel: '2.4' })).rejects.toThrow('kernel: unknown (got "2.4"');
  });
});
