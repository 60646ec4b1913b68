/**
 * DynamoRIO's drmemtrace: `drrun -t drmemtrace -offline -- PROGRAM`, then the `trace/*.trace.zip` (or `.gz`, or raw) it
 * leaves, a file for each thread.
 *
 * Producer: `clients/drcachesim/common/trace_entry.h` of DynamoRIO (`trace_entry_t`, `trace_type_t`, format versions 2 to
 * 5 and on): records of 12 bytes, little-endian: type and size of 16 bits, and an address of 64 (a value, for records that
 * are no references). A record `thread` says whose the following ones are. Traces of 32-bit programs have records of 8 bytes
 * and are refused.
 *
 * Time is the count of instructions so far, of all threads in the file. Lost in the conversion: the wall-clock times and CPUs
 * in its markers, prefetches, cache flushes, which instruction makes an access, and instruction fetches unless they are
 * asked for. A bundle counts as the instructions it holds.
 */

import { BatchBuilder } from '../batch-builder.ts';
import { binaryRecords } from '../binary-records.ts';
import { importedBatches } from '../import-text.ts';
import {
  countedRows,
  emptyTally,
  type Importer,
  type ImportOptions,
  type ImportTally,
  leaveOut,
  UNKNOWN_SIZE,
} from '../importer.ts';
import { FETCH, LOAD, STORE, type TraceBatch } from '../trace.ts';

const RECORD_BYTES = 12;

/** Kinds of `trace_type_t`, by what becomes of them. */
const [READ, WRITE, INSTR, BUNDLE, THREAD, HEADER] = [0, 1, 10, 17, 22, 25];
const [NO_FETCH, MAYBE_FETCH, SYSENTER, TAKEN, UNTAKEN] = [29, 30, 31, 48, 49];

/** Why a record makes no row, by its type; instructions have a reason of their own. */
const REASONS: readonly (string | undefined)[] = Array.from({ length: UNTAKEN + 1 }, (_, type) => {
  if ((type >= 2 && type <= 9) || type === 27 || (type >= 32 && type <= 46)) return 'prefetches';
  if (type >= 18 && type <= 21) return 'cache flushes';
  if (type >= 22 && type <= 24) return 'thread and process records';
  if (type === HEADER || type === 26) return 'headers and footers';
  if (type === 28) return 'markers';
  if (type === 47) return 'instruction encodings';
  if (type === NO_FETCH) return 'repetitions of an instruction';
  return undefined;
});

const isInstruction = (type: number) =>
  (type >= INSTR && type < BUNDLE) || (type >= MAYBE_FETCH && type <= SYSENTER) || type >= TAKEN;

export const drmemtrace: Importer = {
  name: 'drmemtrace',
  title: "DynamoRIO's drmemtrace, offline (raw, gz, zip of chunks)",
  takes: ['fetches'],
  recognise: (head) =>
    head.length >= 2 * RECORD_BYTES &&
    head.readUInt16LE(0) === HEADER &&
    head.readUInt16LE(2) === 0 &&
    head.readUInt32LE(4) < 256 &&
    head.readUInt32LE(8) === 0 &&
    head.readUInt16LE(RECORD_BYTES) <= UNTAKEN,
  read: async (file, bytes, options) => {
    const tally = emptyTally();
    const metadata = () => ({
      level: 'access' as const,
      timeUnit: 'instructions' as const,
      pageBytes: 4096,
      samplePeriod: 1,
      source: 'DynamoRIO drmemtrace',
    });
    return importedBatches(file, tally, readRecords(file, bytes, options, tally), metadata, true);
  },
};

async function* readRecords(
  file: string,
  bytes: AsyncIterable<Buffer>,
  { fetches = false }: ImportOptions,
  tally: ImportTally,
): AsyncGenerator<TraceBatch> {
  const builder = new BatchBuilder();
  const types = new Float64Array(UNTAKEN + 1);
  let thread = 0;
  let instructions = 0;
  let unsized = 0;
  let started = false;
  for await (const { bytes: records, count, first } of binaryRecords(file, bytes, RECORD_BYTES)) {
    for (let i = 0, at = 0; i < count; i++, at += RECORD_BYTES) {
      const type = records.readUInt16LE(at);
      const size = records.readUInt16LE(at + 2);
      if (type > UNTAKEN || (type === HEADER) === started) {
        const expected = started
          ? `a type up to ${UNTAKEN}, no header`
          : `a header, type ${HEADER}`;
        throw recordError(file, first + i, `type (got ${type}, expected ${expected})`);
      }
      started = true;
      types[type]++;
      if (type <= WRITE) {
        if (size === 0) unsized++;
        const [low, high] = [records.readUInt32LE(at + 4), records.readUInt32LE(at + 8)];
        builder.push(
          instructions,
          low,
          high,
          size || UNKNOWN_SIZE,
          type === READ ? LOAD : STORE,
          thread,
        );
      } else if (isInstruction(type)) {
        instructions++;
        if (fetches && size > 0) {
          const [low, high] = [records.readUInt32LE(at + 4), records.readUInt32LE(at + 8)];
          builder.push(instructions, low, high, size, FETCH, thread);
        }
      } else if (type === BUNDLE) {
        instructions += size;
      } else if (type === THREAD) {
        thread = records.readUInt32LE(at + 4);
      }
      if (builder.full) yield builder.take();
    }
  }
  for (const [type, count] of types.entries()) {
    tally.records += count;
    if (count === 0 || type <= WRITE) continue;
    if (REASONS[type] !== undefined) leaveOut(tally, REASONS[type], count);
    else if (type === BUNDLE) leaveOut(tally, 'bundles of instructions', count);
    else if (!fetches) leaveOut(tally, 'instruction fetches', count);
  }
  if (unsized > 0)
    tally.notes.push(
      `${countedRows(unsized)} of unknown size (0 in the file) count as one byte each.`,
    );
  if (builder.length > 0) yield builder.take();
}

function recordError(file: string, record: number, problem: string): Error {
  return new Error(`${file}: record ${record} at offset ${record * RECORD_BYTES}: ${problem}`);
}
