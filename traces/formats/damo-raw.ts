/**
 * `damo report raw`, in newer versions `damo report access --raw_form`, with or without `--raw_number`.
 *
 * Producer: `damo_report_access.py` of damo (`pr_records_raw_form`): `base_time_absolute`, then per aggregation interval
 * `monitoring_start`, `monitoring_end`, `monitoring_duration`, `target_id`, `nr_regions`, a comment, and a line a
 * region, addresses in hex without 0x:
 *
 *     563ebadf3000-563ebafec000 (   1.973 MiB)           1    -1
 *
 * start, end, length, nr_accesses, and the age, which is passed over. Times are cut to three decimals of their unit by damo
 * (`_damo_fmt_str.py`), unless `--raw_number` was given. What the conversion makes of a region, and what is lost, stands
 * in `traces/damon-touches.ts`. damo prints one target after the other, so those of several do not interleave: the
 * times of all but the first are raised to the end of the one before. Addresses are physical where DAMON's paddr
 * operations were used, which is not said.
 */

import { type DamonInterval, DamonRegions, importDamon } from '../damon-intervals.ts';
import { emptyTally, type Importer, type ImportTally } from '../importer.ts';
import { lineError } from '../line-error.ts';
import { firstRecord, isRemark, textLines } from '../text-lines.ts';
import { readHexWords } from '../word-pair.ts';

const REGION = /^\s*([0-9a-f]+)-([0-9a-f]+) \([^()]*\)\s+(\d{1,10})(?:\s+-?\d+)?\s*$/;
const HEADING = /^\s*([a-z_]+(?: [a-z]+)?):\s*(.*?)\s*$/;

const UNIT_NS = new Map([
  ['ns', 1],
  ['us', 1e3],
  ['ms', 1e6],
  ['s', 1e9],
  ['m', 60e9],
  ['h', 3600e9],
  ['d', 86_400e9],
]);

export const damoRaw: Importer = {
  name: 'damo-raw',
  title: 'damo report raw',
  takes: ['samplePeriod'],
  recognise: (head) => /^\s*(base_time_absolute|monitoring_start):/.test(firstRecord(head)),
  read: (file, bytes, { samplePeriod }) => {
    const tally = emptyTally();
    return importDamon(file, tally, intervals(file, bytes, tally), samplePeriod);
  },
};

async function* intervals(
  file: string,
  bytes: AsyncIterable<Buffer>,
  tally: ImportTally,
): AsyncGenerator<DamonInterval> {
  const regions = new DamonRegions(file);
  const start = { low: 0, high: 0 };
  const end = { low: 0, high: 0 };
  let baseNs = 0;
  let startNs = 0;
  let endNs = 0;
  let target = '0';
  let expected: number | undefined;
  let line = 1;
  let cut = 0;
  const taken = (): DamonInterval => {
    if (expected !== undefined && expected !== regions.length) cut++;
    return { line, startNs: Math.min(startNs, endNs), endNs, regions: regions.take() };
  };
  for await (const { first, lines } of textLines(file, bytes)) {
    for (let i = 0; i < lines.length; i++) {
      if (isRemark(lines[i])) continue;
      const number = first + i;
      const region = REGION.exec(lines[i]);
      if (region !== null) {
        if (!readHexWords(region[1], start) || !readHexWords(region[2], end)) {
          throw lineError(file, number, 'region', lines[i], 'addresses of 64 bits');
        }
        if (regions.length === 0) line = number;
        regions.add(number, lines[i], start, end, Number(region[3]), target);
        continue;
      }
      const [, name, value = ''] = HEADING.exec(lines[i]) ?? [];
      const timeNs = () => {
        const ns = nsOf(value);
        if (baseNs + ns <= Number.MAX_SAFE_INTEGER) return ns;
        throw lineError(file, number, 'time', value, 'like "8 m 59.809 s", below 104 days');
      };
      if (name === 'base_time_absolute' || name === 'monitoring_start') {
        if (regions.length > 0) yield taken();
        if (name === 'monitoring_start') startNs = baseNs + timeNs();
        else {
          baseNs = 0;
          baseNs = timeNs();
        }
      } else if (name === 'monitoring_end') endNs = baseNs + timeNs();
      else if (name === 'target_id') target = value;
      else if (name === 'nr_regions') {
        if (!/^\d{1,9}$/.test(value)) throw lineError(file, number, name, value, 'a whole number');
        expected = Number(value);
      } else if (name !== 'monitoring_duration' && name !== 'data source') {
        const like = 'like "563ebadf3000-563ebafec000 (   1.973 MiB)  1  -1"';
        throw lineError(file, number, 'neither a region nor a heading', lines[i], like);
      }
    }
  }
  if (regions.length > 0) yield taken();
  if (cut > 0) {
    tally.notes.push(
      `${cut} ${cut === 1 ? 'interval has' : 'intervals have'} not as many regions as stated: the file was cut or mended.`,
    );
  }
  tally.notes.push(...regions.notes());
}

/** Nanoseconds of damo's `8 m 59.809 s`, or of a bare number of them; NaN where it is neither. */
function nsOf(text: string): number {
  if (/^\d+$/.test(text)) return Number(text);
  const parts = text.replaceAll(',', '').split(/\s+/);
  let ns = 0;
  for (let i = 0; i < parts.length; i += 2) {
    if (!/^\d+(\.\d+)?$/.test(parts[i])) return Number.NaN;
    ns += Number(parts[i]) * (UNIT_NS.get(parts[i + 1]) ?? Number.NaN);
  }
  return Math.round(ns);
}
