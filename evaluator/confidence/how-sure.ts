import { vectorsOf } from '../../models/mempolicy/weights.ts';
import { DEFAULT_WITHIN } from '../optimum.ts';
import type { Scenario } from '../scenario.ts';
import type { Sweep } from '../sweep.ts';
import { VectorEvaluator } from '../vector-evaluator.ts';
import { baselineHome, changeCandidates, gainCandidates } from './candidates.ts';
import { machineChanges } from './changed-memory.ts';
import { type Confidence, confidence, LEAST_EPOCHS } from './confidence.ts';
import { type Sensitivity, sensitivity } from './sensitivity.ts';

/** Resamples and seed where nothing else is asked for. */
export const DEFAULT_RESAMPLES = 1000;
export const DEFAULT_SEED = 1;

/** Vectors tried on changed machines, and epochs solved for them on all machines together: which bounds the time it takes. */
const MOST_CANDIDATES = 200;
const MOST_EPOCHS = 750_000;
const LEAST_CANDIDATES = 16;

/** How sure the choice of a sweep is; `confidence` is left out with fewer than 8 epochs or without resamples. */
export type HowSure = Readonly<{ confidence?: Confidence; sensitivity: Sensitivity }>;

/**
 * How sure the choice of a sweep is: by its own epochs, and by machines a little different. Epochs are timed by the sweep's
 * own model; by the closed loop where that is the queue model, which has no times of single epochs.
 */
export function howSure(
  scenario: Scenario,
  swept: Sweep,
  options: Readonly<{ resamples?: number; seed?: number; within?: number }> = {},
): HowSure {
  const { resamples = DEFAULT_RESAMPLES, seed = DEFAULT_SEED, within = DEFAULT_WITHIN } = options;
  const { machine, setup: given } = scenario;
  const setup = { ...given, model: given.model === 'queue' ? 'closed-loop' : given.model };
  const evaluator = new VectorEvaluator(setup);
  const nodeIds = machine.nodes.map((n) => n.id);
  const epochs = scenario.demand.epochTime.length;
  const each = machineChanges(nodeIds).length * epochs;
  const affordable = Math.max(LEAST_CANDIDATES, Math.floor(MOST_EPOCHS / each));
  const most = Math.min(MOST_CANDIDATES, affordable);
  const sure = {
    sensitivity: sensitivity(evaluator, setup, nodeIds, changeCandidates(scenario, swept, most)),
  };
  if (resamples === 0 || epochs < LEAST_EPOCHS) return sure;
  const own = scenario.options.weightHome;
  const vectors = gainCandidates(scenario, swept).map(({ weights, vectors, home, choosable }) => ({
    weights,
    timesNs: evaluator.epochTimes(home, vectors),
    choosable,
    ...(home === own ? {} : { home }),
  }));
  const { weights } = swept.baselines.fastestOnly;
  const base = evaluator.epochTimes(baselineHome(own), vectorsOf(weights));
  const { model } = setup;
  return { confidence: confidence(vectors, base, { model, resamples, seed, within }), ...sure };
}
