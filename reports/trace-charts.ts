import type { TopLevelSpec } from 'vega-lite';
import type { TraceInfo } from '../traces/trace-info.ts';
import { bytesText } from './quantity.ts';

/** Charts of what is in a trace; `width` in pixels. Colours are the page's custom properties. */

const FIT = { type: 'fit', contains: 'padding' } as const;
const HEIGHT = 240;

/** The share of traffic on the hottest share of pages. */
export function hotPagesChart({ kind, hotPages }: TraceInfo, width: number): TopLevelSpec {
  const percent = (title: string) => ({ format: '%', title, tickCount: 5 });
  const unit = kind === 'demand' ? 'lines' : 'accesses';
  return {
    width,
    height: HEIGHT,
    autosize: FIT,
    data: { values: hotPages.curve.map(({ pages, traffic }) => ({ pages, traffic })) },
    mark: { type: 'line', color: 'var(--node0)', strokeWidth: 2 },
    encoding: {
      x: {
        field: 'pages',
        type: 'quantitative',
        axis: { ...percent('of pages, the hottest first'), grid: false },
      },
      y: { field: 'traffic', type: 'quantitative', axis: percent(`of ${unit}`) },
    },
  };
}

/** The share of accesses that a least-recently-used memory of a size would miss. */
export function missRatioChart({ reuse, pageBytes }: TraceInfo, width: number): TopLevelSpec {
  const values = (reuse?.curve ?? []).map(({ pages, missShare }) => ({
    bytes: pages * pageBytes,
    missShare,
  }));
  const ticks = values.map(({ bytes }) => bytes).filter((_, i) => i % 4 === 0);
  const labels = ticks.map((bytes) => `datum.value === ${bytes} ? '${bytesText(bytes)}' : `);
  return {
    width,
    height: HEIGHT,
    autosize: FIT,
    data: { values },
    mark: { type: 'line', color: 'var(--node0)', strokeWidth: 2 },
    encoding: {
      x: {
        field: 'bytes',
        type: 'quantitative',
        scale: { type: 'log', base: 2 },
        axis: {
          title: 'fast memory',
          grid: false,
          values: ticks,
          labelExpr: `${labels.join('')}''`,
        },
      },
      y: {
        field: 'missShare',
        type: 'quantitative',
        scale: { domain: [0, 1] },
        axis: { format: '%', title: 'of accesses missed', tickCount: 5 },
      },
    },
  };
}

/** Reads and writes per time over the run, interval by interval, and where its phases begin. */
export function trafficChart(info: TraceInfo, width: number): TopLevelSpec {
  const { intervals, phases, timeUnit, kind } = info;
  const unit = kind === 'demand' ? 'lines' : 'accesses';
  const values = intervals.flatMap(({ start, duration, reads, writes }) => {
    const time = Math.max(duration, 1);
    const [read, all] = [(1000 * reads) / time, (1000 * (reads + writes)) / time];
    return [
      { op: 'read', start, end: start + time, from: 0, to: read },
      { op: 'written', start, end: start + time, from: read, to: all },
    ];
  });
  const x = {
    field: 'start',
    type: 'quantitative' as const,
    axis: { title: timeUnit, grid: false, format: '~s', tickCount: 6 },
  };
  return {
    width,
    height: HEIGHT,
    autosize: FIT,
    layer: [
      {
        data: { values },
        mark: { type: 'rect', stroke: null },
        encoding: {
          x,
          x2: { field: 'end' },
          y: {
            field: 'from',
            type: 'quantitative',
            axis: { title: `${unit} in 1,000 ${timeUnit}`, format: '~s', tickCount: 5 },
          },
          y2: { field: 'to' },
          color: {
            field: 'op',
            type: 'nominal',
            scale: { domain: ['read', 'written'], range: ['var(--node0)', 'var(--node1)'] },
            legend: null,
          },
        },
      },
      {
        data: { values: phases.slice(1).map(({ start }) => ({ start })) },
        mark: { type: 'rule', color: 'var(--accent)', strokeDash: [4, 4], strokeWidth: 1.5 },
        encoding: { x },
      },
    ],
  };
}

/** Pages touched so far, over the run. */
export function footprintChart(
  { intervals, timeUnit, pageBytes }: TraceInfo,
  width: number,
): TopLevelSpec {
  const values = [
    { time: 0, mib: 0 },
    ...intervals.map(({ start, duration, footprintPages }) => ({
      time: start + duration,
      mib: (footprintPages * pageBytes) / 2 ** 20,
    })),
  ];
  return {
    width,
    height: HEIGHT,
    autosize: FIT,
    data: { values },
    mark: { type: 'line', color: 'var(--node2)', strokeWidth: 2 },
    encoding: {
      x: {
        field: 'time',
        type: 'quantitative',
        axis: { title: timeUnit, grid: false, format: '~s', tickCount: 6 },
      },
      y: { field: 'mib', type: 'quantitative', axis: { title: 'MiB touched', tickCount: 5 } },
    },
  };
}
