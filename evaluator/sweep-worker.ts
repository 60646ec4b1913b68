import { move, workerData } from 'piscina';
import { rowLength } from './epoch-runner.ts';
import { type SweptSpace, sweepTasks } from './swept-vectors.ts';
import { type EvaluatorSetup, VectorEvaluator } from './vector-evaluator.ts';

/** What a worker is given once: the scenario, whose columns are shared memory, and the spaces it may be asked about. */
export type SweepWorkerData = Readonly<{ setup: EvaluatorSetup; spaces: readonly SweptSpace[] }>;

const { setup, spaces } = workerData as SweepWorkerData;
const evaluator = new VectorEvaluator(setup);
const tasks = spaces.map(sweepTasks);

/** Evaluates one task of a space, in the order of `sweepTasks`; returns the rows end to end, as floats. */
export default function evaluateTask({
  space,
  task,
}: {
  space: number;
  task: number;
}): ArrayBuffer {
  const length = rowLength(setup.tiers.length, setup.memory.links.length);
  const policies = tasks[space](task);
  const rows = new Float64Array(policies.length * length);
  for (const [i, vectors] of policies.entries())
    evaluator.evaluate(spaces[space].home, vectors, rows, i * length);
  return move(rows.buffer) as ArrayBuffer;
}
