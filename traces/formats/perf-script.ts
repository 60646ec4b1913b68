/**
 * `perf script` of what `perf mem record` (or `perf record -d`) sampled: Intel PEBS, AMD IBS, Arm SPE.
 *
 * Producer: `tools/perf/builtin-script.c` of Linux 6.1 to 6.17 (`perf_sample__fprintf_start`, `process_event`). Whatever
 * the order in `-F`, fields come in this one, each only where asked for:
 *
 *     comm  [pid/]tid  [cpu]  time:  period  event:  addr  data_src |OP …|LVL …|…  weight  ip sym+off (dso)  phys_addr
 *
 * with addr, data_src and phys_addr in hex without 0x, time in seconds. The default has all of them; `time`, `event` and
 * `addr` must be there, `tid` and `period` should. data_src is spelled as in `tools/perf/util/mem-events.c`
 * (`perf_script__meminfo_scnprintf`): what it says under OP decides on load or store, else the event's name. For `level`
 * memory only samples stay whose LVL names RAM, PMEM, CXL or uncached memory, or a miss in L3 or L4 (which Intel's PEBS
 * reports where it does not know the source); stores seldom say.
 *
 * Lost in the conversion: weights, ip and physical addresses, and all accesses between the samples. Events with different
 * periods get their mean; PEBS prefers long latencies, which no period mends. Widths are not recorded. Of the
 * events that perf makes from one Arm SPE record, only `memory` is kept: the others tell of the same access.
 */

import { Clock } from '../clock.ts';
import { importText } from '../import-text.ts';
import {
  emptyTally,
  type Importer,
  leaveOut,
  UNKNOWN_PERIOD_NOTE,
  UNKNOWN_SIZE,
  UNKNOWN_SIZE_NOTE,
} from '../importer.ts';
import { lineError } from '../line-error.ts';
import { firstRecord } from '../text-lines.ts';
import { LOAD, STORE } from '../trace.ts';
import { readHexWords } from '../word-pair.ts';

const TIME = /(?:^|\s)(\d+\.\d{6}(?:\d{3})?):\s/;
const TID = /(?:^|\s|\/)(\d+)(?:\s+\[\d+\])?\s*$/;
const EVENT = /^\s*(?:(\d+)\s+)?(\S+):(?:\s+(.*))?$/;
const DATA_SRC = /^(?:(\S+)\s+)?\S+\s*\|OP ([^|]*)\|(?:LVL ([^|]*)\|)?/;
const CALL_CHAIN = /^\s+[0-9a-f]+ .*\(.*\)$/;

const LINE_BYTES = 64;
const EXPECTED = 'a sample with time, event and addr, as perf script prints it by default';
const SPE_REPEATS =
  /^(l1d|llc|tlb)-(access|miss)$|^(branch|branch-miss|remote-access|instructions)$/;
const FROM_MEMORY = /\b(RAM|PMEM|CXL|Uncached|UNC)\b|\bL[34] miss\b/;

export const perfScript: Importer = {
  name: 'perf-script',
  title: 'perf script of perf mem record',
  takes: ['samplePeriod', 'level'],
  recognise: (head) => {
    const line = firstRecord(head);
    return TIME.test(line) && EVENT.test(afterTime(line)) && !line.includes('damon_aggregated:');
  },
  read: (file, bytes, { samplePeriod, level = 'access' }) => {
    const clock = new Clock();
    const words = { low: 0, high: 0 };
    const tally = emptyTally();
    const periods = new MeanPeriod();
    const atMemory = level === 'memory';
    let chains = 0;
    let threadless = 0;
    return importText(file, bytes, tally, {
      rowsPerLine: 1,
      read: (line, number, builder) => {
        const time = TIME.exec(line);
        if (time === null && CALL_CHAIN.test(line)) {
          chains++;
          return false;
        }
        const refuse = (problem: string, expected = EXPECTED) =>
          lineError(file, number, problem, line, expected);
        if (time === null) throw refuse('not a sample');
        const rest = line.slice(time.index + time[0].length);
        if (/^\s*PERF_RECORD_/.test(rest)) {
          leaveOut(tally, 'records that are no samples');
          return true;
        }
        const [, period, event, fields = ''] = EVENT.exec(rest) ?? [];
        if (event === undefined) throw refuse('not a sample');
        const { address, op, served } = fieldsOf(fields.trimEnd());
        if (address === undefined) throw refuse('no addr', 'one: perf script -F +addr');
        const at = clock.seconds(time[1]);
        if (Number.isNaN(at)) throw refuse('time', 'at most 104 days after the first');
        if (!readHexWords(address, words)) throw refuse('addr', 'at most 64 bits of hex');
        const kind = kindOf(event, op);
        if (SPE_REPEATS.test(event)) leaveOut(tally, 'events that repeat an SPE memory event');
        else if (kind === undefined) leaveOut(tally, 'neither load nor store');
        else if (words.low === 0 && words.high === 0) leaveOut(tally, 'without an address');
        else if (atMemory && served === undefined) {
          throw refuse('no data_src', 'one for level memory: perf script -F +data_src');
        } else if (atMemory && !FROM_MEMORY.test(served ?? '')) {
          leaveOut(tally, 'served by a cache, or by what is not said');
        } else {
          if (period !== undefined && !periods.add(Number(period))) {
            throw refuse('period', 'one from 1 to 999999999');
          }
          const tid = TID.exec(line.slice(0, time.index));
          if (tid === null) threadless++;
          const thread = tid === null ? 0 : Number(tid[1]);
          if (thread > 0xffff_ffff) throw refuse('tid', 'at most 32 bits');
          const low = atMemory ? (words.low & -LINE_BYTES) >>> 0 : words.low;
          builder.push(at, low, words.high, atMemory ? LINE_BYTES : UNKNOWN_SIZE, kind, thread);
        }
        return true;
      },
      end: () => {
        if (samplePeriod === undefined && periods.count === 0)
          tally.notes.push(UNKNOWN_PERIOD_NOTE);
        if (samplePeriod === undefined && periods.varies) {
          tally.notes.push(
            `Periods run from ${periods.least} to ${periods.most}: their mean stands for all, ${periods.mean}.`,
          );
        }
        if (!atMemory) tally.notes.push(UNKNOWN_SIZE_NOTE);
        if (chains > 0) tally.notes.push(`${chains} lines of call chains were passed over.`);
        if (threadless > 0) tally.notes.push(`${threadless} samples without a tid are thread 0.`);
        tally.notes.push(...clock.notes('ns'));
      },
      metadata: () => ({
        level,
        timeUnit: 'ns',
        pageBytes: 4096,
        samplePeriod: samplePeriod ?? periods.mean,
        ...(samplePeriod === undefined && periods.count === 0 ? { sampleLength: 1 } : {}),
        source: 'perf script',
      }),
    });
  },
};

/** The periods of samples so far; `mean` is 1 where there is none. */
class MeanPeriod {
  count = 0;
  least = Number.POSITIVE_INFINITY;
  most = 0;
  #sum = 0;

  get mean(): number {
    return this.count === 0 ? 1 : Math.round(this.#sum / this.count);
  }

  get varies(): boolean {
    return this.count > 0 && this.least !== this.most;
  }

  /** False where it is no period a trace can have. */
  add(period: number): boolean {
    if (!(period >= 1 && period <= 999_999_999)) return false;
    this.count++;
    this.#sum += period;
    this.least = Math.min(this.least, period);
    this.most = Math.max(this.most, period);
    return true;
  }
}

function afterTime(line: string): string {
  const time = TIME.exec(line);
  return time === null ? '' : line.slice(time.index + time[0].length);
}

/** The fields after the event; no address where the first is an ip, which its symbol gives away. */
function fieldsOf(
  text: string,
): Readonly<{ address?: string | undefined; op?: string; served?: string }> {
  const source = DATA_SRC.exec(text);
  if (source !== null) return { address: source[1], op: source[2], served: source[3] ?? '' };
  const [address, next] = text.split(/\s+/, 2);
  if (!/^[0-9a-f]+$/.test(address)) return {};
  return next === undefined || /^[0-9a-f]+$/.test(next) ? { address } : {};
}

function kindOf(event: string, op: string | undefined): number | undefined {
  if (op === 'LOAD') return LOAD;
  if (op === 'STORE') return STORE;
  if (/mem-loads-aux/.test(event) || (op !== undefined && !/^(N\/A|No)$/.test(op)))
    return undefined;
  if (/store/i.test(event)) return STORE;
  return /load|ldlat/i.test(event) ? LOAD : undefined;
}
