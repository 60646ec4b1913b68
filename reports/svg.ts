import { parse, View } from 'vega';
import { compile, type TopLevelSpec } from 'vega-lite';
import { PALETTE } from './report-style.ts';

/** Colours and type of every chart; the colours are custom properties, which the page sets for light and dark. */
const CONFIG: NonNullable<TopLevelSpec['config']> = {
  background: 'transparent',
  font: 'system-ui, sans-serif',
  view: { stroke: 'transparent' },
  axis: {
    labelColor: 'var(--soft)',
    titleColor: 'var(--soft)',
    domainColor: 'var(--rule)',
    tickColor: 'var(--rule)',
    gridColor: 'var(--rule)',
    labelFontSize: 12,
    titleFontSize: 12,
    titleFontWeight: 'normal',
  },
  legend: {
    labelColor: 'var(--soft)',
    titleColor: 'var(--soft)',
    labelFontSize: 12,
    titleFontSize: 12,
  },
  title: {
    color: 'var(--ink)',
    subtitleColor: 'var(--soft)',
    fontSize: 14,
    subtitleFontSize: 12,
    anchor: 'start',
    offset: 12,
  },
  header: { labelColor: 'var(--ink)', labelFontSize: 12, labelFontWeight: 600, labelPadding: 6 },
  text: { color: 'var(--ink)', fontSize: 12 },
};

/** Renders a Vega-Lite specification to SVG text, without a browser; the same specification gives the same bytes. */
export async function svgOf(spec: TopLevelSpec): Promise<string> {
  const view = new View(parse(compile({ ...spec, config: CONFIG }).spec), { renderer: 'none' });
  try {
    return await view.toSVG();
  } finally {
    view.finalize();
  }
}

/** In a window too narrow for it, a chart is drawn smaller. */
const FITTING = 'svg:root { max-width: 100%; height: auto; }';

/** The same as a file of its own, which brings its colours along. */
export async function svgFile(spec: TopLevelSpec): Promise<string> {
  const svg = await svgOf(spec);
  return `${svg.replace(/^<svg [^>]*>/, (tag) => `${tag}<style>${PALETTE}\n${FITTING}</style>`)}\n`;
}
