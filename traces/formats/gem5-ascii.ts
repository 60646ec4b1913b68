/**
 * gem5's packet traces as text: `[id,]r|w|u,address,size[,flags],tick[,pc]`, all decimal.
 *
 * Producer: `util/decode_packet_trace.py` of gem5, from what a CommMonitor with a MemTraceProbe wrote. `r` is ReadReq (1),
 * `w` WriteReq (4), `u` any other command: those are left out, among them ReadSharedReq and WritebackDirty, which are most
 * of what passes below a cache (the packet trace itself, in protobuf, says which they are). With four numbers after the
 * command the third is the flags, as every gem5 since 2013 writes them; flag 0x100 (`src/mem/request.hh`,
 * `INST_FETCH`) is an instruction fetch.
 *
 * A tick is 1 ps unless the simulation set another frequency, which the text does not say; time is in ns, cut off.
 * Addresses are physical; threads are not recorded. A monitor may sit on either side of the caches: `--level`
 * says on which.
 */

import { Clock } from '../clock.ts';
import { importText } from '../import-text.ts';
import { emptyTally, type Importer, leaveOut } from '../importer.ts';
import { lineError } from '../line-error.ts';
import { firstRecord } from '../text-lines.ts';
import { FETCH, LOAD, STORE } from '../trace.ts';
import { readDecimalWords } from '../word-pair.ts';

const RECORD = /^\s*(?:\d+,)?([rwu]),(\d+),(\d+)(?:,(\d+))?,(\d+)\s*$/;
const RECORD_WITH_PC = /^\s*(?:\d+,)?([rwu]),(\d+),(\d+),(\d+),(\d+),\d+\s*$/;

const INST_FETCH = 0x100;
const TICKS_PER_NS = 1000;
const LINE_BYTES = 64;

export const gem5Ascii: Importer = {
  name: 'gem5-ascii',
  title: "gem5's decode_packet_trace.py",
  takes: ['fetches', 'level'],
  recognise: (head) => {
    const line = firstRecord(head);
    return RECORD.test(line) || RECORD_WITH_PC.test(line);
  },
  read: (file, bytes, { fetches = false, level = 'access' }) => {
    const clock = new Clock();
    const words = { low: 0, high: 0 };
    const tally = emptyTally();
    let rows = 0;
    let lines64 = 0;
    return importText(file, bytes, tally, {
      rowsPerLine: 1,
      read: (line, number, builder) => {
        const match = RECORD.exec(line) ?? RECORD_WITH_PC.exec(line);
        const [, command, address = '', bytesText, flags = '0', tick = ''] = match ?? [];
        const time = clock.whole(tick);
        const size = Number(bytesText);
        const valid = readDecimalWords(address, words) && size >= 1 && size <= 65535;
        if (Number.isNaN(time) || !valid) {
          const expected = 'like "r,2147483712,64,0,4500" and a size from 1 to 65535';
          throw lineError(file, number, 'not a packet', line, expected);
        }
        // The last nine digits decide: 1e9 is a multiple of 512.
        const fetch = Number(flags.slice(-9)) % (2 * INST_FETCH) >= INST_FETCH;
        if (command === 'u') leaveOut(tally, 'neither ReadReq nor WriteReq');
        else if (fetch && !fetches) leaveOut(tally, 'instruction fetches');
        else {
          const op = fetch ? FETCH : command === 'w' ? STORE : LOAD;
          rows++;
          if (size === LINE_BYTES) lines64++;
          builder.push(Math.floor(time / TICKS_PER_NS), words.low, words.high, size, op, 0);
        }
        return true;
      },
      end: () => {
        tally.notes.push('Ticks are taken as picoseconds: the text does not say their frequency.');
        if (level === 'access' && rows > 0 && lines64 === rows) {
          tally.notes.push(
            'All accesses are lines of 64 bytes, as below caches: see --level memory.',
          );
        }
        tally.notes.push(...clock.notes('ps'));
      },
      metadata: () => ({
        level,
        timeUnit: 'ns',
        pageBytes: 4096,
        samplePeriod: 1,
        source: 'gem5 packet trace',
        physical: true,
      }),
    });
  },
};
