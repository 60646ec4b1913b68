import type { RecordingDone, RecordingPlan } from '../traces/commands/parts.ts';
import type { ImportTally } from '../traces/importer.ts';
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

/** What each recorder costs and leaves out. The rates were measured on two cores; docs/recording.md has the commands. */
const RECORDERS = {
  qemu: {
    name: 'QEMU',
    cost: '10 to 20 million accesses a second, so what takes a second by itself takes two to five minutes',
    misses: 'accesses inside the kernel, by programs it starts, and by speculation',
  },
  valgrind: {
    name: "valgrind's lackey",
    cost: '0.4 million accesses a second, so what takes a second by itself may take an hour',
    misses:
      'which thread makes an access, accesses inside the kernel, by programs it starts, and by speculation',
  },
};

/** What recording will cost, said before it starts. */
export function recordingText(plan: RecordingPlan): string {
  const { program, interpreter, recorder, level, why } = plan;
  const { name, cost } = RECORDERS[recorder];
  const size =
    level === 'access'
      ? 'the trace grows by 23 bytes an access'
      : 'the trace grows by 23 bytes a line that reaches memory';
  const script =
    `${program} is a script: what is recorded is its interpreter (${interpreter}), ` +
    'and not the programs that it starts or becomes.';
  return [
    ...(why === undefined ? [] : [`Not with QEMU: ${why}.`]),
    `Recording ${program} under ${name}: about ${cost}; ${size}.`,
    ...(interpreter === undefined ? [] : [script]),
  ]
    .map((text) => paragraph(text))
    .join('\n');
}

/** What a recording has brought, whether it is whole, and what it cannot hold. */
export function recordedText({ file, recorder, tally, rows, bytes }: RecordingDone): string {
  const { loads, stores, fetches, instructions, finished, messages } = tally;
  const { name, misses } = RECORDERS[recorder];
  const all = loads + stores + fetches;
  const made = rows === all ? '' : `${countOf(rows, 'row')} of `;
  const summary =
    `Wrote ${file}: ${made}${countText(loads + stores)} accesses ` +
    `(${countText(loads)} loads, ${countText(stores)} stores)` +
    `${fetches > 0 ? `, ${countText(fetches)} instruction fetches` : ''}, ` +
    `${countText(instructions)} instructions, ${bytesText(bytes)}.`;
  const unfinished = `The program was not seen to its end under ${name}: it was killed, became another program (exec), or went on after the limit.`;
  return [
    summary,
    `Not in it: ${misses}.`,
    ...(finished ? [] : [unfinished]),
    ...messages.map((message) => `${name} said: ${message}`),
  ]
    .map((text) => paragraph(text))
    .join('\n');
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

/** A file was written, and how large it is. */
export function wroteText(file: string, bytes: number): string {
  return `Wrote ${file} (${bytesText(bytes)}).`;
}
