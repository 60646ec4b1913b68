import type { TopLevelSpec } from 'vega-lite';
import type { SweepResult } from '../evaluator/sweep-result.ts';
import { weighsNodes } from '../models/mempolicy/weight-home.ts';
import { totalOf, vectorsOf, weightsText } from '../models/mempolicy/weights.ts';
import { baselineLabels, candidates } from './sweep-text.ts';

type Evaluation = SweepResult['evaluations'][number];
type Mark = { share: number; gbps: number; label: string; kind: 'recommended' | 'baseline' };

/** The nodes whose share of the weight is the chart's x: those of the fastest tier, or the first of equal ones. */
function frontNodes(result: SweepResult): { places: number[]; label: string } {
  const { nodes } = result.machine;
  const lowest = Math.min(...nodes.map((n) => n.tier));
  const front = nodes.flatMap((n, k) => (n.tier === lowest ? [k] : []));
  const places = front.length === nodes.length ? [0] : front;
  const names = places.map((k) => `${nodes[k].id} (${nodes[k].kind})`).join(', ');
  return { places, label: `share of pages on node ${names}` };
}

/**
 * How the share of pages on these nodes is read from an evaluation: from its weights where those are one for each node, and
 * else from its pages, to a thousandth.
 */
function shareReader(
  { options, machine }: SweepResult,
  places: readonly number[],
): (evaluation: Evaluation) => number {
  const rounded = (share: number, to: number) => Math.round(share * to) / to;
  const ofPages = ({ nodes }: Evaluation) => {
    const all = nodes.reduce((sum, n) => sum + n.pages, 0);
    return rounded(places.reduce((sum, k) => sum + nodes[k].pages, 0) / all, 1e3);
  };
  const several = options.weightHome === 'node' && machine.sockets.length > 1;
  if (several || !weighsNodes(options.weightHome)) return ofPages;
  return ({ weights }) => {
    const [vector] = vectorsOf(weights);
    return rounded(places.reduce((sum, k) => sum + vector[k], 0) / totalOf(vector), 1e6);
  };
}

/** Whether a mark's label would lie on that of one before it: a line apart in height, a label's width apart in share. */
function crowded(mark: Mark, before: readonly Mark[]): boolean {
  return before.some(
    ({ share, gbps }) =>
      Math.abs(share - mark.share) < 0.25 && Math.abs(gbps / mark.gbps - 1) < 0.07,
  );
}

/**
 * Throughput against the share of pages on the fastest tier: the best vector at every share, the recommended
 * vector and the baselines marked, the continuous optimum as a rule. `width` in pixels.
 */
export function throughputChart(result: SweepResult, width: number): TopLevelSpec {
  const { places, label } = frontNodes(result);
  const shareOf = shareReader(result, places);
  const best = new Map<number, number>();
  for (const evaluation of candidates(result)) {
    const share = shareOf(evaluation);
    best.set(share, Math.max(best.get(share) ?? 0, evaluation.throughputGbps));
  }
  const points = [...best]
    .map(([share, gbps]) => ({ share, gbps }))
    .sort((a, b) => a.share - b.share);
  // Over more nodes neighbouring shares come from unlike splits of the rest, which a line would join in zigzag.
  const twoNodes = result.machine.nodes.length <= 2;
  const { optimum, baselines, continuous } = result;
  const { equal, kernelAuto, vendorScript, fastestOnly } = baselines;
  const recommended = weightsText(optimum.weights);
  const chosen = result.evaluations.filter((e) => weightsText(e.weights) === recommended);
  const marks: Mark[] = [
    { evaluation: equal, label: '1:1' },
    { evaluation: kernelAuto, label: baselineLabels(result).kernelAuto.replace(' weights', '') },
    { evaluation: fastestOnly, label: 'fastest alone' },
    { evaluation: vendorScript, label: 'vendor script' },
  ]
    .filter(({ evaluation }) => weightsText(evaluation.weights) !== recommended)
    .map(({ evaluation, label: name }) => ({
      share: shareOf(evaluation),
      gbps: evaluation.throughputGbps,
      label: name,
      kind: 'baseline' as const,
    }))
    .map((mark, i, all) => ({ ...mark, label: crowded(mark, all.slice(0, i)) ? '' : mark.label }));
  for (const evaluation of chosen) {
    marks.push({
      share: shareOf(evaluation),
      gbps: optimum.throughputGbps,
      label: recommended,
      kind: 'recommended',
    });
  }
  const x = {
    field: 'share',
    type: 'quantitative' as const,
    axis: { format: '%', title: label, grid: false, tickCount: 6 },
  };
  const y = { field: 'gbps', type: 'quantitative' as const, axis: { title: 'GB/s', tickCount: 5 } };
  const marked = (kind: Mark['kind']) => ({ values: marks.filter((m) => m.kind === kind) });
  return {
    width,
    height: 260,
    autosize: { type: 'fit', contains: 'padding' },
    layer: [
      {
        data: { values: [{ gbps: continuous.throughputGbps, label: 'continuous optimum' }] },
        encoding: { y },
        layer: [
          { mark: { type: 'rule', color: 'var(--soft)', strokeDash: [4, 4] } },
          {
            mark: { type: 'text', align: 'left', baseline: 'bottom', dy: -3, color: 'var(--soft)' },
            encoding: { x: { value: 4 }, text: { field: 'label' } },
          },
        ],
      },
      {
        data: { values: points },
        mark: twoNodes
          ? { type: 'line', color: 'var(--node0)', strokeWidth: 2 }
          : { type: 'point', filled: true, size: 14, color: 'var(--node0)', opacity: 0.8 },
        encoding: { x, y },
      },
      {
        data: marked('baseline'),
        encoding: { x, y },
        layer: [
          { mark: { type: 'point', filled: true, size: 60, color: 'var(--soft)', opacity: 1 } },
          {
            mark: {
              type: 'text',
              align: 'right',
              baseline: 'top',
              dx: -4,
              dy: 9,
              color: 'var(--soft)',
            },
            encoding: { text: { field: 'label' } },
          },
        ],
      },
      {
        data: marked('recommended'),
        encoding: { x, y },
        layer: [
          { mark: { type: 'point', filled: true, size: 130, color: 'var(--accent)', opacity: 1 } },
          {
            mark: {
              type: 'text',
              align: 'right',
              baseline: 'bottom',
              dx: -10,
              dy: -2,
              fontWeight: 'bold',
              color: 'var(--accent)',
            },
            encoding: { text: { field: 'label' } },
          },
        ],
      },
    ],
  };
}
