import type { TopLevelSpec } from 'vega-lite';
import type { SweepResult } from '../evaluator/sweep-result.ts';
import { weightsText } from '../models/mempolicy/weights.ts';
import { BASELINE_LABELS } from './sweep-text.ts';

/** Colours of nodes there are; further nodes begin again. */
export const NODE_COLOURS = 6;

/** What each node carries under the recommended weights and the baselines, stacked. `width` in pixels. */
export function nodeChart(result: SweepResult, width: number): TopLevelSpec {
  const { machine, optimum, baselines, evaluations } = result;
  const recommended = weightsText(optimum.weights);
  const chosen = evaluations.find((e) => weightsText(e.weights) === recommended);
  const bars = [
    { label: 'recommended', evaluation: chosen },
    ...Object.entries(BASELINE_LABELS).map(([name, label]) => ({
      label,
      evaluation: baselines[name as keyof typeof baselines],
    })),
  ];
  const values = bars.flatMap(({ label, evaluation }) =>
    (evaluation?.nodes ?? []).map((node, k) => ({
      policy: `${label} ${weightsText(evaluation?.weights ?? [])}`,
      node: `node ${node.id} (${machine.nodes[k].kind})`,
      gbps: node.readGbps + node.writeGbps,
    })),
  );
  const names = machine.nodes.map((n) => `node ${n.id} (${n.kind})`);
  return {
    width,
    height: bars.length * 26 + 70,
    autosize: { type: 'fit', contains: 'padding' },
    data: { values },
    mark: { type: 'bar', height: 16 },
    encoding: {
      y: {
        field: 'policy',
        type: 'nominal',
        sort: null,
        axis: { title: null, labelLimit: 220, ticks: false, domain: false },
      },
      x: { field: 'gbps', type: 'quantitative', stack: 'zero', axis: { title: 'GB/s', tickCount: 5 } },
      color: {
        field: 'node',
        type: 'nominal',
        scale: { domain: names, range: names.map((_, k) => `var(--node${k % NODE_COLOURS})`) },
        legend: { title: null, orient: 'top', columns: 3 },
      },
    },
  };
}
