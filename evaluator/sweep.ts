import { availableParallelism } from 'node:os';
import { Piscina } from 'piscina';
import { reducedVectors, vectorCount, weightsText } from '../models/mempolicy/weights.ts';
import { type Baselines, baselines } from './baselines.ts';
import type { Evaluation } from './evaluation.ts';
import { chooseOptimum, type Optimum } from './optimum.ts';
import { evaluate, evaluationIn, overfullNodes, type Scenario } from './scenario.ts';
import { rowLength } from './vector-evaluator.ts';

/** The largest total swept where nothing else is asked for, and the vectors that may make: more nodes, lower total. */
const DEFAULT_MAX_TOTAL = 32;
const DEFAULT_VECTORS = 60_000;
/** More vectors than this are refused: their results would not fit in memory and in a file one wants. */
const MAX_VECTORS = 500_000;

/** The evaluations of many weight vectors, the choice among them, and what it is measured against. */
export type Sweep = Readonly<{
  maxTotal: number;
  /** In ascending order of total, then as `reducedVectors` has them; last, baselines with a larger total. */
  evaluations: readonly Evaluation[];
  optimum: Optimum;
  baselines: Baselines;
}>;

/** The largest total that leaves at most 60,000 vectors for this many nodes, 32 at most. */
export function defaultMaxTotal(nodes: number): number {
  let total = DEFAULT_MAX_TOTAL;
  while (total > nodes && vectorCount(nodes, total) > DEFAULT_VECTORS) total--;
  return total;
}

/**
 * Evaluates every reduced weight vector with a total up to `maxTotal` on a pool of worker threads.
 *
 * The result does not depend on the number of threads: a task is all vectors of one total, and tasks are put together
 * in the order of totals. `onProgress` hears how many vectors are done, of how many. Aborting `signal` rejects.
 */
export async function sweep(
  scenario: Scenario,
  options: Readonly<{
    maxTotal?: number;
    threads?: number;
    onProgress?: (done: number, of: number) => void;
    signal?: AbortSignal;
  }> = {},
): Promise<Sweep> {
  const { setup, machine, lines } = scenario;
  const nodes = setup.memory.paths.length;
  const {
    maxTotal = defaultMaxTotal(nodes),
    threads = availableParallelism(),
    onProgress,
    signal,
  } = options;
  const upTo = vectorCount(nodes, maxTotal);
  if (upTo > MAX_VECTORS) {
    throw new Error(
      `sweep: too many vectors (got ${upTo} up to total ${maxTotal}, expected at most ${MAX_VECTORS})`,
    );
  }
  const vectors = Array.from({ length: maxTotal }, (_, i) => [...reducedVectors(nodes, i + 1)]);
  const count = vectors.reduce((sum, ofTotal) => sum + ofTotal.length, 0);
  const workers = Math.min(threads, maxTotal);
  const pool = new Piscina({
    ...workerFile(),
    workerData: setup,
    minThreads: workers,
    maxThreads: workers,
  });
  let done = 0;
  async function rowsOf(total: number): Promise<Float64Array> {
    const rows: ArrayBuffer = await pool.run(total, signal === undefined ? {} : { signal });
    done += vectors[total - 1].length;
    onProgress?.(done, count);
    return new Float64Array(rows);
  }
  try {
    // Large totals take longest, so they go first; the pool keeps the order of submission.
    const tasks = vectors.map((_, i) => maxTotal - i).map(rowsOf);
    const rows = (await Promise.all(tasks)).reverse();
    const swept = vectors.flatMap((ofTotal, i) =>
      ofTotal.map((weights, v) => evaluationIn(scenario, weights, rows[i], v * rowLength(nodes))),
    );
    const byWeights = new Map(swept.map((e) => [weightsText(e.weights), e]));
    const readShare = lines.reads / (lines.reads + lines.writes);
    const known = baselines(machine, setup.memory.paths, readShare, maxTotal, (weights) => {
      const text = weightsText(weights);
      const evaluation = byWeights.get(text) ?? evaluate(scenario, weights);
      byWeights.set(text, evaluation);
      return evaluation;
    });
    const evaluations = [...byWeights.values()];
    const tiers = machine.nodes.map((n) => n.tier);
    return {
      maxTotal,
      evaluations,
      optimum: chooseOptimum(evaluations, tiers, (e) => overfullNodes(scenario, e).length === 0),
      baselines: known,
    };
  } finally {
    await pool.destroy();
  }
}

/** The worker beside this file: compiled as this file is, or TypeScript under tsx when run from source. */
function workerFile(): { filename: string; execArgv?: string[] } {
  const source = import.meta.url.endsWith('.ts');
  const filename = new URL(`./sweep-worker.${source ? 'ts' : 'js'}`, import.meta.url).href;
  return source ? { filename, execArgv: ['--import', 'tsx'] } : { filename };
}
