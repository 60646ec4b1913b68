import { Piscina } from 'piscina';
import { shortestOf, type Weights, type WeightVectors } from '../models/mempolicy/weights.ts';
import { workerFile } from '../traces/worker-file.ts';
import { rowLength } from './epoch-runner.ts';
import type { Evaluation } from './evaluation.ts';
import type { Scenario } from './scenario.ts';
import type { SweepWorkerData, WorkerTask } from './sweep-worker.ts';
import type { SweptSpace } from './swept-vectors.ts';

/** Worker threads that evaluate policies of one scenario. */
export type SweepPool = Readonly<{
  /** Evaluates what a home holds under each of these policies, in their order. */
  evaluate: (
    task: WorkerTask,
    policies: readonly (readonly Weights[])[],
  ) => Promise<readonly Evaluation[]>;
  close: () => Promise<void>;
}>;

/** Starts the threads; `readRow` makes an evaluation of a row at a place. Aborting `signal` rejects what is being evaluated. */
export function sweepPool(
  scenario: Scenario,
  spaces: readonly SweptSpace[],
  threads: number,
  readRow: (weights: WeightVectors, rows: Float64Array, at: number) => Evaluation,
  signal?: AbortSignal,
): SweepPool {
  const data: SweepWorkerData = { setup: scenario.setup, spaces };
  const pool = new Piscina({
    ...workerFile(import.meta.url, 'sweep-worker'),
    workerData: data,
    minThreads: threads,
    maxThreads: threads,
  });
  const length = rowLength(scenario.machine.nodes.length, scenario.setup.memory.links.length);
  return {
    evaluate: async (task, policies) => {
      const rows: ArrayBuffer = await pool.run(task, signal === undefined ? {} : { signal });
      const floats = new Float64Array(rows);
      return policies.map((vectors, i) => readRow(shortestOf(vectors), floats, i * length));
    },
    close: () => pool.destroy(),
  };
}
