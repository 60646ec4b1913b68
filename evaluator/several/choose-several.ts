import { weighedNodes } from '../../models/mempolicy/weight-home.ts';
import { vectorsOf, type WeightVectors, weightsText } from '../../models/mempolicy/weights.ts';
import { nearest } from '../baselines.ts';
import { rowLength } from '../epoch-runner.ts';
import type { Evaluation } from '../evaluation.ts';
import { chooseOptimum } from '../optimum.ts';
import { evaluationIn, type Scenario } from '../scenario.ts';
import { type SearchSpace, searchVectors } from '../search.ts';
import type { Sweep } from '../sweep.ts';
import { VectorEvaluator } from '../vector-evaluator.ts';

/** Vectors that are evaluated at most in each search for what serves all; on one thread. */
const SHARED_BUDGET = 2000;
/** Of a sweep that searched, so many of its fastest vectors are evaluated for the other programs. */
const SEARCHED_SHARED = 200;

/** What a vector does for each of several programs that run one after another. */
export type SharedVector = Readonly<{
  weights: WeightVectors;
  /** Each program's throughput over that of its own best vector. */
  sharesOfBest: readonly number[];
  /** Their weighted geometric mean, and the least of them. */
  mean: number;
  worst: number;
  /** Pages of one copy that are not where their index fell, over all programs. */
  missedPages: number;
}>;

/** All vectors over several programs, and the two choices among them. */
export type SharedChoice = Readonly<{
  vectors: readonly SharedVector[];
  /** Of the vectors whose mean is within 1 % of the best (or what else was asked for), the shortest cycle. */
  recommended: SharedVector;
  /** The vector with the best mean, by however little, and all that near, the recommended one first. */
  best: SharedVector;
  plateau: readonly WeightVectors[];
  /** The vector whose largest loss against a program's own best is least. */
  minimax: SharedVector;
}>;

/**
 * The vectors that serve several programs which run one after another, from a sweep of each over the same totals. A vector
 * that only some of the sweeps hold (a baseline of one program) is evaluated for the others; where sweeps searched, those are the
 * fastest of each, and what two more searches find, for the mean and for the worst. `weights` say how much each program counts; the plateau is what lies `within` so many percent of the best.
 *
 * The mean is geometric: that of ratios has to be, if the choice is not to depend on what each is a ratio to (Fleming and
 * Wallace, How not to lie with statistics, CACM 29(3), 1986). Vectors whose pages all lie where they should, for every
 * program, come before all others. The largest loss counts every program alike.
 */
export async function chooseShared(
  scenarios: readonly Scenario[],
  sweeps: readonly Sweep[],
  weights: readonly number[],
  given: Readonly<{ within?: number; signal?: AbortSignal }> = {},
): Promise<SharedChoice> {
  const known = sweeps.map((s) => new Map(s.evaluations.map((e) => [weightsText(e.weights), e])));
  const evaluators = scenarios.map(lazyEvaluator);
  const sum = weights.reduce((a, b) => a + b, 0);
  const found = new Map<string, SharedVector>();
  function sharedOf(vector: WeightVectors): SharedVector {
    const text = weightsText(vector);
    const before = found.get(text);
    if (before !== undefined) return before;
    const evaluations = known.map((own, i) => own.get(text) ?? evaluators[i](vector));
    const sharesOfBest = evaluations.map(
      (e, i) => e.throughputGbps / sweeps[i].optimum.best.throughputGbps,
    );
    const log = sharesOfBest.reduce((n, share, i) => n + weights[i] * Math.log(share), 0) / sum;
    const shared = {
      weights: vector,
      sharesOfBest,
      mean: Math.exp(log),
      worst: Math.min(...sharesOfBest),
      missedPages: evaluations.reduce((n, e) => n + e.missedPages, 0),
    };
    found.set(text, shared);
    return shared;
  }
  const searched = sweeps.some((s) => s.searched !== undefined);
  for (const [i, own] of known.entries()) {
    const fastest = searched ? fastestOf(sweeps[i]) : own;
    for (const [text, { weights: vector }] of own) {
      given.signal?.throwIfAborted();
      if (fastest.has(text) || known.every((other) => other.has(text))) sharedOf(vector);
    }
  }
  if (searched) {
    const space = sharedSpace(scenarios, sweeps);
    for (const score of ['mean', 'worst'] as const) {
      await searchVectors(space, async (asked) => {
        given.signal?.throwIfAborted();
        return asked.map(sharedOf).map((v) => (v.missedPages > 0 ? 0 : v[score]));
      });
    }
  }
  const vectors = [...found.values()];
  const { machine, options } = scenarios[0];
  const tiers = machine.nodes.map((n) => n.tier);
  const choose = (score: (v: SharedVector) => number) =>
    chooseOptimum(
      vectors.map((v) => ({ ...v, throughputGbps: score(v) })),
      options.weightHome,
      tiers,
      given.within,
    );
  const vectorOf = (chosen: WeightVectors) =>
    vectors.find((v) => v.weights === chosen) as SharedVector;
  const byMean = choose((v) => v.mean);
  return {
    vectors,
    recommended: vectorOf(byMean.weights),
    best: vectorOf(byMean.best.weights),
    plateau: byMean.plateau,
    minimax: vectorOf(choose((v) => v.worst).best.weights),
  };
}

/** The texts of a sweep's fastest vectors, of its plateau, and of its baselines. */
function fastestOf({ evaluations, optimum, baselines }: Sweep): ReadonlySet<string> {
  const sorted = [...evaluations].sort((a, b) => b.throughputGbps - a.throughputGbps);
  return new Set(
    [
      ...sorted.slice(0, SEARCHED_SHARED).map((e) => e.weights),
      ...optimum.plateau.slice(0, SEARCHED_SHARED),
      ...Object.values(baselines).map((e) => e.weights),
    ].map(weightsText),
  );
}

/** What is searched for vectors that serve all: around the mean of the programs' continuous optima. */
function sharedSpace(scenarios: readonly Scenario[], sweeps: readonly Sweep[]): SearchSpace {
  const [{ machine, options }] = scenarios;
  const tiers = machine.nodes.map((n) => n.tier);
  const fractions = weighedNodes(options.weightHome, [...tiers.keys()], tiers).map(
    (group) =>
      sweeps.reduce((sum, s) => sum + group.reduce((n, k) => n + s.continuous.fractions[k], 0), 0) /
      sweeps.length,
  );
  const [{ maxTotal }] = sweeps;
  const weights = fractions.length;
  return { weights, maxTotal, budget: SHARED_BUDGET, fractions, rounded: nearest };
}

/** Evaluates vectors that a scenario's sweep did not hold, one after another. */
function lazyEvaluator(scenario: Scenario): (weights: WeightVectors) => Evaluation {
  const { machine, options, setup } = scenario;
  const row = new Float64Array(rowLength(machine.nodes.length, setup.memory.links.length));
  let evaluator: VectorEvaluator | undefined;
  return (weights) => {
    evaluator ??= new VectorEvaluator(setup);
    evaluator.evaluate(options.weightHome, vectorsOf(weights), row, 0);
    return evaluationIn(scenario, weights, row, 0);
  };
}
