import type { TopLevelSpec } from 'vega-lite';
import { LoadedLatency } from '../models/memory/loaded-latency.ts';
import type { Machine, MachinePath } from '../models/memory/machine.ts';

/** Latency up to which curves are drawn, as a factor of the idle one. */
const HIGHEST = 4;
const POINTS = 60;
const SHARES = [
  { share: 1, name: 'reads only' },
  { share: 2 / 3, name: '2:1' },
  { share: 1 / 2, name: '1:1' },
];
const NAMES = SHARES.map(({ name }) => name);

type Point = { panel: string; reads: string; gbps: number; ns: number };

/** The paths of a machine, those that are alike together. */
function alikePaths({ paths }: Machine): MachinePath[][] {
  const groups = new Map<string, MachinePath[]>();
  for (const path of paths) {
    const key = JSON.stringify([path.idle_ns, path.curve]);
    groups.set(key, [...(groups.get(key) ?? []), path]);
  }
  return [...groups.values()];
}

/** Which paths a panel shows: `nodes 1, 2 (cxl)`, and with several sockets `socket 0 to node 1, 1 to 0 (dram)`. */
function panelName({ sockets, nodes }: Machine, paths: readonly MachinePath[]): string {
  const kinds = paths.map((p) => nodes.find((n) => n.id === p.node)?.kind);
  const kind = ` (${[...new Set(kinds)].join(', ')})`;
  if (sockets.length > 1) {
    const [first, ...others] = paths;
    const more = others.map((p) => `, ${p.socket} to ${p.node}`).join('');
    return `socket ${first.socket} to node ${first.node}${more}${kind}`;
  }
  return `${paths.length > 1 ? 'nodes' : 'node'} ${paths.map((p) => p.node).join(', ')}${kind}`;
}

/** A path's curve at one read share, from the idle latency up to `HIGHEST` times it; denser where it is steep. */
function pointsOf({ curve, idle_ns: idle }: MachinePath, share: number): Omit<Point, 'panel'>[] {
  const latency = new LoadedLatency(curve, idle);
  latency.setShare(share);
  const reads = SHARES.find((s) => s.share === share)?.name ?? '';
  let [low, high] = [0, 1];
  for (let i = 0; i < 40; i++) {
    const middle = (low + high) / 2;
    latency.evaluate(middle);
    if (1 + latency.excess < HIGHEST) low = middle;
    else high = middle;
  }
  return Array.from({ length: POINTS + 1 }, (_, i) => {
    const utilisation = low * (1 - (1 - i / POINTS) ** 2);
    latency.evaluate(utilisation);
    return { reads, gbps: utilisation * latency.gbps, ns: idle * (1 + latency.excess) };
  });
}

/**
 * Loaded latency against bandwidth: a panel for each path of a machine (one for all that are alike), in it a curve for
 * each of three read shares. `columns` is how many panels stand beside each other, at most.
 */
export function latencyChart(machine: Machine, columns: number): TopLevelSpec {
  const panels = alikePaths(machine).map((paths) => ({ paths, panel: panelName(machine, paths) }));
  const points = panels.flatMap(({ paths: [path], panel }) =>
    SHARES.flatMap(({ share }) => pointsOf(path, share).map((p): Point => ({ panel, ...p }))),
  );
  const colors = [0, 1, 2].map((i) => `var(--node${i})`);
  return {
    title: {
      text: `${machine.name}: latency under load`,
      ...(machine.description === undefined ? {} : { subtitle: machine.description }),
    },
    data: { values: points },
    facet: {
      field: 'panel',
      type: 'nominal',
      sort: panels.map(({ panel }) => panel),
      title: null,
    },
    columns: Math.min(columns, panels.length),
    spacing: { row: 16, column: 24 },
    resolve: { scale: { x: 'independent', y: 'independent' } },
    spec: {
      width: 270,
      height: 170,
      mark: { type: 'line', strokeWidth: 2 },
      encoding: {
        x: {
          field: 'gbps',
          type: 'quantitative',
          scale: { nice: 5 },
          axis: { title: 'GB/s', grid: false, tickCount: 5, labelFlush: false },
        },
        y: {
          field: 'ns',
          type: 'quantitative',
          scale: { nice: 5 },
          axis: { title: 'ns', tickCount: 5 },
        },
        order: { field: 'gbps', type: 'quantitative' },
        color: {
          field: 'reads',
          type: 'nominal',
          scale: { domain: NAMES, range: colors },
          legend: {
            title: 'reads : writes',
            titleFontWeight: 'normal',
            orient: 'bottom',
            symbolStrokeWidth: 2,
            symbolSize: 300,
          },
        },
        strokeDash: {
          field: 'reads',
          type: 'nominal',
          scale: {
            domain: NAMES,
            range: [
              [1, 0],
              [6, 3],
              [2, 2],
            ],
          },
        },
      },
    },
  };
}

/** The chart as an SVG file. */
export async function machineSvg(machine: Machine): Promise<string> {
  const { svgFile } = await import('./svg.ts');
  return svgFile(latencyChart(machine, 2));
}
