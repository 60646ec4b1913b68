/**
 * How fast the sweep is: a vector off residue sums, page by page, and by replaying the trace; one worker and two; and
 * which stage takes which share of a whole sweep.
 */

import { EpochRunner, rowLength } from '../evaluator/epoch-runner.ts';
import { noLoads } from '../evaluator/loads.ts';
import { ResidueSums, runsOf } from '../evaluator/residue-sums.ts';
import { resultContext } from '../evaluator/result-context.ts';
import { type Scenario, scenario } from '../evaluator/scenario.ts';
import { sweep } from '../evaluator/sweep.ts';
import { sweepArrow, sweepJson } from '../evaluator/sweep-files.ts';
import type { SweepResult } from '../evaluator/sweep-result.ts';
import { VectorEvaluator } from '../evaluator/vector-evaluator.ts';
import { readMachine } from '../models/memory/read-machine.ts';
import { interleaveCycle } from '../models/mempolicy/interleave.ts';
import { weightGroups } from '../models/mempolicy/weight-home.ts';
import { reducedVectors, type Weights } from '../models/mempolicy/weights.ts';
import { reportHtml } from '../reports/report.ts';
import { demandOfTrace } from '../traces/demand-of-trace.ts';
import { synthZipf } from '../traces/synth/zipf.ts';
import type { Trace, TraceBatch } from '../traces/trace.ts';
import { compare } from './compare.ts';

const units = { caches: [], lineBytes: 64, pageBytes: 4096 };
const ACCESSES = 4_000_000;
const PAGES = 1 << 15;
const TOTAL = 32;
const run = { copies: 56, cpi: 0.5, computeShare: 0 };

/** Skewed accesses over 128 MiB, behind the caches. */
function accesses(): Trace {
  return synthZipf({
    pages: PAGES,
    accesses: ACCESSES,
    theta: 0.6,
    order: 'scattered',
    readShare: 0.7,
    seed: 1,
    level: 'memory',
    threads: 1,
  });
}

/** Reads and writes of every node, counted access by access: what a sweep that replays the trace does for each vector. */
function replayed(batches: readonly TraceBatch[], weights: Weights): Float64Array {
  const cycle = interleaveCycle(weights.map((weight, node) => ({ weight, nodes: [node] })));
  const lines = new Float64Array(2 * weights.length);
  for (const { address, op, length } of batches) {
    for (let i = 0; i < length; i++) {
      const page = address[2 * i + 1] * 2 ** 20 + (address[2 * i] >>> 12);
      lines[2 * cycle[page % cycle.length] + op[i]]++;
    }
  }
  return lines;
}

/** Every comparison of `npm run bench -- sweep`. */
export async function sweepBench(): Promise<void> {
  const batches: TraceBatch[] = [];
  for await (const batch of accesses().batches)
    batches.push({ ...batch, address: batch.address.slice(), op: batch.op.slice() });
  const demand = await demandOfTrace('zipf', accesses(), { ...units, maxEpochs: 100 });
  const made = scenario(demand, readMachine('spr-1cxl'), run);
  const row = new Float64Array(rowLength(2, 0));
  const pairs = Array.from({ length: TOTAL - 1 }, (_, i) => [i + 1, TOTAL - 1 - i]);
  await compare(
    `vectors of total ${TOTAL} over ${ACCESSES / 1e6} million accesses`,
    'vectors',
    pairs.length,
    {
      'residues counted once, vectors off prefix sums': () => {
        const evaluator = new VectorEvaluator(made.setup);
        for (const weights of pairs) evaluator.evaluate('global', [weights], row, 0);
      },
      'every page placed, every entry of the demand added': () => {
        const evaluator = new VectorEvaluator(made.setup, true);
        for (const weights of pairs) evaluator.evaluate('global', [weights], row, 0);
      },
      'every access of the trace replayed (without its time)': () => {
        for (const weights of pairs) replayed(batches, weights);
      },
    },
  );
  const genoa = scenario(demand, readMachine('genoa-4cxl'), run);
  await compare('sweep of all vectors up to total 20 on genoa-4cxl', 'vectors', 53_129, {
    'one worker': () => sweep(genoa, { maxTotal: 20, threads: 1 }),
    'two workers': () => sweep(genoa, { maxTotal: 20, threads: 2 }),
  });
  await stages(genoa);
}

/** The share of every stage in a sweep on one thread. */
async function stages(made: Scenario): Promise<void> {
  const spent: [string, number][] = [];
  async function stage<T>(name: string, work: () => T | Promise<T>): Promise<T> {
    const began = performance.now();
    const result = await work();
    spent.push([name, performance.now() - began]);
    return result;
  }
  await stage('accesses to demand', () =>
    demandOfTrace('zipf', accesses(), { ...units, maxEpochs: 100 }),
  );
  const again = await stage('continuous optimum', () => scenario(made.demand, made.machine, run));
  const { setup } = again;
  const nodes = setup.tiers.length;
  const places = setup.tiers.map((_, place) => place);
  const epochs = setup.demand.epochStart.length - 1;
  const totals = Array.from({ length: 14 }, (_, i) => i + 1);
  const runs = totals.map((total) =>
    [...reducedVectors(nodes, total)].map((w) =>
      runsOf(weightGroups('global', w, places, setup.tiers)),
    ),
  );
  const sums = new ResidueSums(setup.demand);
  const loads = noLoads(epochs, nodes);
  await stage('residue sums', () => {
    for (const ofTotal of runs) sums.read(ofTotal[0], nodes, loads);
  });
  await stage('vectors off the sums', () => {
    for (const ofTotal of runs) for (const own of ofTotal) sums.read(own, nodes, loads);
  });
  const runner = new EpochRunner(setup);
  const row = new Float64Array(rowLength(nodes, 0));
  const groups = [{ socket: 0, copies: setup.copies[0], vector: 0 }];
  await stage('closed loop', () => {
    for (const ofTotal of runs)
      for (const _ of ofTotal) runner.run({ groups, loads: [loads] }, row, 0);
  });
  const swept = await sweep(again, { maxTotal: 14, threads: 1 });
  const context = resultContext(again, { file: 'zipf', sha256: '0', machine: 'genoa-4cxl' });
  const result = { ...context, ...swept } as SweepResult;
  await stage('sweep.json and sweep.arrow', () => [
    [...sweepJson(result)].join('').length,
    sweepArrow(result).length,
  ]);
  await stage('report.html', () => reportHtml(result));
  const all = spent.reduce((sum, [, ms]) => sum + ms, 0);
  process.stdout.write(
    `\nshare of every stage, all vectors up to total 14 on genoa-4cxl, ${epochs} epochs, one thread\n`,
  );
  for (const [name, ms] of spent)
    process.stdout.write(
      `  ${name.padEnd(48)} ${ms.toFixed(0).padStart(7)} ms  ${((100 * ms) / all).toFixed(1).padStart(5)} %\n`,
    );
}
