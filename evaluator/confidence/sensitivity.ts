import type { WeightVectors } from '../../models/mempolicy/weights.ts';
import { EpochRunner } from '../epoch-runner.ts';
import type { EvaluatorSetup, VectorEvaluator } from '../vector-evaluator.ts';
import type { Candidate } from './candidates.ts';
import { changedMemory, type MachineChange, machineChanges } from './changed-memory.ts';

/** What the choice comes to where the machine is not quite what its file says. */
export type Sensitivity = Readonly<{
  /** How many vectors were chosen among. */
  candidates: number;
  /** Of each change the vector that is then the best, and the share of its throughput that the recommended one lacks. */
  changes: readonly (MachineChange & Readonly<{ best: WeightVectors; loss: number }>)[];
  /** The vector whose largest loss over all changes is the least, and that loss. */
  robust: Readonly<{ weights: WeightVectors; worstLoss: number }>;
}>;

/** Losses that differ by less are equal: of equal vectors the first is taken. */
const ROUNDING = 1e-12;

/**
 * Makes the choice again on machines with one node's bandwidth or latency changed, among candidates of which the first is the
 * recommended one. Pages lie as before, since placement does not depend on either. The robust choice is that of minimax
 * regret (L. J. Savage, Journal of the American Statistical Association 46, 1951).
 */
export function sensitivity(
  evaluator: VectorEvaluator,
  setup: EvaluatorSetup,
  nodeIds: readonly number[],
  candidates: readonly Candidate[],
): Sensitivity {
  const changes = machineChanges(nodeIds);
  const runners = changes.map(
    (change) => new EpochRunner({ ...setup, memory: changedMemory(setup.memory, change) }),
  );
  const times = candidates.map(({ home, vectors }) => evaluator.timesOn(runners, home, vectors));
  const best = changes.map((_, c) => first(times, (own) => own[c]));
  const losses = times.map((own) => own.map((time, c) => 1 - times[best[c]][c] / time));
  const worst = losses.map((own) => Math.max(...own));
  const robust = first(worst, (loss) => loss);
  return {
    candidates: candidates.length,
    changes: changes.map((change, c) => ({
      ...change,
      best: candidates[best[c]].weights,
      loss: losses[0][c],
    })),
    robust: { weights: candidates[robust].weights, worstLoss: worst[robust] },
  };
}

/** The place of the first of those with the least value. */
function first<T>(items: readonly T[], value: (item: T) => number): number {
  const least = Math.min(...items.map(value));
  return items.findIndex((item) => value(item) <= least + ROUNDING * Math.max(1, Math.abs(least)));
}
