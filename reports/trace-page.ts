import { htmlEscape } from 'escape-goat';
import { samplingSentences } from '../traces/sampling.ts';
import type { TraceInfo } from '../traces/trace-info.ts';
import { definitions, figure, type Html, htmlPage, table } from './html-page.ts';
import { bytesText, countOf, countText, percentText, unbroken } from './quantity.ts';
import { footprintChart, hotPagesChart, missRatioChart, trafficChart } from './trace-charts.ts';
import {
  aliasSentence,
  hotSentence,
  infoFacts,
  missRows,
  missSentence,
  phaseRows,
  strideRows,
} from './trace-info-text.ts';

/** What is in a trace or a demand as a page that loads nothing, the same for the same information. */
export async function tracePage(info: TraceInfo): Promise<Html> {
  const unit = info.kind === 'demand' ? 'lines' : 'accesses';
  const footprint = `${bytesText(info.footprintBytes)} touched by ${countOf(info.accesses, 'access', 'accesses')}`;
  const parts = [
    htmlEscape`<h1>${unbroken(`${info.file}: ${footprint}`)}</h1>`,
    ...samplingSentences(info).map((line) => htmlEscape`<p class="warning">${line}</p>`),
    definitions(infoFacts(info)),
    '<h2>Traffic over the run</h2>',
    '<p class="soft"><span class="key"><i style="background: var(--node0)"></i>read</span>' +
      '<span class="key"><i style="background: var(--node1)"></i>written</span></p>',
    await figure(
      (width) => trafficChart(info, width),
      `${countOf(info.intervals.length, 'interval')}, ${countOf(info.phases.length, 'phase')}; dashed lines are where one begins.`,
      `${unit} read and written in every interval of the run`,
    ),
    table(['phase', `from (${info.timeUnit})`, 'to', unit, 'reads', 'pages'], phaseRows(info)),
    '<h2>Hot pages</h2>',
    await figure(
      (width) => hotPagesChart(info, width),
      hotSentence(info),
      `Share of ${unit} on the hottest share of pages`,
    ),
    table(
      ['hottest pages', unit, 'share'],
      info.hottestPages.map((p) => [p.address, countText(p.count), percentText(p.share)]),
    ),
    '<h2>Footprint</h2>',
    await figure(
      (width) => footprintChart(info, width),
      'Memory touched since the beginning.',
      'MiB touched over the run',
    ),
  ];
  if (info.mappings !== undefined) {
    const rows = info.mappings.map((m) => [m.kind, countText(m.pages), percentText(m.share)]);
    parts.push(table(['mapping', 'pages', unit], rows));
  }
  if (info.reuse !== undefined) {
    parts.push(
      '<h2>Reuse</h2>',
      await figure(
        (width) => missRatioChart(info, width),
        `What a fast memory of that size would miss, were it to hold the pages used last. ${missSentence(info)}`,
        'Share of accesses missed by a least-recently-used memory of every size',
      ),
      table(['fast memory', 'pages', 'misses'], missRows(info)),
    );
  }
  parts.push('<h2>Strides and aliasing</h2>');
  if (info.strides !== undefined)
    parts.push(table(['steps in pages', 'share', 'aliases with totals'], strideRows(info)));
  parts.push(htmlEscape`<p>${unbroken(aliasSentence(info))}</p>`);
  return htmlPage(`${info.file}: numaweave`, parts);
}
