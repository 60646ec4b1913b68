/**
 * DAMON's tracepoint `damon:damon_aggregated`, as `perf script` or ftrace prints it:
 *
 *     kdamond.0  4452 [000] 82820.952659: damon:damon_aggregated: target_id=1 nr_regions=8 4096-8192: 3 12
 *
 * Producer: `include/trace/events/damon.h` of Linux 5.15 to 6.17 (`TP_printk`): target, regions of this target, start
 * and end of one of them in bytes (decimal), nr_accesses, and since 6.2 the age, which is passed over. `target_id`
 * is the number of the target, in older kernels its address.
 *
 * The lines of one aggregation interval follow each other, target by target, each with its regions upward: where a
 * target's regions start anew, so does an interval. It lasts from the one before to its last line; the first is taken as a
 * moment. What the conversion makes of a region, and what is lost, stands in `traces/damon-touches.ts`. Addresses are
 * virtual, or physical where DAMON's paddr operations were used, which the tracepoint does not say.
 */

import { Clock } from '../clock.ts';
import { type DamonInterval, DamonRegions, importDamon } from '../damon-intervals.ts';
import { emptyTally, type Importer, type ImportTally, leaveOut } from '../importer.ts';
import { lineError } from '../line-error.ts';
import { firstRecord, isRemark, textLines } from '../text-lines.ts';
import { readDecimalWords } from '../word-pair.ts';

const EVENT = /(?:^|\s)(\d+\.\d{6,9}):\s+(?:(damon:)?damon_aggregated:\s+(.*)|\S+:)/;
const REGION = /^target_id=(\d+) nr_regions=(\d+) (\d+)-(\d+): (\d{1,10})(?: \d+)?\s*$/;

export const damonPerf: Importer = {
  name: 'damon-perf',
  title: 'perf script of the tracepoint damon:damon_aggregated',
  takes: ['samplePeriod'],
  recognise: (head) => EVENT.exec(firstRecord(head))?.[3] !== undefined,
  read: (file, bytes, { samplePeriod }) => {
    const tally = emptyTally();
    return importDamon(file, tally, intervals(file, bytes, tally), samplePeriod);
  },
};

/** How far a target's regions have come in this interval. */
type Progress = { regions: number; endHigh: number; endLow: number };

async function* intervals(
  file: string,
  bytes: AsyncIterable<Buffer>,
  tally: ImportTally,
): AsyncGenerator<DamonInterval> {
  const clock = new Clock();
  const regions = new DamonRegions(file);
  const targets = new Map<string, Progress>();
  const start = { low: 0, high: 0 };
  const end = { low: 0, high: 0 };
  let line = 1;
  let lastNs = -1;
  let endNs = 0;
  const taken = (): DamonInterval => {
    targets.clear();
    const startNs = Math.min(lastNs < 0 ? endNs : lastNs, endNs);
    lastNs = endNs;
    return { line, startNs, endNs, regions: regions.take() };
  };
  for await (const { first, lines } of textLines(file, bytes)) {
    for (let i = 0; i < lines.length; i++) {
      if (isRemark(lines[i])) continue;
      const number = first + i;
      const [whole, seconds = '', , region] = EVENT.exec(lines[i]) ?? [];
      const time = clock.seconds(seconds);
      if (whole !== undefined && region === undefined && !Number.isNaN(time)) {
        tally.records++;
        leaveOut(tally, 'events other than damon_aggregated');
        continue;
      }
      const match = REGION.exec(region ?? '');
      const [, target, count, from = '', to = '', accesses] = match ?? [];
      if (Number.isNaN(time) || !readDecimalWords(from, start) || !readDecimalWords(to, end)) {
        const expected = '"…time: damon:damon_aggregated: target_id=N nr_regions=N start-end: N"';
        throw lineError(file, number, 'not a region', lines[i], expected);
      }
      const progress = targets.get(target);
      const anew =
        progress !== undefined &&
        (progress.regions >= Number(count) ||
          start.high < progress.endHigh ||
          (start.high === progress.endHigh && start.low < progress.endLow));
      if (anew) yield taken();
      if (regions.length === 0) line = number;
      regions.add(number, lines[i], start, end, Number(accesses), target);
      const seen = anew || progress === undefined ? 0 : progress.regions;
      targets.set(target, { regions: seen + 1, endHigh: end.high, endLow: end.low });
      endNs = time;
    }
  }
  if (regions.length > 0) yield taken();
  tally.notes.push(...regions.notes(), ...clock.notes('ns'));
}
