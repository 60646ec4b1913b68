/**
 * Pin's pinatrace: `ip: R address` or `ip: W address`, hex after 0x; `#eof` ends it.
 *
 * Producer: `source/tools/ManualExamples/pinatrace.cpp` of Intel Pin (`RecordMemRead`, `RecordMemWrite`, with C's `%p`,
 * which writes `(nil)` for 0). `SimpleExamples/pinatrace.cpp` adds the size in decimal and the value, which is passed over.
 *
 * There is no time: rows are numbered. Threads are not recorded, and without the size column neither is the width.
 */

import { importText } from '../import-text.ts';
import { emptyTally, type Importer, UNKNOWN_SIZE, UNKNOWN_SIZE_NOTE } from '../importer.ts';
import { lineError } from '../line-error.ts';
import { firstRecord } from '../text-lines.ts';
import { LOAD, STORE } from '../trace.ts';
import { readWords } from '../word-pair.ts';

const RECORD =
  /^\s*(?:0x[0-9a-f]+|\(nil\)):\s+([RW])\s+(0x[0-9a-f]+|\(nil\))(?:\s+(\d+)(?:\s+\S+)?)?\s*$/i;

export const pinatrace: Importer = {
  name: 'pinatrace',
  title: "Pin's pinatrace",
  recognise: (head) => RECORD.test(firstRecord(head)),
  read: (file, bytes) => {
    const words = { low: 0, high: 0 };
    const tally = emptyTally();
    let row = 0;
    let unsized = 0;
    let whole = false;
    return importText(file, bytes, tally, {
      rowsPerLine: 1,
      remark: (line) => {
        whole ||= /^\s*#eof\b/.test(line);
      },
      read: (line, number, builder) => {
        const [, op, address = '', bytesText] = RECORD.exec(line) ?? [];
        const size = bytesText === undefined ? UNKNOWN_SIZE : Number(bytesText);
        if (!readWords(address === '(nil)' ? '0' : address, words) || size < 1 || size > 65535) {
          const expected = 'like "0x7f8e3b4c1d3c: R 0x7ffd8c0a1b40" and a size from 1 to 65535';
          throw lineError(file, number, 'not a pinatrace record', line, expected);
        }
        if (bytesText === undefined) unsized++;
        builder.push(row++, words.low, words.high, size, op === 'W' ? STORE : LOAD, 0);
        return true;
      },
      end: () => {
        if (unsized > 0) tally.notes.push(UNKNOWN_SIZE_NOTE);
        if (!whole) tally.notes.push('There is no #eof at the end: the trace was cut short.');
      },
      metadata: () => ({
        level: 'access',
        timeUnit: 'accesses',
        pageBytes: 4096,
        samplePeriod: 1,
        source: 'pinatrace',
      }),
    });
  },
};
