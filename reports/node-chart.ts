import type { TopLevelSpec } from 'vega-lite';
import type { SweepResult } from '../evaluator/sweep-result.ts';
import { type WeightVectors, weightsText } from '../models/mempolicy/weights.ts';
import { baselineLabels } from './sweep-text.ts';

/** Colours of nodes the page has, as custom properties; further nodes begin again. */
const COLOURS = 8;

/** The colour of a node, by its place among all nodes. */
export function nodeColour(place: number): string {
  return `var(--node${place % COLOURS})`;
}

/** The weights beside a bar; left out where they would take more room on a narrow chart than the bar. */
function labelOf(weights: WeightVectors, width: number): string {
  const text = weightsText(weights);
  return width < 500 && text.length > 11 ? '' : text;
}

/** How much longer than the longest bar the axis is, so that weights fit beside it; bars have some 150 px if narrow. */
function roomFor(bars: readonly { label: string }[], width: number): number {
  const longest = Math.max(...bars.map(({ label }) => label.length));
  return width < 500 ? 1 / (1 - (8 + 7 * longest) / 150) : 1.18;
}

/** What each node carries under the recommended weights and the baselines, stacked. `width` in pixels. */
export function nodeChart(result: SweepResult, width: number): TopLevelSpec {
  const { machine, optimum, baselines, evaluations } = result;
  const recommended = weightsText(optimum.weights);
  const chosen = evaluations.filter((e) => weightsText(e.weights) === recommended);
  const bars = [
    ...chosen.map((evaluation) => ({ policy: 'recommended', evaluation })),
    ...Object.entries(baselineLabels(result)).map(([name, policy]) => ({
      policy,
      evaluation: baselines[name as keyof typeof baselines],
    })),
  ];
  const names = machine.nodes.map((n) => `node ${n.id} (${n.kind})`);
  const parts = bars.flatMap(({ policy, evaluation }) =>
    evaluation.nodes.map((node, k) => ({
      policy,
      node: names[k],
      gbps: node.readGbps + node.writeGbps,
    })),
  );
  const totals = bars.map(({ policy, evaluation }) => ({
    policy,
    gbps: evaluation.throughputGbps,
    label: labelOf(evaluation.weights, width),
  }));
  const y = {
    field: 'policy',
    type: 'nominal' as const,
    sort: null,
    axis: { title: null, labelLimit: 0, ticks: false, domain: false },
  };
  const highest = Math.max(...totals.map((t) => t.gbps));
  const scale = { domain: [0, highest * roomFor(totals, width)], nice: false };
  return {
    width,
    height: bars.length * 26 + 40,
    autosize: { type: 'fit', contains: 'padding' },
    layer: [
      {
        data: { values: parts },
        mark: { type: 'bar', height: 16 },
        encoding: {
          y,
          x: {
            field: 'gbps',
            type: 'quantitative',
            stack: 'zero',
            scale,
            axis: { title: 'GB/s', tickCount: 5 },
          },
          color: {
            field: 'node',
            type: 'nominal',
            scale: { domain: names, range: names.map((_, k) => nodeColour(k)) },
            legend: null,
          },
        },
      },
      {
        data: { values: totals },
        mark: { type: 'text', align: 'left', dx: 5, color: 'var(--soft)' },
        encoding: { y, x: { field: 'gbps', type: 'quantitative' }, text: { field: 'label' } },
      },
    ],
  };
}
