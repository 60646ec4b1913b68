import { type Demand, totalLines } from '../traces/demand.ts';
import type { LackeyTally } from '../traces/formats/lackey.ts';
import type { ImportTally } from '../traces/importer.ts';
import { samplingSentences } from '../traces/sampling.ts';
import type { TraceInfo } from '../traces/trace-info.ts';
import { bytesText, countOf, countText, percentText } from './quantity.ts';
import { paragraph, textTable } from './text-table.ts';

/** What is in a trace or a demand, as a terminal shows it. */
export function traceInfoText(info: TraceInfo): string {
  const unit = info.kind === 'demand' ? 'lines' : 'accesses';
  const rows: [string, string][] = [
    ['file', `${info.file} (${info.kind}${info.kind === 'trace' ? `, ${info.level} level` : ''})`],
    ['source', info.source],
    ['command', info.command ?? 'unknown'],
    ['accesses', countText(info.accesses)],
    ['loads', `${countText(info.loads)}  (${percentText(info.loads / info.accesses)})`],
    ['stores', `${countText(info.stores)}  (${percentText(info.stores / info.accesses)})`],
    ['threads', countText(info.threads)],
    [
      'footprint',
      `${countOf(info.footprintPages, 'page')} of ${bytesText(info.pageBytes)}: ${bytesText(info.footprintBytes)}`,
    ],
    ['duration', `${countText(info.duration)} ${info.timeUnit}`],
  ];
  if (info.kind === 'demand') {
    rows.push([
      'memory',
      `${countText(info.linesRead ?? 0)} lines read, ${countText(info.linesWritten ?? 0)} written`,
    ]);
    rows.push(['epochs', countText(info.epochs ?? 0)]);
  }
  if (info.samplePeriod > 1)
    rows.push(['sampling', `1 access in ${countText(info.samplePeriod)} recorded`]);
  if (info.outstanding !== undefined)
    rows.push(['in flight', countOf(info.outstanding, 'read per thread', 'reads per thread')]);
  const width = Math.max(...rows.map(([name]) => name.length));
  const facts = rows.map(([name, value]) => `${name.padEnd(width)}  ${value}`).join('\n');
  const hottest = textTable(
    [{ name: 'hottest pages' }, { name: unit, right: true }, { name: 'share', right: true }],
    info.hottestPages.map((page) => [page.address, countText(page.count), percentText(page.share)]),
  );
  return `${facts}\n\n${hottest}`;
}

/** What recording will cost, said before it starts. */
export function recordingText(program: string, interpreter: string | undefined): string {
  const cost =
    `Recording ${program} under valgrind's lackey: about 0.4 million accesses a second, so what takes a second by ` +
    'itself may take an hour; the trace grows by 23 bytes an access, about 10 MB a second.';
  const script =
    `${program} is a script: what is recorded is its interpreter (${interpreter}), ` +
    'and not the programs that it starts or becomes.';
  return [cost, ...(interpreter === undefined ? [] : [script])]
    .map((text) => paragraph(text))
    .join('\n');
}

/** What a recording has brought, and whether it is whole. */
export function recordedText(file: string, tally: LackeyTally, bytes: number): string {
  const { loads, stores, modifies, instructions, finished } = tally;
  const summary =
    `Wrote ${file}: ${countText(loads + stores + 2 * modifies)} accesses ` +
    `(${countText(loads + modifies)} loads, ${countText(stores + modifies)} stores), ` +
    `${countText(instructions)} instructions, ${bytesText(bytes)}.`;
  const unfinished =
    'The program did not end under valgrind: it was killed, or became another program (exec).';
  return [summary, ...(finished ? [] : [unfinished])].map((text) => paragraph(text)).join('\n');
}

/** What became of the records of another tool's file: all of them are accounted for. */
export function importedText(file: string, tally: ImportTally, bytes: number): string {
  const { records, rows, leftOut, notes } = tally;
  const left = [...leftOut].map(([reason, count]) => `${countText(count)} ${reason}`);
  const out = [...leftOut.values()].reduce((sum, count) => sum + count, 0);
  const summary =
    `Wrote ${file} (${bytesText(bytes)}): of ${countOf(records, 'record')}, ${countText(records - out)} made ` +
    `${countOf(rows, 'row')}, ${countText(out)} left out${left.length > 0 ? ` (${left.join('; ')})` : ''}.`;
  return [summary, ...notes].map((text) => paragraph(text)).join('\n');
}

/** What a synthetic trace will take, said before it is written. */
export function writingText(file: string, accesses: number, bytes: number): string {
  return `Writing ${file}: ${countOf(accesses, 'access', 'accesses')}, about ${bytesText(bytes)}.`;
}

/** A file was written, and how large it is. */
export function wroteText(file: string, bytes: number): string {
  return `Wrote ${file} (${bytesText(bytes)}).`;
}

/** A demand was written: what it holds, and how far its counts can be trusted where the trace was sampled. */
export function wroteDemandText(file: string, demand: Demand, bytes: number): string {
  const { metadata, epochTime, page, pages } = demand;
  const { reads, writes } = totalLines(demand);
  const summary =
    `Wrote ${file} (${bytesText(bytes)}): ${countText(metadata.accesses)} accesses became ${countText(reads)} lines read and ` +
    `${countText(writes)} written, on ${countOf(pages.length, 'page')} in ${countOf(epochTime.length, 'epoch')}, ` +
    `${countOf(page.length, 'entry', 'entries')}.`;
  return [summary, ...samplingSentences(metadata)].map((text) => paragraph(text)).join('\n');
}
