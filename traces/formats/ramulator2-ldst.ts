/**
 * Ramulator 2's load/store traces: `LD address` or `ST address`, the address decimal, or hex after 0x.
 *
 * Reader of the producer: `src/frontend/impl/memory_trace/loadstore_trace.cpp` of Ramulator 2. It sends every line straight
 * to memory, so these are requests of one line each, 64 bytes. (It also takes LD for a write and ST for a read, in `tick`;
 * the names are followed here.)
 *
 * There is no time: rows are numbered. Addresses are physical, threads are not recorded.
 */

import { importText } from '../import-text.ts';
import { emptyTally, type Importer } from '../importer.ts';
import { lineError } from '../line-error.ts';
import { firstRecord } from '../text-lines.ts';
import { LOAD, STORE } from '../trace.ts';
import { readWords } from '../word-pair.ts';

const LINE_BYTES = 64;

export const ramulator2Ldst: Importer = {
  name: 'ramulator2-ldst',
  title: 'Ramulator 2 load/store traces',
  recognise: (head) => /^\s*(LD|ST)\s+(0x[0-9a-f]+|\d+)\s*$/i.test(firstRecord(head)),
  read: (file, bytes) => {
    const words = { low: 0, high: 0 };
    let row = 0;
    return importText(file, bytes, emptyTally(), {
      rowsPerLine: 1,
      read: (line, number, builder) => {
        const [name, address = '', more] = line.trim().split(/\s+/);
        if ((name !== 'LD' && name !== 'ST') || more !== undefined || !readWords(address, words))
          throw lineError(file, number, 'not a request', line, 'like "LD 0x7f001040"');
        const op = name === 'LD' ? LOAD : STORE;
        builder.push(row++, (words.low & -LINE_BYTES) >>> 0, words.high, LINE_BYTES, op, 0);
        return true;
      },
      metadata: () => ({
        level: 'memory',
        timeUnit: 'accesses',
        pageBytes: 4096,
        samplePeriod: 1,
        source: 'Ramulator 2 load/store trace',
        physical: true,
      }),
    });
  },
};
