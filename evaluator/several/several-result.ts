import { type WeightVectors, weightsText } from '../../models/mempolicy/weights.ts';
import type { Evaluation } from '../evaluation.ts';
import type { Inputs } from '../result-context.ts';
import { evaluate, type Scenario } from '../scenario.ts';
import type { Sweep } from '../sweep.ts';
import type { SweepResult } from '../sweep-result.ts';
import { type ChoiceOptions, sweepResultOf } from '../sweep-result-of.ts';
import { cacheWarnings, warningsFor } from '../warnings.ts';
import type { SharedVector } from './choose-several.ts';
import type { AlternatingResult, SeveralResult } from './result.ts';
import type { SeveralSweep } from './sweep-several.ts';

/** A program, what the user named, how much it counts, and the sub-folder for its own results. */
export type NamedTrace = Readonly<{
  scenario: Scenario;
  inputs: Inputs;
  weight?: number;
  folder?: string;
}>;

/** How much longer is worth a word. */
const LONGER = 0.01;

/** All that several.json holds, and each trace's own sweep.json. */
export type SeveralResults = Readonly<{ result: SeveralResult; own: readonly SweepResult[] }>;

/**
 * The results of a sweep of several traces, in their order; `options` are those it was made with, and how each trace's own
 * choice is resampled.
 */
export function severalResults(
  traces: readonly NamedTrace[],
  swept: SeveralSweep,
  options: ChoiceOptions = {},
): SeveralResults {
  const sharers = swept.together === undefined ? 1 : traces.length;
  const own = traces.map(({ scenario, inputs }, i) => {
    const warned = sharing(scenario, sharers);
    const result = sweepResultOf(scenario, inputs, swept.sweeps[i], options, warned);
    const assumptions = [...result.assumptions, ...sharedCaches(scenario, sharers)];
    return { ...result, assumptions };
  });
  return { result: resultOf(traces, swept, own), own };
}

function resultOf(
  traces: readonly NamedTrace[],
  swept: SeveralSweep,
  contexts: readonly SweepResult[],
): SeveralResult {
  const { shared, together, sweeps, maxTotal } = swept;
  const [{ version, machine, machineGiven, machineSha256 }] = contexts;
  const lines = traces.map(({ scenario }) => scenario.lines.reads + scenario.lines.writes);
  const allLines = lines.reduce((a, b) => a + b, 0);
  const common = {
    ...{ version, machine, machineGiven, machineSha256 },
    options: optionsOf(contexts),
    maxTotal,
    traces: traces.map(({ weight = 1, folder }, i) => ({
      ...contexts[i].traces[0],
      ...(together === undefined ? { weight } : {}),
      shareOfLines: lines[i] / allLines,
      best: { ...sweeps[i].optimum.best },
      recommended: {
        weights: sweeps[i].optimum.weights,
        throughputGbps: sweeps[i].optimum.throughputGbps,
      },
      continuous: contexts[i].continuous,
      ...(folder === undefined ? {} : { folder }),
    })),
  };
  if (shared !== undefined) {
    const { recommended, best, plateau, minimax, vectors } = shared;
    return {
      mode: 'alternating',
      ...common,
      assumptions: [
        'The traces run one after another, each by itself on the machine, under the same weights.',
        "The mean is the geometric one of each trace's throughput over that of its own best vector, by --weight.",
        ...saidOf(
          traces,
          contexts.map((c) => c.assumptions),
        ),
      ],
      warnings: saidOf(
        traces,
        traces.map(({ scenario }, i) => [
          ...new Set(
            [recommended, minimax].flatMap(({ weights }) =>
              warningsFor(scenario, evaluationIn(scenario, sweeps[i], weights)),
            ),
          ),
        ]),
      ),
      recommended: vectorOut(recommended),
      bestMean: vectorOut(best),
      plateau: [...plateau],
      minimax: vectorOut(minimax),
      vectors: vectors.map(vectorOut),
    };
  }
  const { scenario, sweep } = together as NonNullable<SeveralSweep['together']>;
  const { computeNs: _, outstandingFrom, computeFrom, ...concurrency } = scenario.concurrency;
  const { optimum, evaluations } = sweep;
  const useOf = ({ weights, throughputGbps, missedPages }: Evaluation) => ({
    weights,
    throughputGbps,
    shareOfBest: throughputGbps / optimum.best.throughputGbps,
    missedPages,
  });
  const recommended = evaluationIn(scenario, sweep, optimum.weights);
  const best = evaluationIn(scenario, sweep, optimum.best.weights);
  return {
    mode: 'together',
    ...common,
    assumptions: [
      `${scenario.options.copies} ${scenario.options.copies === 1 ? 'copy' : 'copies'} of each trace run side by side, in step: share by share of each trace's own run.`,
      'A step takes as long as all its lines together; compute times count by reads in flight. Of one trace only its share of the lines is known, not its own time.',
      `Each trace's own best is by itself on the machine, behind its share of the caches among all ${traces.length * scenario.options.copies} copies.`,
      `${concurrency.slots} reads in flight: ${concurrency.runningThreads} running threads of all traces.`,
      ...saidOf(
        traces,
        contexts.map((c) => c.assumptions),
      ),
    ],
    warnings: [
      ...warningsFor(scenario, recommended),
      ...saidOf(
        traces,
        traces.map((t) => cacheWarnings(sharing(t.scenario, traces.length))),
      ),
      ...slowAlone(traces, sweeps, recommended),
    ],
    concurrency: { ...concurrency, sockets: [...concurrency.sockets] },
    epochs: scenario.demand.epochTime.length,
    continuous: {
      ...sweep.continuous,
      fractions: [...sweep.continuous.fractions],
    },
    recommended: useOf(recommended),
    best: useOf(best),
    plateau: [...optimum.plateau],
    vectors: evaluations.map(useOf),
  };
}

/**
 * Which traces take longer by themselves than the model says of all together. Reads in flight are pooled, so one that keeps
 * few of its own borrows those of others, which no program can.
 */
function slowAlone(
  traces: readonly NamedTrace[],
  sweeps: readonly Sweep[],
  together: Evaluation,
): string[] {
  return traces.flatMap(({ scenario, inputs }, i) => {
    const alone = evaluationIn(scenario, sweeps[i], together.weights).timeNs / together.timeNs;
    if (alone <= 1 + LONGER) return [];
    return [
      `${inputs.file} alone takes ${alone.toFixed(2)} times as long as all traces together are said to, since those pool their reads in flight; ` +
        `in step they reach at most ${(together.throughputGbps / alone).toFixed(1)} GB/s.`,
    ];
  });
}

/** What a sweep found of a vector; of one it did not hold, what evaluating it finds. */
function evaluationIn(scenario: Scenario, sweep: Sweep, weights: WeightVectors): Evaluation {
  const text = weightsText(weights);
  return (
    sweep.evaluations.find((e) => weightsText(e.weights) === text) ?? evaluate(scenario, weights)
  );
}

/** What a sweep of a trace by itself takes over from the traces it will run beside. */
function sharedCaches({ demand, options }: Scenario, sharers: number): string[] {
  if (sharers === 1 || (demand.metadata.caches ?? []).length === 0) return [];
  return [
    `Swept alone, but behind the caches of one of ${options.copies * sharers} copies: those of all traces that run together.`,
  ];
}

/** A scenario of which so many share the caches at the same time, as warnings see it. */
function sharing(scenario: Scenario, sharers: number): Scenario {
  const { options } = scenario;
  return { ...scenario, options: { ...options, copies: options.copies * sharers } };
}

/** What all traces were run with; the epochs of the one that was cut, where some are demands. */
function optionsOf(contexts: readonly SweepResult[]): SweepResult['options'] {
  return (contexts.find((c) => c.options.epochs !== undefined) ?? contexts[0]).options;
}

/** Sentences about each trace: what is said of all of them once, the rest with the trace's name before it. */
function saidOf(traces: readonly NamedTrace[], lists: readonly (readonly string[])[]): string[] {
  const [first] = lists;
  const ofAll = first.filter((sentence) => lists.every((list) => list.includes(sentence)));
  const ofEach = lists.flatMap((list, i) =>
    list
      .filter((sentence) => !ofAll.includes(sentence))
      .map((sentence) => `${traces[i].inputs.file}: ${sentence}`),
  );
  return [...new Set([...ofAll, ...ofEach])];
}

function vectorOut({ sharesOfBest, ...rest }: SharedVector): AlternatingResult['recommended'] {
  const { weights, mean, worst, missedPages } = rest;
  return { weights, sharesOfBest: [...sharesOfBest], mean, worst, missedPages };
}
