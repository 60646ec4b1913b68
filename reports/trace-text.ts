import type { RecordingDone, RecordingPlan } from '../traces/commands/parts.ts';
import { type Demand, totalLines } from '../traces/demand.ts';
import type { ImportTally } from '../traces/importer.ts';
import { samplingSentences } from '../traces/sampling.ts';
import { bytesText, countOf, countText } from './quantity.ts';
import { paragraph } from './text-table.ts';

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
