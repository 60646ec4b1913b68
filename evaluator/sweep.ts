import { availableParallelism } from 'node:os';
import { kernelVersion } from '../models/mempolicy/kernel-version.ts';
import { weighedNodes, weighsNodes } from '../models/mempolicy/weight-home.ts';
import {
  inOrder,
  vectorCount,
  type Weights,
  type WeightVectors,
  weightsText,
} from '../models/mempolicy/weights.ts';
import { type Baselines, baselines, nearest } from './baselines.ts';
import type { ContinuousOptimum } from './continuous-optimum.ts';
import { ROW } from './epoch-runner.ts';
import type { Evaluation } from './evaluation.ts';
import { loadBalanced } from './load-balanced.ts';
import { chooseOptimum, type Optimum } from './optimum.ts';
import { type PlacementCounts, placementCounts } from './placement-counts.ts';
import { measuredBy, raisedLine } from './raised-line.ts';
import { evaluatedRow, evaluationIn, type Scenario } from './scenario.ts';
import { searchVectors } from './search.ts';
import { DEFAULT_BUDGET, MAX_VECTORS, type SweepBudget, vectorsWithin } from './sweep-budget.ts';
import { sweepPool } from './sweep-pool.ts';
import { policyOf, type SweptSpace, spaceSize, sweepTasks, taskCount } from './swept-vectors.ts';
import { weightsOfHome } from './weight-vectors.ts';
import { type Why, whyOf } from './why.ts';

/** The largest total swept where nothing else is asked for, and the vectors that may make: more nodes, lower total. */
const DEFAULT_MAX_TOTAL = 32;
const DEFAULT_VECTORS = 60_000;
/** Searched vectors that go to one worker together; fixed, so that results do not depend on the number of threads. */
const SEARCHED_TOGETHER = 64;

/** The evaluations of many weight vectors, the choice among them, and what it is measured against. */
export type Sweep = Readonly<{
  /** The 100 % line that none of the evaluations lies above. */
  continuous: ContinuousOptimum;
  maxTotal: number;
  /** Where not all vectors were evaluated, but good ones searched: how many there are, how many were evaluated, of at most how many. */
  searched?: Readonly<{ vectors: number; evaluated: number; budget: number }>;
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

/** What may be chosen about a sweep; each has a default. */
export type SweepOptions = Readonly<{
  maxTotal?: number;
  budget?: SweepBudget;
  within?: number;
  threads?: number;
  onProgress?: (done: number, of: number) => void;
  signal?: AbortSignal;
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
 * how many vectors are done, of how many. The plateau is what lies `within` so many percent of the best, 1 where left out.
 * Aborting `signal` rejects.
 *
 * Where there are more vectors than `budget` is enough for, good ones are searched (search.ts) and the result says so; throws where several
 * vectors are combined and their combinations are more than that.
 */
export async function sweep(scenario: Scenario, options: SweepOptions = {}): Promise<Sweep> {
  const { machine } = scenario;
  const { threads = availableParallelism(), within, onProgress, signal } = options;
  const space = sweptSpace(scenario, options.maxTotal);
  const { home, maxTotal } = space;
  const budget = vectorsWithin(scenario, options.budget ?? DEFAULT_BUDGET, maxTotal);
  const size = spaceSize(space);
  const searches = size > budget;
  if (budget > MAX_VECTORS || (searches && space.combined > 1)) {
    const got = searches ? `${size} up to total ${maxTotal}` : `a budget of ${budget}`;
    const expected = Math.min(budget, MAX_VECTORS);
    throw new Error(`sweep: too many vectors (got ${got}, expected at most ${expected})`);
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
  const workers = Math.min(threads, Math.max(...spaces.map(taskCount)));
  const singly = new Set<Evaluation>();
  function readRow(weights: WeightVectors, rows: Float64Array, at: number): Evaluation {
    const evaluation = evaluationIn(scenario, weights, rows, at);
    if (rows[at + ROW.singly] === 1) singly.add(evaluation);
    return evaluation;
  }
  const pool = sweepPool(scenario, spaces, workers, readRow, signal);
  let done = 0;
  let count = spaces.reduce(
    (sum, own) => sum + (own === space ? Math.min(size, budget) : spaceSize(own)),
    0,
  );
  function heard(evaluations: readonly Evaluation[]): readonly Evaluation[] {
    done += evaluations.length;
    count = Math.max(count, done);
    onProgress?.(done, count);
    return evaluations;
  }
  async function everyVector(which: number): Promise<readonly Evaluation[]> {
    const tasks = sweepTasks(spaces[which]);
    // Large totals take longest, so they go first; the pool keeps the order of submission.
    const found = Array.from({ length: taskCount(spaces[which]) }, (_, task) => task)
      .reverse()
      .map(async (task) => heard(await pool.evaluate({ space: which, task }, tasks(task))));
    return (await Promise.all(found)).reverse().flat();
  }
  async function searched(): Promise<readonly Evaluation[]> {
    const found: Evaluation[] = [];
    const groups = weighedNodes(home, [...tiers.keys()], tiers);
    const fractions = groups.map((group) =>
      group.reduce((sum, place) => sum + scenario.continuous.fractions[place], 0),
    );
    const rounded = weighsNodes(home) ? loadBalanced(scenario.setup.demand) : nearest;
    const sought = { weights: space.weights, maxTotal, budget, fractions, rounded };
    await searchVectors(sought, async (asked) => {
      const parts = Array.from({ length: Math.ceil(asked.length / SEARCHED_TOGETHER) }, (_, i) =>
        asked.slice(i * SEARCHED_TOGETHER, (i + 1) * SEARCHED_TOGETHER),
      ).map(async (vectors) => {
        const policies = vectors.map((vector) => policyOf(space, vector));
        return heard(await pool.evaluate({ space: 0, vectors }, policies));
      });
      const evaluations = (await Promise.all(parts)).flat();
      found.push(...evaluations);
      // What would fill a node up is chosen only if nothing else is left.
      return evaluations.map((e) => (e.missedPages > 0 ? 0 : e.throughputGbps));
    });
    return found.sort((a, b) => inOrder(a.weights as Weights, b.weights as Weights));
  }
  try {
    const [swept, sweptAsGlobal = swept] = await Promise.all(
      spaces.map((_, which) => (which === 0 && searches ? searched() : everyVector(which))),
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
    const continuous = raisedLine(scenario.continuous, own.values());
    const measured = (e: Evaluation) => measuredBy(continuous, e);
    const placement = placementCounts([...own.values()], singly);
    const evaluations = [...own.values()].map(measured);
    const optimum = chooseOptimum(evaluations, home, tiers, within);
    const all = {
      continuous,
      maxTotal,
      ...(searches ? { searched: { vectors: size, evaluated: swept.length, budget } } : {}),
      evaluations,
      optimum,
      why: whyOf(scenario, own.get(weightsText(optimum.weights)) as Evaluation, own),
      placement,
      baselines: Object.fromEntries(
        Object.entries(known).map(([name, e]) => [name, measured(e)]),
      ) as Baselines,
    };
    return holdsOne ? all : { ...all, globalBest: measured(globalBest) };
  } finally {
    await pool.close();
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
