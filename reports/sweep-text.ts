import type { BaselineName } from '../evaluator/baselines.ts';
import type { EvaluationResult, SweepResult } from '../evaluator/sweep-result.ts';
import { kernelVersion } from '../models/mempolicy/kernel-version.ts';
import type { WeightHome } from '../models/mempolicy/weight-home.ts';
import { weightsText } from '../models/mempolicy/weights.ts';
import {
  alonePays,
  lossSentence,
  placementSentence,
  whySentences,
  withinText,
} from './choice-text.ts';
import { howSureSentences } from './how-sure-text.ts';
import { kernelCommands, kernelWeightsTitle } from './kernel-commands.ts';
import {
  bytesText,
  countOf,
  countText,
  gainText,
  gbpsText,
  latencyText,
  percentText,
} from './quantity.ts';
import { instructionsFor } from './set-commands.ts';
import { paragraph, textTable } from './text-table.ts';

/** What people call the baselines; kernels without auto weights weigh all nodes alike of their own accord. */
export function baselineLabels({
  options,
}: Pick<SweepResult, 'options'>): Readonly<Record<BaselineName, string>> {
  const { autoWeights, name } = kernelVersion(options.kernel);
  return {
    fastestOnly: 'fastest node only',
    slowestOnly: 'slowest node only',
    equal: '1:1 interleave',
    kernelAuto: autoWeights ? 'kernel auto weights' : `kernel ${name} (all 1)`,
    vendorScript: 'vendor script',
    capacityProportional: 'by capacity',
    bandwidthProportional: 'by bandwidth',
  };
}

/** What weight homes are called in a sentence. */
const HOME_WORDS: Readonly<Record<WeightHome, string>> = {
  global: 'global weights',
  policy: 'weights in the policy',
  node: 'weights of each socket',
  memtier: 'weights of memory tiers',
  cgroup: 'weights of each cgroup',
  ratio: 'N:M of memory tiers',
};

/** What the weight home gains or costs against global weights, best against best; undefined where they are the same. */
export function homeSentence({ options, optimum, globalBest }: SweepResult): string | undefined {
  if (globalBest === undefined) return undefined;
  const { weights, throughputGbps } = optimum.best;
  const gain = gainText(throughputGbps, globalBest.throughputGbps);
  return (
    `${HOME_WORDS[options.weightHome].replace(/^\w/, (c) => c.toUpperCase())} at their best (${weightsText(weights)}, ${gbpsText(throughputGbps)} GB/s) against ` +
    `global weights ${weightsText(globalBest.weights)} (${gbpsText(globalBest.throughputGbps)} GB/s): ${gain}.`
  );
}

/** How many vectors would fill a node up, where some do. */
export function fullSentence(result: SweepResult): string {
  const full = result.evaluations.length - candidates(result).length;
  if (full === 0) return '';
  return ` ${countOf(full, 'vector')} would fill a node up and ${full === 1 ? 'is' : 'are'} left out.`;
}

/** What time models other than the closed loop are called. */
const MODEL_WORDS = {
  'closed-loop': [],
  bottleneck: ['the bottleneck bound'],
  queue: ['the queue model'],
};

/** What differs from how mainline places base pages, and from the closed loop, in words; empty where nothing does. */
function policyWords({ options }: SweepResult | EvaluationResult): string {
  const { weightHome, discipline, huge, model } = options;
  return [
    ...(weightHome === 'global' ? [] : [HOME_WORDS[weightHome]]),
    ...(discipline === 'address' ? [] : ['pages in first-touch order']),
    ...(huge ? ['pages of 2 MiB'] : []),
    ...MODEL_WORDS[model],
  ]
    .map((words) => `, ${words}`)
    .join('');
}

const BEST_SHOWN = 8;

/** The sentence a sweep comes down to. */
export function headline(result: SweepResult): string {
  const { optimum, baselines, continuous } = result;
  const gain = gainText(optimum.throughputGbps, baselines.fastestOnly.throughputGbps);
  const alone = weightsText(baselines.fastestOnly.weights) === weightsText(optimum.weights);
  const comparison = alone
    ? `one node alone; ${alonePays(result)}`
    : `${gain} against the fastest node alone (${gbpsText(baselines.fastestOnly.throughputGbps)} GB/s)`;
  return (
    `Recommended weights ${weightsText(optimum.weights)}: ${gbpsText(optimum.throughputGbps)} GB/s, ${comparison}, ` +
    `${percentText(optimum.throughputGbps / continuous.throughputGbps)} of the continuous optimum.`
  );
}

/** What was run, on what: a line for traces, a line for the machine. */
export function runLines(result: SweepResult | EvaluationResult): string[] {
  const [trace] = result.traces;
  const { options, concurrency } = result;
  return [
    `${trace.file}: ${countOf(trace.accesses, 'access', 'accesses')}, ${bytesText(trace.footprintPages * trace.pageBytes)} footprint, ` +
      `${countOf(trace.linesRead, 'line')} read and ${countText(trace.linesWritten)} written at memory`,
    `${result.machine.name}: ${countOf(options.copies, 'copy', 'copies')}, ${countOf(concurrency.slots, 'read')} in flight${policyWords(result)}`,
  ];
}

/** The gain of the recommended weights over each baseline, as rows of text. */
export function baselineRows(result: SweepResult): string[][] {
  const { optimum, baselines } = result;
  return Object.entries(baselineLabels(result)).map(([name, label]) => {
    const baseline = baselines[name as BaselineName];
    return [
      baseline.missedPages > 0 ? `${label} (fills up)` : label,
      gainText(optimum.throughputGbps, baseline.throughputGbps),
      weightsText(baseline.weights),
      gbpsText(baseline.throughputGbps),
      percentText(baseline.shareOfOptimum),
    ];
  });
}

/** The evaluations that were chosen among: those whose pages all lie where they should, or all where there are none. */
export function candidates({ evaluations }: SweepResult): SweepResult['evaluations'] {
  const fitting = evaluations.filter((e) => e.missedPages === 0);
  return fitting.length > 0 ? fitting : evaluations;
}

/** The vectors with the highest throughput, the recommended one among them. */
export function bestEvaluations(result: SweepResult, count: number): SweepResult['evaluations'] {
  const recommended = weightsText(result.optimum.weights);
  const sorted = [...candidates(result)].sort((a, b) => b.throughputGbps - a.throughputGbps);
  const best = sorted.slice(0, count);
  if (best.some((e) => weightsText(e.weights) === recommended)) return best;
  return [...best.slice(0, -1), ...sorted.filter((e) => weightsText(e.weights) === recommended)];
}

/** How many vectors were evaluated, and whether those are all. */
function sweptWords({ evaluations, maxTotal, searched }: SweepResult): string {
  const vectors = countOf(evaluations.length, 'vector');
  if (searched === undefined) return `${vectors} (totals up to ${maxTotal}: --max-total)`;
  return (
    `${vectors} that a search among ${countText(searched.vectors)} came to ` +
    `(totals up to ${maxTotal}: --max-total; --budget evaluates more)`
  );
}

/** A sweep as a terminal shows it: the recommendation, what it gains, how to set it, the best vectors. */
export function sweepText(result: SweepResult, written: readonly string[]): string {
  const { optimum, machine } = result;
  const { commands, notes } = instructionsFor(result);
  const home = homeSentence(result);
  const nodes = machine.nodes.map((n) => n.id).join(' ');
  const best = textTable(
    [
      { name: 'best vectors' },
      { name: 'GB/s', right: true },
      { name: 'of optimum', right: true },
      { name: 'load ns', right: true },
      { name: `% busy, nodes ${nodes}`, right: true },
    ],
    bestEvaluations(result, BEST_SHOWN).map((e) => [
      `${weightsText(e.weights)}${weightsText(e.weights) === weightsText(optimum.weights) ? ' *' : ''}`,
      gbpsText(e.throughputGbps),
      percentText(e.shareOfOptimum),
      latencyText(e.meanLoadNs),
      e.nodes.map((n) => countText(n.utilisation * 100)).join(' '),
    ]),
  );
  const against = textTable(
    [
      { name: 'against' },
      { name: 'gain', right: true },
      { name: 'weights', right: true },
      { name: 'GB/s', right: true },
      { name: 'of optimum', right: true },
    ],
    baselineRows(result),
  );
  return [
    ...runLines(result).map((line) => paragraph(line)),
    '',
    paragraph(headline(result)),
    paragraph(
      `Of ${sweptWords(result)}, ${countText(optimum.plateau.length)} ` +
        `${optimum.plateau.length === 1 ? 'lies' : 'lie'} ${withinText(result)} ` +
        `(${weightsText(optimum.best.weights)}, ${gbpsText(optimum.best.throughputGbps)} GB/s); ` +
        `the shortest cycle among them is recommended.${fullSentence(result)}`,
    ),
    ...(home === undefined ? [] : [paragraph(home)]),
    paragraph(lossSentence(result)),
    paragraph(whySentences(result).join(' ')),
    paragraph(placementSentence(result)),
    ...howSureSentences(result).map((line) => paragraph(line)),
    '',
    against,
    '',
    best,
    '',
    'To set them:',
    ...commands.map((line) => `  ${line}`),
    ...notes.map((line) => paragraph(line, 2)),
    paragraph(kernelWeightsTitle(result)),
    ...kernelCommands(result).map((line) => `  ${line}`),
    ...result.warnings.map((line) => paragraph(`warning: ${line}`)),
    ...(written.length === 0 ? [] : ['', paragraph(`Wrote ${written.join(', ')}.`)]),
  ].join('\n');
}
