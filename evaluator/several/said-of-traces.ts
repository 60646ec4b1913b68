import { type WeightVectors, weightsText } from '../../models/mempolicy/weights.ts';
import type { Evaluation } from '../evaluation.ts';
import type { Inputs } from '../result-context.ts';
import { evaluate, type Scenario } from '../scenario.ts';
import type { Sweep } from '../sweep.ts';

/** A program, what the user named, how much it counts, and the sub-folder for its own results. */
export type NamedTrace = Readonly<{
  scenario: Scenario;
  inputs: Inputs;
  weight?: number;
  folder?: string;
}>;

/** How much longer is worth a word. */
const LONGER = 0.01;

/** Sentences about each trace: what is said of all of them once, the rest with the trace's name before it. */
export function saidOf(
  traces: readonly NamedTrace[],
  lists: readonly (readonly string[])[],
): string[] {
  const [first] = lists;
  const ofAll = first.filter((sentence) => lists.every((list) => list.includes(sentence)));
  const ofEach = lists.flatMap((list, i) =>
    list
      .filter((sentence) => !ofAll.includes(sentence))
      .map((sentence) => `${traces[i].inputs.file}: ${sentence}`),
  );
  return [...new Set([...ofAll, ...ofEach])];
}

/**
 * Which traces take longer by themselves than the model says of all together. Reads in flight are pooled, so one that keeps
 * few of its own borrows those of others, which no program can.
 */
export function slowAlone(
  traces: readonly NamedTrace[],
  sweeps: readonly Sweep[],
  together: Evaluation,
): string[] {
  return traces.flatMap(({ scenario, inputs }, i) => {
    const alone = evaluationFor(scenario, sweeps[i], together.weights).timeNs / together.timeNs;
    if (alone <= 1 + LONGER) return [];
    return [
      `${inputs.file} alone takes ${alone.toFixed(2)} times as long as all traces together are said to, since those pool their reads in flight; ` +
        `in step they reach at most ${(together.throughputGbps / alone).toFixed(1)} GB/s.`,
    ];
  });
}

/** What a sweep found of a vector; of one it did not hold, what evaluating it finds. */
export function evaluationFor(
  scenario: Scenario,
  sweep: Sweep,
  weights: WeightVectors,
): Evaluation {
  const text = weightsText(weights);
  return (
    sweep.evaluations.find((e) => weightsText(e.weights) === text) ?? evaluate(scenario, weights)
  );
}

/** What a sweep of a trace by itself takes over from the traces it will run beside. */
export function sharedCaches({ demand, options }: Scenario, sharers: number): string[] {
  if (sharers === 1 || (demand.metadata.caches ?? []).length === 0) return [];
  return [
    `Swept alone, but behind the caches of one of ${options.copies * sharers} copies: those of all traces that run together.`,
  ];
}

/** A scenario of which so many share the caches at the same time, as warnings see it. */
export function sharing(scenario: Scenario, sharers: number): Scenario {
  const { options } = scenario;
  return { ...scenario, options: { ...options, copies: options.copies * sharers } };
}
