/**
 * Ramulator's traces of a core, which Ramulator 2 calls SimpleO3: `bubbles load [store]`, all decimal.
 *
 * Reader of the producer: `src/frontend/impl/processor/simpleO3/trace.cpp` of Ramulator 2. The README of Ramulator 1 says
 * what a line is: so many instructions without memory, then a read; the third number is the dirty line that the read evicts
 * from the cache, which is why such a trace counts as one behind caches (level memory). Where it was made in front of
 * them, `--level access` says so.
 *
 * Time is the count of instructions so far, the load itself among them; the store happens with the load. Rows are whole
 * lines of 64 bytes. Lost in the conversion: nothing that is there; threads and real time are not.
 */

import { importText } from '../import-text.ts';
import { emptyTally, type Importer } from '../importer.ts';
import { lineError } from '../line-error.ts';
import { firstRecord } from '../text-lines.ts';
import { LOAD, STORE } from '../trace.ts';
import { readDecimalWords, type WordPair } from '../word-pair.ts';

const LINE_BYTES = 64;

/** The reader takes bubbles as a C int. */
const MAX_BUBBLES = 2 ** 31 - 1;

export const ramulator2Simpleo3: Importer = {
  name: 'ramulator2-simpleo3',
  title: 'Ramulator and Ramulator 2 SimpleO3 traces',
  takes: ['level'],
  recognise: (head) => /^\s*\d+[ \t]+\d+([ \t]+\d+)?\s*$/.test(firstRecord(head)),
  read: (file, bytes, { level = 'memory' }) => {
    const loaded: WordPair = { low: 0, high: 0 };
    const stored: WordPair = { low: 0, high: 0 };
    let instructions = 0;
    return importText(file, bytes, emptyTally(), {
      rowsPerLine: 2,
      read: (line, number, builder) => {
        const [bubbles, load = '', store, more] = line.trim().split(/\s+/);
        const skipped = /^\d+$/.test(bubbles) ? Number(bubbles) : Number.NaN;
        const valid =
          skipped <= MAX_BUBBLES &&
          readDecimalWords(load, loaded) &&
          (store === undefined || readDecimalWords(store, stored)) &&
          more === undefined;
        if (!valid) {
          throw lineError(
            file,
            number,
            'not a SimpleO3 record',
            line,
            'like "8 20841280 20841216"',
          );
        }
        instructions += skipped + 1;
        builder.push(instructions, lineStart(loaded.low), loaded.high, LINE_BYTES, LOAD, 0);
        if (store !== undefined) {
          builder.push(instructions, lineStart(stored.low), stored.high, LINE_BYTES, STORE, 0);
        }
        return true;
      },
      metadata: () => ({
        level,
        timeUnit: 'instructions',
        pageBytes: 4096,
        samplePeriod: 1,
        source: 'Ramulator SimpleO3 trace',
      }),
    });
  },
};

function lineStart(low: number): number {
  return (low & -LINE_BYTES) >>> 0;
}
