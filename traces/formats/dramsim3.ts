/**
 * Traces of DRAMsim3 and DRAMSim2: `address operation cycle`, the address in hex (0x may be left out), the cycle decimal.
 *
 * Reader of the producer: `src/common.cc` of DRAMsim3 1.0 (`operator>>` of Transaction: WRITE, write, P_MEM_WR and BOFF are
 * writes, all else reads) and `TraceBasedSim.cpp` of DRAMSim2 (`parseTraceFileLine`: k6 traces with P_FETCH, P_MEM_RD,
 * P_LOCK_RD, P_LOCK_WR as reads, mase traces with IFETCH, READ, WRITE). Any other operation is refused here, where
 * DRAMsim3 would read.
 *
 * These are requests to memory of one burst each, 64 bytes, whose lowest address bits the simulators cut off. Lost in
 * the conversion: that P_LOCK_WR and P_FETCH were no plain reads. Addresses are physical, threads are not recorded, and
 * cycles are the memory clock's or the core's, as the trace was made.
 */

import { Clock } from '../clock.ts';
import { importText } from '../import-text.ts';
import { emptyTally, type Importer } from '../importer.ts';
import { lineError } from '../line-error.ts';
import { firstRecord } from '../text-lines.ts';
import { LOAD, STORE } from '../trace.ts';
import { readHexWords } from '../word-pair.ts';

const LINE_BYTES = 64;

const OPS = new Map([
  ...['READ', 'read', 'P_MEM_RD', 'P_FETCH', 'P_LOCK_RD', 'P_LOCK_WR', 'IFETCH'].map(
    (name) => [name, LOAD] as const,
  ),
  ...['WRITE', 'write', 'P_MEM_WR', 'BOFF'].map((name) => [name, STORE] as const),
]);

export const dramsim3: Importer = {
  name: 'dramsim3',
  title: 'DRAMsim3 and DRAMSim2 traces',
  recognise: (head) => {
    const [address, op, cycle, more] = firstRecord(head).trim().split(/\s+/);
    return /^(0x)?[0-9a-f]+$/i.test(address) && OPS.has(op) && /^\d+$/.test(cycle) && !more;
  },
  read: (file, bytes) => {
    const clock = new Clock();
    const words = { low: 0, high: 0 };
    const tally = emptyTally();
    return importText(file, bytes, tally, {
      rowsPerLine: 1,
      read: (line, number, builder) => {
        const [address = '', name, cycle, more] = line.trim().split(/\s+/);
        const op = OPS.get(name);
        const time = cycle === undefined ? Number.NaN : clock.whole(cycle);
        const hex = /^0x/i.test(address) ? address.slice(2) : address;
        if (
          op === undefined ||
          more !== undefined ||
          Number.isNaN(time) ||
          !readHexWords(hex, words)
        )
          throw lineError(file, number, 'not a request', line, 'like "0x2000D5C0 READ 30"');
        builder.push(time, (words.low & -LINE_BYTES) >>> 0, words.high, LINE_BYTES, op, 0);
        return true;
      },
      end: () => tally.notes.push(...clock.notes('cycles')),
      metadata: () => ({
        level: 'memory',
        timeUnit: 'cycles',
        pageBytes: 4096,
        samplePeriod: 1,
        source: 'DRAMsim3 trace',
        physical: true,
      }),
    });
  },
};
