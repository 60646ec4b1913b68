/**
 * Op samples of AMD's Research IBS Toolkit as CSV, with its header line.
 *
 * Producer: `tools/ibs_decoder/ibs_decoder.c` of the toolkit (`output_op_header`, `output_op_entry`); which columns there are
 * depends on the processor's family, so they are found by name. IbsOpMaxCnt is the period in ops (already times 16):
 * of loads and stores as of all ops, one in so many was sampled. IbsOpMemWidth is in bytes; families before 15h do
 * not have it. TSC counts cycles. A locked op is a load and a store. What stands after the columns used may hold commas.
 *
 * For `level` memory only loads stay whose DataSrc (NbIbsReqSrc before family 17h) is DRAM; of stores IBS does not say.
 * Lost in the conversion: latencies, TLB and cache results, physical addresses, and the accesses between the samples.
 */

import type { BatchBuilder } from '../batch-builder.ts';
import { Clock } from '../clock.ts';
import { importText } from '../import-text.ts';
import {
  emptyTally,
  type Importer,
  leaveOut,
  UNKNOWN_PERIOD_NOTE,
  UNKNOWN_SIZE,
} from '../importer.ts';
import { lineError } from '../line-error.ts';
import { firstRecord } from '../text-lines.ts';
import { LOAD, STORE } from '../trace.ts';
import { readWords } from '../word-pair.ts';

const LINE_BYTES = 64;

export const amdIbs: Importer = {
  name: 'amd-ibs',
  title: "op samples of AMD's IBS toolkit (CSV)",
  takes: ['samplePeriod', 'level'],
  recognise: (head) => {
    const names = firstRecord(head).split(',');
    return names.includes('IbsLdOp') && names.includes('IbsStOp') && names.includes('IbsDcLinAd');
  },
  read: (file, bytes, { samplePeriod, level = 'access' }) => {
    const clock = new Clock();
    const words = { low: 0, high: 0 };
    const tally = emptyTally();
    const atMemory = level === 'memory';
    let columns: Columns | undefined;
    let periodSum = 0;
    let periods = 0;
    let widthless = 0;

    const readSample = (
      { tsc, tid, load, store, valid, address, width, source, period, last }: Columns,
      line: string,
      number: number,
      builder: BatchBuilder,
    ) => {
      const refuse = (problem: string, got: string, expected: string) =>
        lineError(file, number, problem, got, expected);
      const fields = line.split(',', last + 1);
      if (fields.length <= last) {
        throw refuse('too few fields', `${fields.length}`, `at least ${last + 1}`);
      }
      const flag = (column: number) => {
        if (fields[column] !== '0' && fields[column] !== '1')
          throw refuse('flag', fields[column], '0 or 1');
        return fields[column] === '1';
      };
      const loads = flag(load);
      const stores = flag(store);
      const time = clock.whole(fields[tsc]);
      if (Number.isNaN(time)) throw refuse('TSC', fields[tsc], 'whole cycles');
      const thread = Number(fields[tid]);
      if (!/^\d{1,10}$/.test(fields[tid]) || thread > 0xffff_ffff) {
        throw refuse('TID', fields[tid], 'a number of 32 bits');
      }
      if (period >= 0 && fields[period] !== '0') {
        const ops = Number(fields[period]);
        if (!/^\d{1,9}$/.test(fields[period])) {
          throw refuse('IbsOpMaxCnt', fields[period], 'a count of ops');
        }
        periodSum += ops;
        periods++;
      }
      if (!loads && !stores) leaveOut(tally, 'neither load nor store');
      else if (!flag(valid)) leaveOut(tally, 'without a valid address');
      else if (atMemory && (!loads || fields[source] !== 'DRAM')) {
        leaveOut(tally, loads ? 'not served by DRAM' : 'stores, whose memory is not said');
      } else {
        if (!readWords(fields[address], words)) {
          throw refuse('IbsDcLinAd', fields[address], 'an address of 64 bits, hex after 0x');
        }
        const bytesText = width < 0 ? '0' : fields[width];
        const known = /^\d{1,5}$/.test(bytesText) && Number(bytesText) >= 1;
        if (known && Number(bytesText) > 65535) {
          throw refuse('IbsOpMemWidth', bytesText, 'at most 65535');
        }
        if (!known && !/^(0|Reserved-\d+)$/.test(bytesText)) {
          throw refuse('IbsOpMemWidth', bytesText, 'a count of bytes');
        }
        if (!known) widthless++;
        const size = atMemory ? LINE_BYTES : known ? Number(bytesText) : UNKNOWN_SIZE;
        const low = atMemory ? (words.low & -LINE_BYTES) >>> 0 : words.low;
        if (loads) builder.push(time, low, words.high, size, LOAD, thread);
        if (stores && !atMemory) builder.push(time, low, words.high, size, STORE, thread);
      }
    };

    return importText(file, bytes, tally, {
      rowsPerLine: 2,
      read: (line, number, builder) => {
        if (columns === undefined) {
          columns = columnsOf(file, number, line);
          return false;
        }
        readSample(columns, line, number, builder);
        return true;
      },
      end: () => {
        if (samplePeriod === undefined && periods === 0) tally.notes.push(UNKNOWN_PERIOD_NOTE);
        if (widthless > 0 && !atMemory) {
          tally.notes.push(`${widthless} samples without a width count as one byte each.`);
        }
        if (atMemory) tally.notes.push('Stores to memory are missing: IBS does not say of them.');
        tally.notes.push(...clock.notes('cycles'));
      },
      metadata: () => ({
        level,
        timeUnit: 'cycles',
        pageBytes: 4096,
        samplePeriod: samplePeriod ?? Math.max(1, Math.round(periodSum / periods || 1)),
        ...(samplePeriod === undefined && periods === 0 ? { sampleLength: 1 } : {}),
        source: 'AMD IBS toolkit',
      }),
    });
  },
};

/** Where the columns are that are used; -1 where a file need not have one. `last` is the rightmost of them. */
type Columns = Readonly<
  Record<
    'tsc' | 'tid' | 'load' | 'store' | 'valid' | 'address' | 'width' | 'source' | 'period' | 'last',
    number
  >
>;

function columnsOf(file: string, number: number, header: string): Columns {
  const names = header.split(',').map((name) => name.trim().replace(/\[.*\]$/, ''));
  const needed = (name: string) => {
    const column = names.indexOf(name);
    if (column < 0) throw lineError(file, number, 'header', header, `a column ${name}`);
    return column;
  };
  const columns = {
    tsc: needed('TSC'),
    tid: needed('TID'),
    load: needed('IbsLdOp'),
    store: needed('IbsStOp'),
    valid: needed('IbsDcLinAddrValid'),
    address: needed('IbsDcLinAd'),
    width: names.indexOf('IbsOpMemWidth'),
    source: Math.max(names.indexOf('DataSrc'), names.indexOf('NbIbsReqSrc')),
    period: names.indexOf('IbsOpMaxCnt'),
  };
  return { ...columns, last: Math.max(...Object.values(columns)) };
}
