import type { Evaluation } from '../evaluation.ts';
import type { Sweep } from '../sweep.ts';
import type { SweepResult } from '../sweep-result.ts';
import { type ChoiceOptions, sweepResultOf } from '../sweep-result-of.ts';
import { cacheWarnings, warningsFor } from '../warnings.ts';
import type { SharedVector } from './choose-several.ts';
import type { AlternatingResult, SeveralResult } from './result.ts';
import {
  evaluationFor,
  type NamedTrace,
  saidOf,
  sharedCaches,
  sharing,
  slowAlone,
} from './said-of-traces.ts';
import type { SeveralSweep } from './sweep-several.ts';

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
      ...searchedOf(sweeps[i]),
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
        ...(sweeps.every((s) => s.searched === undefined)
          ? []
          : [
              'Vectors were searched for each trace by itself (--budget), then for all: compared are what all searches found, and the fastest of each.',
            ]),
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
              warningsFor(scenario, evaluationFor(scenario, sweeps[i], weights)),
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
  const recommended = evaluationFor(scenario, sweep, optimum.weights);
  const best = evaluationFor(scenario, sweep, optimum.best.weights);
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
    ...searchedOf(sweep),
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

/** How many vectors a sweep searched, where it did. */
function searchedOf({ searched }: Sweep): Pick<SweepResult, 'searched'> {
  return searched === undefined ? {} : { searched };
}

/** What all traces were run with; the epochs of the one that was cut, where some are demands. */
function optionsOf(contexts: readonly SweepResult[]): SweepResult['options'] {
  return (contexts.find((c) => c.options.epochs !== undefined) ?? contexts[0]).options;
}

function vectorOut({ sharesOfBest, ...rest }: SharedVector): AlternatingResult['recommended'] {
  const { weights, mean, worst, missedPages } = rest;
  return { weights, sharesOfBest: [...sharesOfBest], mean, worst, missedPages };
}
