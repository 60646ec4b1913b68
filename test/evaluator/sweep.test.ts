import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { proportional } from '../../evaluator/baselines.ts';
import { resultContext } from '../../evaluator/result-context.ts';
import { evaluate, type Scenario, scenario } from '../../evaluator/scenario.ts';
import { defaultMaxTotal, sweep } from '../../evaluator/sweep.ts';
import { parseSweep, sweepJson } from '../../evaluator/sweep-files.ts';
import {
  evaluationResultSchema,
  type SweepResult,
  sweepResultSchema,
} from '../../evaluator/sweep-result.ts';
import { warningsFor } from '../../evaluator/warnings.ts';
import { type Machine, machineSchema } from '../../models/memory/machine.ts';
import { readMachine } from '../../models/memory/read-machine.ts';
import { type Weights, weightsText } from '../../models/mempolicy/weights.ts';
import { demandOfTrace } from '../../traces/demand-of-trace.ts';
import { synthPointerChase } from '../../traces/synth/pointer-chase.ts';
import { synthRandom } from '../../traces/synth/random.ts';
import type { Trace } from '../../traces/trace.ts';
import { machineOf } from './two-node-machine.ts';
import { writtenAndRead } from './written-and-read.ts';

const UNITS = { caches: [], lineBytes: 64, pageBytes: 4096 };

async function put(
  trace: Trace,
  machine: Machine,
  options: { copies: number; outstanding?: number },
): Promise<Scenario> {
  return scenario(await demandOfTrace('t', trace, UNITS), machine, {
    cpi: 0.5,
    computeShare: 0,
    ...options,
  });
}

/** Uniform over 256 MiB, read only. */
const uniform = () =>
  synthRandom({ pages: 65536, accesses: 1_000_000, seed: 1, level: 'memory', readShare: 1 });
const chase = () => synthPointerChase({ pages: 4096, accesses: 200_000, seed: 1, level: 'memory' });

async function resultOf(made: Scenario, threads = 2): Promise<SweepResult> {
  const swept = await sweep(made, { threads });
  return {
    ...resultContext(made, { file: 't', sha256: '0', machine: 'm', epochs: 256 }),
    ...swept,
  } as SweepResult;
}

describe('the sweep recommends', () => {
  const fourToOne = machineOf([
    { gbps: 200, idleNs: 100 },
    { gbps: 50, idleNs: 100 },
  ]);

  test('the bandwidth ratio for a bandwidth-bound trace on nodes of equal latency', async () => {
    const made = await put(uniform(), fourToOne, { copies: 64 });
    const { optimum, evaluations } = await sweep(made);
    const [dram, cxl] = optimum.best.weights as Weights;
    expect(dram / cxl).toBeGreaterThanOrEqual(3.5);
    expect(dram / cxl).toBeLessThanOrEqual(4.5);
    expect(evaluate(made, [4, 1]).throughputGbps).toBeGreaterThan(
      0.98 * optimum.best.throughputGbps,
    );
    expect(weightsText(optimum.weights)).toBe('4:1');
    for (const { shareOfOptimum } of evaluations) expect(shareOfOptimum).toBeLessThanOrEqual(1);
  });

  test('1:1 on equal nodes', async () => {
    const equal = machineOf([
      { gbps: 100, idleNs: 100 },
      { gbps: 100, idleNs: 100 },
    ]);
    const { optimum } = await sweep(await put(uniform(), equal, { copies: 64 }));
    expect(weightsText(optimum.weights)).toBe('1:1');
    expect(weightsText(optimum.best.weights)).toBe('1:1');
  });

  test.each([
    ['a slower second node', readMachine('spr-1cxl')],
    ['nodes of equal latency', fourToOne],
  ])('the fast node alone for a latency-bound trace, on %s', async (_, machine) => {
    const made = await put(chase(), machine, { copies: 1, outstanding: 1 });
    const { optimum, baselines } = await sweep(made);
    expect(weightsText(optimum.weights)).toBe('1:0');
    expect(weightsText(baselines.fastestOnly.weights)).toBe('1:0');
  });
});

describe('a vector that does not fit', () => {
  test('is not recommended while another fits, and is warned of', async () => {
    const machine = machineOf([
      { gbps: 200, idleNs: 100 },
      { gbps: 50, idleNs: 100, tier: 1 },
    ]);
    // 64 copies of 256 MiB; the fast node holds 10 GiB of the 16 they need.
    const [fast, slow] = machine.nodes;
    const small = { ...machine, nodes: [{ ...fast, capacity_bytes: 10 * 2 ** 30 }, slow] };
    const made = await put(uniform(), small, { copies: 64 });
    const { optimum } = await sweep(made);
    const [a, b] = optimum.weights as Weights;
    expect(a / (a + b)).toBeLessThanOrEqual(10 / 16);
    expect(a / (a + b)).toBeGreaterThan(0.6);
    expect(warningsFor(made, evaluate(made, [4, 1])).join()).toMatch(
      /^Node 0 fills up: of the 65,536 pages of a copy, [\d,]+ pages \([\d.]+ %\) that 4:1 meant for it go elsewhere: [\d,]+ pages to node 1\.$/,
    );
  });
});

describe('a sweep', () => {
  test('is the same bytes on any number of threads, and each vector is what evaluate says', async () => {
    const made = await put(chase(), readMachine('spr-1cxl'), { copies: 56 });
    const one = await resultOf(made, 1);
    const three = await resultOf(made, 3);
    expect([...sweepJson(three)].join('')).toBe([...sweepJson(one)].join(''));
    for (const evaluation of one.evaluations.slice(0, 40)) {
      expect(evaluate(made, evaluation.weights)).toEqual(evaluation);
    }
    expect(one.evaluations.length).toBe(325);
  });

  test('covers any number of nodes', async () => {
    const made = await put(chase(), readMachine('genoa-4cxl'), { copies: 96 });
    const { evaluations, baselines } = await sweep(made, { maxTotal: 6 });
    expect(new Set(evaluations.map((e) => weightsText(e.weights))).size).toBe(evaluations.length);
    expect(evaluations.some((e) => weightsText(e.weights) === '2:1:1:1:1')).toBe(true);
    expect(weightsText(baselines.equal.weights)).toBe('1:1:1:1:1');
    // Baselines with a larger total are evaluated, and may be recommended, too.
    expect(evaluations).toContainEqual(baselines.kernelAuto);
    expect([1, 2, 3, 4, 5, 8].map(defaultMaxTotal)).toEqual([32, 32, 32, 32, 20, 10]);
  });

  test('says how far it is, and can be aborted', async () => {
    const made = await put(chase(), readMachine('spr-1cxl'), { copies: 1 });
    const heard: number[] = [];
    await sweep(made, { onProgress: (done, of) => heard.push(done / of) });
    expect(heard.length).toBe(16);
    expect(heard.at(-1)).toBe(1);
    await expect(sweep(made, { signal: AbortSignal.abort() })).rejects.toThrow(/abort/i);
    await expect(sweep(made, { budget: 600_000 })).rejects.toThrow(/too many vectors/);
  });
});

describe('the files', () => {
  test('sweep.json reads back, obeys its published schema, and sweep.arrow holds the same', async () => {
    const result = await resultOf(await put(chase(), readMachine('spr-1cxl'), { copies: 56 }));
    const table = writtenAndRead(result);
    for (const row of [0, 7, 200]) {
      const { weights, throughputGbps, meanLoadNs, nodes } = result.evaluations[row];
      expect(table.getChild('weights').at(row)).toBe(weightsText(weights));
      expect(table.getChild('throughput_gbps').at(row)).toBe(throughputGbps);
      expect(table.getChild('mean_load_ns').at(row)).toBe(meanLoadNs);
      expect(table.getChild('node1_read_gbps').at(row)).toBe(nodes[1].readGbps);
    }
    const { evaluations: _, ...rest } = result;
    expect(JSON.parse(table.schema.metadata?.get('numaweave.sweep') ?? '')).toEqual(rest);
  });

  test('sweep.json that is damaged is refused with the place', () => {
    expect(() => parseSweep('s.json', '{')).toThrow('s.json: not JSON');
    expect(() => parseSweep('s.json', '{"version": 3}')).toThrow('s.json: version: invalid input');
  });

  test.each([
    ['sweep', sweepResultSchema],
    ['evaluation', evaluationResultSchema],
    ['machine', machineSchema],
  ])('docs/%s.schema.json is in step with the code', async (name, schema) => {
    const text = `${JSON.stringify(z.toJSONSchema(schema, { io: 'input' }), null, 2)}\n`;
    await expect(text).toMatchFileSnapshot(`../../docs/${name}.schema.json`);
  });
});

test('proportional weights are the nearest with a bounded total, smallest total first', () => {
  expect(weightsText(proportional([200, 50], 32))).toBe('4:1');
  expect(weightsText(proportional([1, 1, 1], 32))).toBe('1:1:1');
  expect(weightsText(proportional([307200, 65536], 32))).toBe('14:3');
  expect(weightsText(proportional([1000, 1], 32))).toBe('1:0');
});
