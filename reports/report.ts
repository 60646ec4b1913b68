import { htmlEscape } from 'escape-goat';
import type { SweepResult } from '../evaluator/sweep-result.ts';
import { weightsText } from '../models/mempolicy/weights.ts';
import { lossSentence, placementSentence, whySentences, withinText } from './choice-text.ts';
import { headline } from './headline.ts';
import { howSure, resampledWith } from './how-sure.ts';
import { definitions, figure, type Html, htmlPage, list, table } from './html-page.ts';
import { kernelCommands, kernelWeightsTitle } from './kernel-commands.ts';
import { nodeChart, nodeColour } from './node-chart.ts';
import {
  bytesText,
  countLying,
  countText,
  gbpsText,
  latencyText,
  percentText,
  unbroken,
} from './quantity.ts';
import { instructionsFor } from './set-commands.ts';
import {
  baselineRows,
  bestEvaluations,
  fullSentence,
  homeSentence,
  runLines,
} from './sweep-text.ts';
import { throughputChart } from './throughput-chart.ts';

const BEST_SHOWN = 12;

/**
 * The report of a sweep: one HTML page that loads nothing, made of the result alone, the same for the same result.
 */
export async function reportHtml(result: SweepResult): Promise<Html> {
  const title = headline(result);
  const { optimum, machine } = result;
  const { commands, notes } = instructionsFor(result);
  const home = homeSentence(result);
  const parts = [
    htmlEscape`<h1>${unbroken(title)}</h1>`,
    ...runLines(result).map((line) => htmlEscape`<p class="soft">${line}</p>`),
    ...result.warnings.map((line) => htmlEscape`<p class="warning">${line}</p>`),
    '<h2>Throughput against weights</h2>',
    await figure(
      (width) => throughputChart(result, width),
      plateauSentence(result),
      'Throughput in GB/s of the best weight vector at every share of pages on the fastest tier',
    ),
    '<h2>What it gains</h2>',
    table(['against', 'gain', 'weights', 'GB/s', 'of optimum'], baselineRows(result)),
    ...(home === undefined ? [] : [htmlEscape`<p>${unbroken(home)}</p>`]),
    htmlEscape`<p>${unbroken(lossSentence(result))}</p>`,
    '<h2>What bounds it</h2>',
    htmlEscape`<p>${unbroken(whySentences(result).join(' '))}</p>`,
    ...howSure(result),
    '<h2>What each node carries</h2>',
    nodeKey(result),
    await figure(
      (width) => nodeChart(result, width),
      'Read and written together, all copies, in GB/s.',
      'GB/s of every node under the recommended weights and each baseline',
    ),
    '<h2>The best vectors</h2>',
    bestTable(result),
    '<h2>To set them</h2>',
    ...(commands.length === 0 ? [] : [htmlEscape`<pre>${commands.join('\n')}</pre>`]),
    list(notes),
    htmlEscape`<p>${kernelWeightsTitle(result)}</p>`,
    htmlEscape`<pre>${kernelCommands(result).join('\n')}</pre>`,
    '<h2>What the model assumes</h2>',
    list([...result.assumptions, placementSentence(result)]),
    '<h2>Where the numbers come from</h2>',
    provenance(result),
  ];
  return htmlPage(
    `${weightsText(optimum.weights)} on ${machine.name}: numaweave`,
    parts,
    result.version,
  );
}

function nodeKey({ machine }: SweepResult): Html {
  const keys = machine.nodes.map(
    ({ id, kind }, k) =>
      `<span class="key"><i style="background: ${nodeColour(k)}"></i>${htmlEscape(`node ${id} (${kind})`)}</span>`,
  );
  return `<p class="soft">${keys.join('')}</p>`;
}

function plateauSentence(result: SweepResult): string {
  const { optimum, evaluations, maxTotal, continuous } = result;
  const split = continuous.fractions.map(percentText).join(' : ');
  return (
    `Each point is the best of the ${countText(evaluations.length)} vectors with a total up to ${maxTotal} at ` +
    `that share. ${countLying(optimum.plateau.length, 'vector')} ${withinText(result)}, ${weightsText(optimum.best.weights)} ` +
    `(${gbpsText(optimum.best.throughputGbps)} GB/s). The continuous optimum, ${gbpsText(continuous.throughputGbps)} GB/s, ` +
    `splits the lines ${split}.${fullSentence(result)}`
  );
}

function bestTable(result: SweepResult): Html {
  const best = bestEvaluations(result, BEST_SHOWN);
  const recommended = weightsText(result.optimum.weights);
  const nodeHead = result.machine.nodes.flatMap(({ id }) => [`node ${id} GB/s`, '% of peak']);
  return table(
    ['weights', 'GB/s', 'of optimum', 'load ns', ...nodeHead],
    best.map((e) => [
      weightsText(e.weights),
      gbpsText(e.throughputGbps),
      percentText(e.shareOfOptimum),
      latencyText(e.meanLoadNs),
      ...e.nodes.flatMap((n) => [gbpsText(n.readGbps + n.writeGbps), percentText(n.utilisation)]),
    ]),
    best.findIndex((e) => weightsText(e.weights) === recommended),
  );
}

function provenance(result: SweepResult): Html {
  const { machine, options } = result;
  const [trace] = result.traces;
  const rows: [string, string][] = [
    ['trace', `${trace.file}, SHA-256 ${trace.sha256}`],
    ['made by', trace.command === undefined ? trace.source : `${trace.source}: ${trace.command}`],
    [
      'footprint',
      `${countText(trace.footprintPages)} pages of ${bytesText(trace.pageBytes)}, ${trace.epochs} epochs`,
    ],
    ['machine', `${machine.name}, SHA-256 ${result.machineSha256}`],
    ['repeat', repeatCommand(result)],
    ['options', JSON.stringify(options)],
  ];
  const { source } = machine;
  if (typeof source === 'string') rows.push(['figures', source]);
  if (typeof source === 'object') rows.push(...Object.entries(source));
  return definitions(rows);
}

function repeatCommand({
  traces,
  machineGiven,
  options,
  concurrency,
  maxTotal,
  searched,
  confidence,
  sensitivity,
}: SweepResult): string {
  const share = ['--compute-share', options.computeShare];
  const timed = { instructions: ['--cpi', options.cpi], ns: share, cycles: share, accesses: [] };
  const words = [
    'numaweave',
    'sweep',
    traces[0].file,
    '--machine',
    machineGiven,
    '--copies',
    options.copies,
    ...(options.outstanding === undefined ? [] : ['--outstanding', options.outstanding]),
    ...timed[concurrency.computeFrom],
    ...(options.epochs === undefined ? [] : ['--epochs', options.epochs]),
    ...(options.pin ?? []).flatMap((pin) => ['--pin', pin]),
    ...['--weight-home', options.weightHome, '--discipline', options.discipline],
    ...['--kernel', options.kernel, ...(options.huge ? ['--huge'] : [])],
    ...(options.model === 'closed-loop' ? [] : ['--model', options.model]),
    ...(options.queueLines === undefined ? [] : ['--queue-lines', options.queueLines]),
    '--max-total',
    maxTotal,
    ...(searched === undefined ? [] : ['--budget', `${searched.budget}v`]),
    ...(options.within === undefined ? [] : ['--within', options.within]),
    ...resampledWith(traces[0].epochs, confidence, sensitivity),
  ];
  return words.map((word) => shellWord(String(word))).join(' ');
}

function shellWord(word: string): string {
  return /^[\w./:=+-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
