import { move, workerData } from 'piscina';
import type { Weights } from '../models/mempolicy/weights.ts';
import { rowLength } from './epoch-runner.ts';
import { policyOf, type SweptSpace, sweepTasks } from './swept-vectors.ts';
import { type EvaluatorSetup, VectorEvaluator } from './vector-evaluator.ts';

/** What a worker is given once: the scenario, whose columns are shared memory, and the spaces it may be asked about. */
export type SweepWorkerData = Readonly<{ setup: EvaluatorSetup; spaces: readonly SweptSpace[] }>;

/** One of a space's tasks by its number, or vectors of its own. */
export type WorkerTask = Readonly<
  { space: number } & ({ task: number } | { vectors: readonly Weights[] })
>;

const { setup, spaces } = workerData as SweepWorkerData;
const evaluator = new VectorEvaluator(setup);
const tasks = spaces.map(sweepTasks);

/** Evaluates a task, in the order of `sweepTasks` or of its vectors; returns the rows end to end, as floats. */
export default function evaluateTask(given: WorkerTask): ArrayBuffer {
  const { space } = given;
  const length = rowLength(setup.tiers.length, setup.memory.links.length);
  const policies =
    'task' in given
      ? tasks[space](given.task)
      : given.vectors.map((vector) => policyOf(spaces[space], vector));
  const rows = new Float64Array(policies.length * length);
  for (const [i, vectors] of policies.entries())
    evaluator.evaluate(spaces[space].home, vectors, rows, i * length);
  return move(rows.buffer) as ArrayBuffer;
}
