import { cachesOfCopies } from '../models/memory/caches-per-copy.ts';
import type { WeightHome } from '../models/mempolicy/weight-home.ts';
import { vectorsOf, weightsText } from '../models/mempolicy/weights.ts';
import { aliasingOf } from './aliasing.ts';
import type { Evaluation } from './evaluation.ts';
import { cachesText } from './result-context.ts';
import type { Scenario } from './scenario.ts';
import { VectorEvaluator } from './vector-evaluator.ts';

/** How far above the continuous optimum an evaluation is worth a word: more than the optimum's own rounding. */
const ABOVE = 1e-9;

/**
 * What a reader should know before acting on an evaluation: threads that take turns, nodes that fill up, pages that alias
 * with the weights. `home` is what the evaluation's weights are of; the scenario's own where it is left out.
 */
export function warningsFor(
  scenario: Scenario,
  evaluation: Evaluation,
  home: WeightHome = scenario.options.weightHome,
): string[] {
  const { options, concurrency } = scenario;
  const warnings: string[] = [];
  const text = weightsText(evaluation.weights);
  const { threads, runningThreads } = concurrency;
  if (threads > runningThreads) {
    warnings.push(`${threads} threads share ${runningThreads} hardware threads and take turns.`);
  }
  warnings.push(...cacheWarnings(scenario));
  warnings.push(...fullNodes(scenario, evaluation, home));
  if (options.discipline === 'address') warnings.push(...aliases(scenario, evaluation, home));
  const { throughputGbps } = scenario.continuous;
  if (options.model !== 'queue' && evaluation.throughputGbps > throughputGbps * (1 + ABOVE)) {
    warnings.push(
      `${text} lies above the best division of all pages in one proportion: its cycle happens to keep apart pages that are read from pages that ` +
        'are written. Another memory layout may not repeat it.',
    );
  }
  const { paths } = scenario.setup.memory;
  const longest = Math.max(...paths.map((p) => p.idle_ns));
  const { reads, writes } = scenario.lines;
  if (4 * reads < writes && (evaluation.meanLoadNs ?? 0) > 10 * longest) {
    warnings.push(
      'Posted writes fill the nodes: the latency of the few reads among them is out of proportion.',
    );
  }
  return warnings;
}

/** Whether a demand was taken behind other caches than a copy has on this machine. */
export function cacheWarnings({ machine, options, demand }: Scenario): string[] {
  const ownCaches = cachesOfCopies(machine, options.copies * (demand.metadata.pinned?.length ?? 1));
  const behind = demand.metadata.caches;
  const alike = JSON.stringify(behind) === JSON.stringify(ownCaches);
  if (behind === undefined || behind.length === 0 || alike) return [];
  return [
    `The demand was taken behind ${cachesText(behind)}; one of ${options.copies} copies on ${machine.name} has ` +
      `${cachesText(ownCaches)}. Start from the trace to filter it anew.`,
  ];
}

/** Which nodes fill up, how many pages that concerns, and where those go. */
function fullNodes(scenario: Scenario, evaluation: Evaluation, home: WeightHome): string[] {
  if (evaluation.missedPages === 0) return [];
  const { machine, options, placed } = scenario;
  const { nodes } = machine;
  const of = pagesText(placed.ilx.length).replace('pages', options.huge ? 'huge pages' : 'pages');
  const missed = new VectorEvaluator(scenario.setup).missed(home, vectorsOf(evaluation.weights));
  return evaluation.nodes.flatMap(({ id, missed: pages }, k) => {
    if (pages === 0) return [];
    const to = nodes.flatMap((node, on) => {
      const there = missed[k * nodes.length + on];
      return there === 0 ? [] : [`${pagesText(there)} to node ${node.id}`];
    });
    return [
      `Node ${id} fills up: of the ${of} of a copy, ${pagesText(pages)} ` +
        `(${percent(pages / placed.ilx.length)}) that ${weightsText(evaluation.weights)} meant for it go elsewhere: ${to.join(', ')}.`,
    ];
  });
}

/** Which pages fall on few places of the cycle of their weights, a sentence or two for each vector. */
function aliases(scenario: Scenario, evaluation: Evaluation, home: WeightHome): string[] {
  const { machine, options, setup, placed } = scenario;
  const pages = options.huge ? 'huge pages' : 'pages';
  return vectorsOf(evaluation.weights).flatMap((vector) => {
    const found = aliasingOf(placed.ilx, home, vector, setup.tiers);
    if (found === undefined) return [];
    const { stride, cycle, hit, node, placed: share, wanted, instead } = found;
    const apart = stride === 1 ? pages : `${pages} ${stride} apart`;
    const unevenly = hit === cycle ? 'unevenly ' : '';
    const said =
      `aliasing: ${apart} under ${weightsText(vector)} (a cycle of ${cycle}) fall ${unevenly}on ${hit} of ${cycle} places: ` +
      `node ${machine.nodes[node].id} has ${percent(share)} of them, not ${percent(wanted)}.`;
    if (instead === undefined) return [said];
    return [`${said} ${weightsText(instead.weights)} puts ${percent(instead.placed)} there.`];
  });
}

function pagesText(pages: number): string {
  return `${Number(pages.toFixed(1)).toLocaleString('en-US')} pages`;
}

function percent(share: number): string {
  return `${Number((100 * share).toFixed(1))} %`;
}
