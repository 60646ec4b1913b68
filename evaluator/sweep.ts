import { availableParallelism } from 'node:os';
import { Piscina } from 'piscina';
import { kernelVersion } from '../models/mempolicy/kernel-version.ts';
import { weighsNodes } from '../models/mempolicy/weight-home.ts';
import {
  shortestOf,
  vectorCount,
  type WeightVectors,
  weightsText,
} from '../models/mempolicy/weights.ts';
import { workerFile } from '../traces/worker-file.ts';
import { type Baselines, baselines } from './baselines.ts';
import { ROW, rowLength } from './epoch-runner.ts';
import type { Evaluation } from './evaluation.ts';
import { chooseOptimum, type Optimum } from './optimum.ts';
import { type PlacementCounts, placementCounts } from './placement-counts.ts';
import { evaluatedRow, evaluationIn, type Scenario } from './scenario.ts';
import type { SweepWorkerData } from './sweep-worker.ts';
import { type SweptSpace, spaceSize, sweepTasks, taskCount } from './swept-vectors.ts';
import { weightsOfHome } from './weight-vectors.ts';
import { type Why, whyOf } from './why.ts';

/** The largest total swept where nothing else is asked for, and the vectors that may make: more nodes, lower total. */
const DEFAULT_MAX_TOTAL = 32;
const DEFAULT_VECTORS = 60_000;
/** More vectors than this are refused: their results would not fit in memory and in a file one wants. */
const MAX_VECTORS = 500_000;

/** The evaluations of many weight vectors, the choice among them, and what it is measured against. */
export type Sweep = Readonly<{
  maxTotal: number;
  /** In the order of `sweepTasks`; last, baselines (and the best global weights) that are not among them. */
  evaluations: readonly Evaluation[];
  optimum: Optimum;
  /** What bounds the recommended vector, and what its neighbours do. */
  why: Why;
  /** How the pages of the evaluations were placed. */
  placement: PlacementCounts;
  /** One weight a node for the whole machine, whatever the home. */
  baselines: Baselines;
  /** The best of a sweep of global weights, for homes that hold other weights than those. */
  globalBest?: Evaluation;
}>;

/** The largest total that leaves at most 60,000 vectors for this many nodes, 32 at most. */
export function defaultMaxTotal(nodes: number): number {
  return totalWithin(nodes, 1);
}

/** The same for vectors of so many weights of which several are combined. */
function totalWithin(weights: number, combined: number): number {
  const least = combined === 1 ? weights : 1;
  let total = DEFAULT_MAX_TOTAL;
  while (total > least && vectorCount(weights, total) ** combined > DEFAULT_VECTORS) total--;
  return total;
}

/** What a sweep of a scenario goes through under its weight home: `maxTotal` is a default where it is left out. */
export function sweptSpace({ machine, options, setup }: Scenario, maxTotal?: number): SweptSpace {
  const home = options.weightHome;
  const weights = weightsOfHome(home, machine).count;
  const combined = home === 'node' ? setup.copies.length : 1;
  const held = home === 'node' ? machine.sockets.length : 1;
  return {
    home,
    weights,
    combined,
    held,
    maxTotal: maxTotal ?? totalWithin(weights, combined),
  };
}

/**
 * Evaluates everything a scenario's weight home can hold with totals up to `maxTotal` on a pool of worker threads: every
 * reduced vector, or every combination of one for each socket.
 *
 * The result does not depend on the number of threads: tasks are fixed, and put together in their order. `onProgress` hears
 * how many vectors are done, of how many. The plateau is what lies `within` so many percent of the best, 1 where left out. Aborting `signal` rejects. Throws where there are too many vectors.
 */
export async function sweep(
  scenario: Scenario,
  options: Readonly<{
    maxTotal?: number;
    within?: number;
    threads?: number;
    onProgress?: (done: number, of: number) => void;
    signal?: AbortSignal;
  }> = {},
): Promise<Sweep> {
  const { machine, setup } = scenario;
  const { threads = availableParallelism(), within, onProgress, signal } = options;
  const space = sweptSpace(scenario, options.maxTotal);
  const { home, maxTotal } = space;
  if (spaceSize(space) > MAX_VECTORS) {
    throw new Error(
      `sweep: too many vectors (got ${spaceSize(space)} up to total ${maxTotal}, expected at most ${MAX_VECTORS})`,
    );
  }
  const nodes = machine.nodes.length;
  const tiers = machine.nodes.map((n) => n.tier);
  const holdsOne = space.held === 1 && weighsNodes(home);
  const asGlobal: SweptSpace = {
    home: 'global',
    weights: nodes,
    combined: 1,
    held: 1,
    maxTotal: defaultMaxTotal(nodes),
  };
  const spaces = holdsOne ? [space] : [space, asGlobal];
  const data: SweepWorkerData = { setup, spaces };
  const workers = Math.min(threads, Math.max(...spaces.map(taskCount)));
  const pool = new Piscina({
    ...workerFile(import.meta.url, 'sweep-worker'),
    workerData: data,
    minThreads: workers,
    maxThreads: workers,
  });
  const listed = spaces.map((own) => {
    const tasks = sweepTasks(own);
    return Array.from({ length: taskCount(own) }, (_, task) => tasks(task));
  });
  const count = listed.flat().reduce((sum, task) => sum + task.length, 0);
  let done = 0;
  const singly = new Set<Evaluation>();
  function readRow(weights: WeightVectors, rows: Float64Array, at: number): Evaluation {
    const evaluation = evaluationIn(scenario, weights, rows, at);
    if (rows[at + ROW.singly] === 1) singly.add(evaluation);
    return evaluation;
  }
  async function evaluationsOf(which: number, task: number): Promise<Evaluation[]> {
    const given = { space: which, task };
    const rows: ArrayBuffer = await pool.run(given, signal === undefined ? {} : { signal });
    const policies = listed[which][task];
    done += policies.length;
    onProgress?.(done, count);
    const floats = new Float64Array(rows);
    const length = rowLength(nodes, setup.memory.links.length);
    return policies.map((vectors, i) => readRow(shortestOf(vectors), floats, i * length));
  }
  try {
    // Large totals take longest, so they go first; the pool keeps the order of submission.
    const tasks = spaces.map((_, which) =>
      listed[which]
        .map((_, i, all) => all.length - 1 - i)
        .map((task) => evaluationsOf(which, task)),
    );
    const [swept, sweptAsGlobal = swept] = await Promise.all(
      tasks.map(async (own) => (await Promise.all(own)).reverse().flat()),
    );
    const global = new Map(sweptAsGlobal.map((e) => [weightsText(e.weights), e]));
    const known = baselinesOf(scenario, global, space, readRow);
    const globally = chooseOptimum([...global.values()], 'global', tiers);
    const globalBest = global.get(weightsText(globally.best.weights)) as Evaluation;
    const own = new Map(swept.map((e) => [weightsText(e.weights), e]));
    // What can be held as one vector for everyone is a candidate too, also with a larger total.
    if (weighsNodes(home)) {
      for (const evaluation of [...Object.values(known), globalBest]) {
        const text = weightsText(evaluation.weights);
        if (!own.has(text)) own.set(text, evaluation);
      }
    }
    const evaluations = [...own.values()];
    const optimum = chooseOptimum(evaluations, home, tiers, within);
    const why = whyOf(scenario, own.get(weightsText(optimum.weights)) as Evaluation, own);
    const placement = placementCounts(evaluations, singly);
    const all = { maxTotal, evaluations, optimum, why, placement, baselines: known };
    return holdsOne ? all : { ...all, globalBest };
  } finally {
    await pool.destroy();
  }
}

/** The baselines, taken from evaluations of global weights where they are among them, else added to those. */
function baselinesOf(
  scenario: Scenario,
  global: Map<string, Evaluation>,
  { maxTotal }: SweptSpace,
  readRow: (weights: WeightVectors, rows: Float64Array, at: number) => Evaluation,
): Baselines {
  const { machine, options, lines } = scenario;
  const readShare = lines.reads / (lines.reads + lines.writes);
  const { autoWeights } = kernelVersion(options.kernel);
  return baselines(machine, { readShare, maxTotal, autoWeights }, (weights) => {
    const text = weightsText(weights);
    const evaluation =
      global.get(text) ?? readRow(weights, evaluatedRow(scenario, weights, 'global'), 0);
    global.set(text, evaluation);
    return evaluation;
  });
}
