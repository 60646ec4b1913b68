/**
 * MemGaze: `ip address cpu time sample`, loads sampled in bursts with Intel PT (PTWRITE).
 *
 * Producer: `bin/` of MemGaze (github.com/pnnl/memgaze), Kilic and others, "MemGaze: Rapid and Effective Load-Level Memory
 * Trace Analysis" (CLUSTER 2022). Address and ip in hex, time in seconds, `sample` the number of the burst: an execution
 * window whose loads were all recorded. A few loads share a time stamp.
 *
 * Lost in the conversion, or not in the file: stores; how wide loads are; threads (the CPU stands for them); and one load
 * in how many was recorded, which `--sample-period` has to state. `sample_length` is the mean length of the bursts.
 */

import { Clock } from '../clock.ts';
import { importText } from '../import-text.ts';
import {
  emptyTally,
  type Importer,
  UNKNOWN_PERIOD_NOTE,
  UNKNOWN_SIZE,
  UNKNOWN_SIZE_NOTE,
} from '../importer.ts';
import { lineError } from '../line-error.ts';
import { firstRecord } from '../text-lines.ts';
import { LOAD } from '../trace.ts';
import { readWords } from '../word-pair.ts';

const RECORD = /^\s*0x[0-9a-f]+\s+(0x[0-9a-f]+)\s+(\d{1,9})\s+(\d+\.\d+)\s+(\d+)\s*$/i;

export const memgaze: Importer = {
  name: 'memgaze',
  title: 'MemGaze traces of sampled loads',
  takes: ['samplePeriod'],
  recognise: (head) => RECORD.test(firstRecord(head)),
  read: (file, bytes, { samplePeriod }) => {
    const clock = new Clock();
    const words = { low: 0, high: 0 };
    const tally = emptyTally();
    let bursts = 0;
    let lastSample = '';
    return importText(file, bytes, tally, {
      rowsPerLine: 1,
      read: (line, number, builder) => {
        const [, address = '', cpu, seconds = '', sample] = RECORD.exec(line) ?? [];
        const time = clock.seconds(seconds);
        if (Number.isNaN(time) || !readWords(address, words)) {
          const expected = 'like "0x40b21f 0x7ffec7780340 0 13963977.121160038 1"';
          throw lineError(file, number, 'not a MemGaze record', line, expected);
        }
        if (sample !== lastSample) {
          lastSample = sample;
          bursts++;
        }
        builder.push(time, words.low, words.high, UNKNOWN_SIZE, LOAD, Number(cpu));
        return true;
      },
      end: () => {
        tally.notes.push('Only loads are recorded; threads are the CPUs they ran on.');
        tally.notes.push(UNKNOWN_SIZE_NOTE);
        if (samplePeriod === undefined) tally.notes.push(UNKNOWN_PERIOD_NOTE);
        tally.notes.push(...clock.notes('ns'));
      },
      metadata: () => ({
        level: 'access',
        timeUnit: 'ns',
        pageBytes: 4096,
        samplePeriod: samplePeriod ?? 1,
        sampleLength: Math.max(1, Math.round(tally.records / bursts)),
        source: 'MemGaze',
      }),
    });
  },
};
