import { memorySystem } from '../models/memory/closed-loop.ts';
import type { Machine } from '../models/memory/machine.ts';
import { totalOf, type Weights, weightsText } from '../models/mempolicy/weights.ts';
import { type Demand, totalLines } from '../traces/demand.ts';
import { type Concurrency, concurrency, type RunOptions } from './concurrency.ts';
import { type ContinuousOptimum, continuousOptimum } from './continuous-optimum.ts';
import { type Evaluation, evaluationOf } from './evaluation.ts';
import { type EvaluatorSetup, rowLength, VectorEvaluator } from './vector-evaluator.ts';

/** A demand on a machine, run in a given way: everything but the weights. */
export type Scenario = Readonly<{
  demand: Demand;
  machine: Machine;
  options: RunOptions;
  concurrency: Concurrency;
  setup: EvaluatorSetup;
  /** Lines of all copies. */
  lines: Readonly<{ reads: number; writes: number }>;
  continuous: ContinuousOptimum;
}>;

/** The socket programs run on. Throws for a machine with several: programs that span sockets are not modelled. */
export function onlySocket(machine: Machine): number {
  const { length } = machine.sockets;
  if (length !== 1)
    throw new Error(`machine ${machine.name}: too many sockets (got ${length}, expected 1)`);
  return 0;
}

/** Puts a demand on a machine. Throws where the machine has several sockets. */
export function scenario(demand: Demand, machine: Machine, options: RunOptions): Scenario {
  const socket = onlySocket(machine);
  const run = concurrency(demand, machine, socket, options);
  const { pages, epochStart, page, reads, writes } = demand;
  const setup: EvaluatorSetup = {
    demand: { pages, epochStart, page, reads, writes },
    memory: memorySystem(machine, socket),
    slots: run.slots,
    computeNs: run.computeNs,
    scale: options.copies * demand.metadata.samplePeriod,
  };
  const counted = totalLines(demand);
  return {
    demand,
    machine,
    options,
    concurrency: run,
    setup,
    lines: { reads: counted.reads * options.copies, writes: counted.writes * options.copies },
    continuous: continuousOptimum(setup),
  };
}

/** Evaluates one weight vector, just as a sweep does. Throws where it has not one weight for each node. */
export function evaluate(scenario: Scenario, weights: Weights): Evaluation {
  const nodes = scenario.setup.memory.paths.length;
  if (weights.length !== nodes) {
    throw new Error(
      `weights ${weightsText(weights)}: wrong number (got ${weights.length}, expected ${nodes}, one for each node)`,
    );
  }
  const evaluator = new VectorEvaluator(scenario.setup);
  const row = new Float64Array(rowLength(nodes));
  evaluator.setTotal(totalOf(weights));
  evaluator.evaluate(weights, row, 0);
  return evaluationIn(scenario, weights, row, 0);
}

/** The evaluation in one of the rows of a scenario's vector evaluator. */
export function evaluationIn(
  scenario: Scenario,
  weights: Weights,
  rows: Float64Array,
  at: number,
): Evaluation {
  const { setup, lines, continuous } = scenario;
  return evaluationOf(weights, rows, at, { setup, lines, optimumGbps: continuous.throughputGbps });
}

/** The nodes an evaluation puts more on than they hold: bytes of all copies, and the capacity. */
export function overfullNodes(
  { machine, options, demand }: Scenario,
  { nodes }: Evaluation,
): { id: number; needed: number; capacity: number }[] {
  return machine.nodes
    .map(({ id, capacity_bytes: capacity }, k) => {
      return { id, needed: nodes[k].pages * options.copies * demand.metadata.pageBytes, capacity };
    })
    .filter(({ needed, capacity }) => needed > capacity);
}
