import { move, workerData } from 'piscina';
import { reducedVectors } from '../models/mempolicy/weights.ts';
import { type EvaluatorSetup, rowLength, VectorEvaluator } from './vector-evaluator.ts';

// The setup comes once with the worker; its columns are shared memory, so nothing is copied per task.
const setup = workerData as EvaluatorSetup;
const evaluator = new VectorEvaluator(setup);

/** Evaluates every reduced vector of one total, in the order of `reducedVectors`; returns their rows end to end, as floats. */
export default function evaluateTotal(total: number): ArrayBuffer {
  const nodes = setup.memory.paths.length;
  const vectors = [...reducedVectors(nodes, total)];
  const rows = new Float64Array(vectors.length * rowLength(nodes));
  evaluator.setTotal(total);
  for (const [i, weights] of vectors.entries())
    evaluator.evaluate(weights, rows, i * rowLength(nodes));
  return move(rows.buffer) as ArrayBuffer;
}
