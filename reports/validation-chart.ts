import type { TopLevelSpec } from 'vega-lite';
import type { Validation } from '../evaluator/validation/validate.ts';

const MODEL = 'closed loop';
const BOUND = 'bottleneck bound';

/** The error of every case, of the closed loop and of the bottleneck bound. `width` in pixels. */
export function validationChart({ cases, groups }: Validation, width: number): TopLevelSpec {
  const points = cases.flatMap(({ group, what, error, bottleneckError }) => {
    const title = groups.find((g) => g.name === group)?.title ?? group;
    const row = group === 'stream-9:1-calibrated' ? `${what}, calibrated` : what;
    return [
      { title, row, model: MODEL, error: 100 * error },
      { title, row, model: BOUND, error: 100 * bottleneckError },
    ];
  });
  const x = {
    field: 'error',
    type: 'quantitative' as const,
    axis: { title: 'predicted over measured, % too high or too low', tickCount: 9 },
  };
  const y = {
    field: 'row',
    type: 'nominal' as const,
    sort: null,
    axis: { title: null, labelLimit: 0, ticks: false, domain: false, grid: true },
  };
  return {
    width,
    height: 26 * cases.length,
    autosize: { type: 'fit', contains: 'padding' },
    title: {
      text: 'Errors of the predictions',
      subtitle: 'published bandwidths, from inputs that do not hold them',
    },
    data: { values: points },
    layer: [
      {
        mark: { type: 'rule', color: 'var(--soft)' },
        data: { values: [{}] },
        encoding: { x: { datum: 0 } },
      },
      {
        mark: { type: 'point', filled: true, size: 70, opacity: 1 },
        encoding: {
          x,
          y,
          color: {
            field: 'model',
            type: 'nominal',
            scale: { domain: [MODEL, BOUND], range: ['var(--node0)', 'var(--node1)'] },
            legend: { title: null, orient: 'bottom' },
          },
          shape: {
            field: 'model',
            type: 'nominal',
            scale: { domain: [MODEL, BOUND], range: ['circle', 'diamond'] },
          },
        },
      },
    ],
  };
}

/** The chart as an SVG file. */
export async function validationSvg(validation: Validation): Promise<string> {
  const { svgFile } = await import('./svg.ts');
  return await svgFile(validationChart(validation, 720));
}
