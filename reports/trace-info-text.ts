import { samplingSentences } from '../traces/sampling.ts';
import type { TraceInfo } from '../traces/trace-info.ts';
import { bytesText, countOf, countText, percentText } from './quantity.ts';
import { paragraph, textTable } from './text-table.ts';

/** Points of the miss-ratio curve a terminal shows, and totals that alias. */
const MISS_POINTS = 8;
const ALIASES_SHOWN = 8;

/** What a trace or a demand is, name by name. */
export function infoFacts(info: TraceInfo): [string, string][] {
  const { accesses, loads, stores } = info;
  const share = (n: number) => percentText(n / Math.max(1, accesses));
  const rows: [string, string][] = [
    ['file', `${info.file} (${info.kind}${info.kind === 'trace' ? `, ${info.level} level` : ''})`],
    ['source', info.source],
    ['command', info.command ?? 'unknown'],
    ['accesses', countText(accesses)],
    ['loads', `${countText(loads)}  (${share(loads)})`],
    ['stores', `${countText(stores)}  (${share(stores)})`],
  ];
  if (info.fetches !== undefined) {
    const code = countOf(info.codePages ?? 0, 'page');
    rows.push(['fetches', `${countText(info.fetches)} of instructions, on ${code} of code`]);
  }
  rows.push(['threads', threadsText(info)]);
  rows.push([
    'footprint',
    `${countOf(info.footprintPages, 'page')} of ${bytesText(info.pageBytes)}: ${bytesText(info.footprintBytes)}`,
  ]);
  if (info.physical) rows.push(['addresses', 'physical']);
  rows.push(['duration', `${countText(info.duration)} ${info.timeUnit}`]);
  if (info.kind === 'demand') {
    const [read, written] = [info.linesRead ?? 0, info.linesWritten ?? 0];
    rows.push([
      'memory',
      `${countText(read)} lines read (${percentText(info.readShare)}), ${countText(written)} written`,
    ]);
    rows.push(['epochs', countText(info.epochs ?? 0)]);
  }
  if (info.samplePeriod > 1)
    rows.push(['sampling', `1 access in ${countText(info.samplePeriod)} recorded`]);
  if (info.outstanding !== undefined)
    rows.push(['in flight', countOf(info.outstanding, 'read per thread', 'reads per thread')]);
  return rows;
}

function threadsText({ threads, busiestThreads = [] }: TraceInfo): string {
  if (threads < 2 || busiestThreads.length === 0) return countText(threads);
  const busiest = busiestThreads
    .slice(0, 3)
    .map(({ thread, share }) => `${thread}: ${percentText(share)}`);
  return `${countText(threads)}  (busiest ${busiest.join(', ')})`;
}

/** How hot the hottest pages are, in a sentence. */
export function hotSentence({ kind, hotPages }: TraceInfo): string {
  const what = kind === 'demand' ? 'lines' : 'accesses';
  const { top1Percent, top10Percent, top50Percent } = hotPages;
  return (
    `The hottest 1 % of pages have ${percentText(top1Percent)} of the ${what}, 10 % have ${percentText(top10Percent)}, ` +
    `50 % have ${percentText(top50Percent)}.`
  );
}

/** Which totals of weights fall together with where the traffic is, in a sentence. */
export function aliasSentence({ aliasingTotals }: TraceInfo): string {
  if (aliasingTotals.length === 0) {
    return 'Weights of no total from 2 to 64 alias with where the traffic is: each spreads it over all places of its cycle.';
  }
  const worst = aliasingTotals.toSorted((a, b) => b.times - a.times || a.total - b.total);
  const shown = worst
    .slice(0, ALIASES_SHOWN)
    .map(({ total, share }) => `${total} (one place in ${total} has ${percentText(share)})`);
  const more = worst.length > shown.length ? `, and ${worst.length - shown.length} more` : '';
  return `Aliasing: weights of these totals fall together with where the traffic is: ${shown.join(', ')}${more}.`;
}

/** The rows of the table of strides. */
export function strideRows({ strides }: TraceInfo): string[][] {
  if (strides === undefined) return [];
  const rows = strides.strides.map(({ pages, share, aliases }) => [
    `${pages > 0 ? '+' : ''}${countText(pages)}`,
    percentText(share),
    aliases.length === 0 ? 'none' : totalsText(aliases),
  ]);
  return [...rows, ['beyond 4,096', percentText(strides.far), 'unknown']];
}

function totalsText(totals: readonly number[]): string {
  const shown = totals.slice(0, 6).join(', ');
  return totals.length > 6 ? `${shown} … (${totals.length} up to 32)` : shown;
}

/** The rows of the table of phases; times in the trace's unit. */
export function phaseRows({ phases }: TraceInfo): string[][] {
  return phases.map((phase, i) => [
    String(i + 1),
    countText(phase.start),
    countText(phase.end),
    percentText(phase.share),
    percentText(phase.readShare),
    countText(phase.pages),
  ]);
}

/** The points of the miss-ratio curve worth showing: the largest sizes, down to where it stays as it is. */
export function missRows({ reuse, pageBytes }: TraceInfo): string[][] {
  return (reuse?.curve ?? [])
    .slice(-MISS_POINTS)
    .map(({ pages, missShare }) => [
      bytesText(pages * pageBytes),
      countText(pages),
      percentText(missShare),
    ]);
}

/** How the miss-ratio curve was found. */
export function missSentence({ reuse }: TraceInfo): string {
  if (reuse === undefined || reuse.followedShare === 1) return 'Every page was followed.';
  return `Found from ${countOf(reuse.followedPages, 'page')}, one in ${countText(1 / reuse.followedShare)}.`;
}

const right = (name: string) => ({ name, right: true });

/** What is in a trace or a demand, as a terminal shows it. */
export function traceInfoText(info: TraceInfo): string {
  const unit = info.kind === 'demand' ? 'lines' : 'accesses';
  const rows = infoFacts(info);
  const width = Math.max(...rows.map(([name]) => name.length));
  const parts = [
    rows.map(([name, value]) => `${name.padEnd(width)}  ${value}`).join('\n'),
    ...samplingSentences(info).map((text) => paragraph(text)),
    textTable(
      [{ name: 'hottest pages' }, right(unit), right('share')],
      info.hottestPages.map((page) => [
        page.address,
        countText(page.count),
        percentText(page.share),
      ]),
    ),
    paragraph(hotSentence(info)),
  ];
  if (info.mappings !== undefined) {
    parts.push(
      textTable(
        [{ name: 'mapping' }, right('pages'), right(unit)],
        info.mappings.map((m) => [m.kind, countText(m.pages), percentText(m.share)]),
      ),
    );
  }
  if (info.reuse !== undefined) {
    parts.push(
      textTable([{ name: 'fast memory, LRU' }, right('pages'), right('misses')], missRows(info)),
      paragraph(missSentence(info)),
    );
  }
  if (info.strides !== undefined) {
    parts.push(
      textTable(
        [{ name: 'steps in pages' }, right('share'), { name: 'aliases with totals' }],
        strideRows(info),
      ),
    );
  }
  parts.push(
    paragraph(aliasSentence(info)),
    textTable(
      [
        { name: 'phase' },
        right(`from (${info.timeUnit})`),
        right('to'),
        right(unit),
        right('reads'),
        right('pages'),
      ],
      phaseRows(info),
    ),
  );
  return parts.join('\n\n');
}
