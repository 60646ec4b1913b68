/**
 * Why a vector is as fast as it is: which of the asymptotic bounds of operational analysis (bottleneck.ts) needs most of the
 * run, and what one unit of weight more or less would do.
 *
 *     a node or a lane:  its busy time over the run's time
 *     slots:             (sum over epochs of the slowest socket's C + sum of r * idle / Q) over the run's time
 *
 * Where slots need most, computing is the bound if it is at least half of that. Left out: that another bound may lead in
 * some of the epochs.
 */

import {
  MAX_WEIGHT,
  reduced,
  shortestOf,
  totalOf,
  vectorsOf,
  type Weights,
  type WeightVectors,
  weightsText,
} from '../models/mempolicy/weights.ts';
import { ROW, rowLength } from './epoch-runner.ts';
import type { Evaluation } from './evaluation.ts';
import { evaluationIn, type Scenario } from './scenario.ts';
import { VectorEvaluator } from './vector-evaluator.ts';

/** A node's bandwidth, reads in flight at idle latency, a link's lane, or computing. */
export const BOUNDS = ['node', 'latency', 'link', 'compute'] as const;

export type Why = Readonly<{
  bound: (typeof BOUNDS)[number];
  /** Id of the busiest node, and its utilisation, 0 to 1. */
  node: number;
  nodeUtilisation: number;
  /** Id of the link, where one is the bound. */
  link?: string;
  /** How much of the run the bound needs, 0 to 1. */
  utilisation: number;
  /** One more, then one less, of each weight: throughput over the vector's own, less 1. */
  next: readonly Readonly<{ weights: WeightVectors; change: number }>[];
}>;

/** Why an evaluation is as fast as it is; `known` holds evaluations of the same weight home by their weights' text. */
export function whyOf(
  scenario: Scenario,
  evaluation: Evaluation,
  known: ReadonlyMap<string, Evaluation>,
): Why {
  const { setup, machine, options } = scenario;
  const evaluator = new VectorEvaluator(setup);
  const row = new Float64Array(rowLength(machine.nodes.length, setup.memory.links.length));
  const next = neighbours(evaluation.weights).map((weights) => {
    let found = known.get(weightsText(weights));
    if (found === undefined) {
      evaluator.evaluate(options.weightHome, vectorsOf(weights), row, 0);
      found = evaluationIn(scenario, weights, row, 0);
    }
    return { weights, change: found.throughputGbps / evaluation.throughputGbps - 1 };
  });
  return { ...boundOf(scenario, evaluation), next };
}

function boundOf(
  scenario: Scenario,
  { nodes, links = [], timeNs, weights }: Evaluation,
): Omit<Why, 'next'> {
  const busiest = nodes.reduce((a, b) => (b.utilisation > a.utilisation ? b : a));
  const lanes = links.map(({ id, readUtilisation, writeUtilisation }) => ({
    id,
    utilisation: Math.max(readUtilisation, writeUtilisation),
  }));
  const computing = computeNs(scenario) / timeNs;
  const slots = slotsNs(scenario, weights) / timeNs;
  const most = Math.max(busiest.utilisation, slots, ...lanes.map((lane) => lane.utilisation));
  const node = { node: busiest.id, nodeUtilisation: busiest.utilisation };
  if (most === busiest.utilisation) return { bound: 'node', ...node, utilisation: most };
  const lane = lanes.find(({ utilisation }) => utilisation === most);
  if (lane !== undefined) return { bound: 'link', ...node, link: lane.id, utilisation: most };
  if (computing >= slots / 2) return { bound: 'compute', ...node, utilisation: computing };
  return { bound: 'latency', ...node, utilisation: slots };
}

/** Time the slowest socket of every epoch computes, ns. */
function computeNs({ setup }: Scenario): number {
  const sockets = setup.slots.length;
  let sum = 0;
  for (let at = 0; at < setup.computeNs.length; at += sockets)
    sum += Math.max(...setup.computeNs.subarray(at, at + sockets));
  return sum;
}

/** What a run would take if nodes and links had all bandwidth one could want, ns. */
function slotsNs({ setup, options }: Scenario, weights: WeightVectors): number {
  const curve = { queueing: 0, bandwidth: [{ read_share: 1, gbps: 1e30 }] };
  const paths = setup.memory.paths.map(({ socket, node, idle_ns }) => ({
    socket,
    node,
    idle_ns,
    curve,
  }));
  const unlimited = {
    ...setup,
    model: 'bottleneck' as const,
    memory: { ...setup.memory, paths, links: [] },
  };
  const row = new Float64Array(rowLength(setup.tiers.length, 0));
  new VectorEvaluator(unlimited).evaluate(options.weightHome, vectorsOf(weights), row, 0);
  return row[ROW.timeNs];
}

/** The vectors with one more or one less of a weight; not those that mean the same, and none a kernel refuses. */
function neighbours(weights: WeightVectors): WeightVectors[] {
  const vectors = vectorsOf(weights);
  const same = weightsText(vectors.map(reduced));
  return vectors
    .flatMap((vector, v) =>
      vector.flatMap((weight, k) =>
        [weight + 1, weight - 1].map((other): Weights[] =>
          vectors.map((own, i) => (i === v ? vector.with(k, other) : own)),
        ),
      ),
    )
    .filter((changed) =>
      changed.every((own) => own.every((w) => w >= 0 && w <= MAX_WEIGHT) && totalOf(own) > 0),
    )
    .filter((changed) => weightsText(changed.map(reduced)) !== same)
    .map(shortestOf);
}
