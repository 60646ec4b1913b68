import type { Machine } from '../models/memory/machine.ts';
import { memorySystem } from '../models/memory/memory-system.ts';
import { kernelVersion } from '../models/mempolicy/kernel-version.ts';
import { usablePages } from '../models/mempolicy/watermarks.ts';
import type { WeightHome } from '../models/mempolicy/weight-home.ts';
import { vectorsOf, type WeightVectors } from '../models/mempolicy/weights.ts';
import { zonelists } from '../models/mempolicy/zonelist.ts';
import { topologyOf } from '../models/topology-of.ts';
import { type Demand, totalLines } from '../traces/demand.ts';
import { type Concurrency, concurrency, type RunOptions } from './concurrency.ts';
import { type ContinuousOptimum, continuousOptimum } from './continuous-optimum.ts';
import { rowLength } from './epoch-runner.ts';
import { type Evaluation, evaluationOf } from './evaluation.ts';
import { columnsBySocket, pinnedSockets } from './pinned-threads.ts';
import { type PlacedPages, placedPages } from './placed-pages.ts';
import { DEFAULT_POLICY, type PolicyOptions } from './policy-options.ts';
import { type EvaluatorSetup, VectorEvaluator } from './vector-evaluator.ts';
import { checkVectors } from './weight-vectors.ts';

/** A demand on a machine, run in a given way: everything but the weights. */
export type Scenario = Readonly<{
  demand: Demand;
  machine: Machine;
  options: RunOptions & PolicyOptions;
  concurrency: Concurrency;
  /** The pages that are placed, base or huge ones. */
  placed: PlacedPages;
  setup: EvaluatorSetup;
  /** Lines of all copies. */
  lines: Readonly<{ reads: number; writes: number }>;
  continuous: ContinuousOptimum;
}>;

/**
 * Puts a demand on a machine. Throws where the copies need more memory than the machine has, where the kernel is none that
 * is modelled, and where huge pages are no larger than the machine's pages.
 */
export function scenario(demand: Demand, machine: Machine, given: RunOptions): Scenario {
  const options = { ...DEFAULT_POLICY, ...given };
  const { copies, discipline, huge, kernel, weightHome } = options;
  kernelVersion(kernel);
  const pinned = pinnedSockets(demand, machine, weightHome);
  const run = concurrency(demand, machine, options, pinned);
  const placed = placedPages(demand, discipline, huge);
  const { epochStart, reads, writes } = demand;
  const topology = topologyOf(machine);
  const basePages = placed.bytes / machine.page_bytes;
  const usable = usablePages(topology, huge).map((pages) => Math.floor(pages / basePages));
  const needed = copies * placed.ilx.length;
  const room = usable.reduce((sum, pages) => sum + pages, 0);
  const gib = (pages: number) => `${((pages * placed.bytes) / 2 ** 30).toFixed(2)} GiB`;
  const outOfMemory =
    `machine ${machine.name}: out of memory (got ${copies} ${copies === 1 ? 'copy' : 'copies'} that need ${gib(needed)}, ` +
    `expected at most ${gib(room)} on all nodes together${needed > room ? '' : ', and room for a page of all copies'})`;
  if (needed > room) throw new Error(outOfMemory);
  const columns = { ilx: placed.ilx, epochStart, page: placed.page, reads, writes };
  const { socket } = demand;
  const setup: EvaluatorSetup = {
    demand:
      pinned === undefined || socket === undefined
        ? columns
        : columnsBySocket(columns, socket, pinned.length),
    memory: memorySystem(machine, ...run.sockets.keys()),
    model: options.model ?? 'closed-loop',
    queueLines: options.queueLines ?? Number.POSITIVE_INFINITY,
    slots: run.sockets.map((s) => s.slots),
    copies: pinned === undefined ? run.sockets.map((s) => s.copies) : [copies],
    spanning: pinned !== undefined,
    computeNs: run.computeNs,
    samplePeriod: demand.metadata.samplePeriod,
    tiers: machine.nodes.map((n) => n.tier),
    usable,
    zonelists: zonelists(topology),
    outOfMemory,
  };
  const counted = totalLines(demand);
  return {
    demand,
    machine,
    options,
    concurrency: run,
    placed,
    setup,
    lines: { reads: counted.reads * copies, writes: counted.writes * copies },
    continuous: continuousOptimum(setup),
  };
}

/**
 * Evaluates one vector of weights, or several where the weight home holds several, just as a sweep does; `home` is the
 * scenario's own where it is left out. Throws where the vectors are not what the home holds, and where memory runs out.
 */
export function evaluate(
  scenario: Scenario,
  weights: WeightVectors,
  home: WeightHome = scenario.options.weightHome,
): Evaluation {
  return evaluationIn(scenario, weights, evaluatedRow(scenario, weights, home), 0);
}

/** The row of the vector evaluator that `evaluate` reads; throws where that does. */
export function evaluatedRow(
  { machine, options, setup }: Scenario,
  weights: WeightVectors,
  home: WeightHome,
): Float64Array {
  const vectors = vectorsOf(weights);
  checkVectors(vectors, home, machine, options.copies);
  const row = new Float64Array(rowLength(machine.nodes.length, setup.memory.links.length));
  new VectorEvaluator(setup).evaluate(home, vectors, row, 0);
  return row;
}

/** The evaluation in one of the rows of a scenario's vector evaluator. */
export function evaluationIn(
  scenario: Scenario,
  weights: WeightVectors,
  rows: Float64Array,
  at: number,
): Evaluation {
  const { machine, setup, lines, continuous } = scenario;
  return evaluationOf(weights, rows, at, {
    nodeIds: machine.nodes.map((n) => n.id),
    memory: setup.memory,
    lines,
    optimumGbps: continuous.throughputGbps,
  });
}
