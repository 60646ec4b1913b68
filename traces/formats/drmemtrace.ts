/**
 * DynamoRIO's drmemtrace: `drrun -t drmemtrace -offline -- PROGRAM`, then the `trace/*.trace.zip` (or `.gz`, or raw) it
 * leaves, a file for each thread.
 *
 * Producer: `clients/drcachesim/common/trace_entry.h` of DynamoRIO (`trace_entry_t`, `trace_type_t`, `trace_marker_type_t`,
 * `offline_file_type_t`; format versions 1 to 7): records of 12 bytes, little-endian: type and size of 16 bits, and an
 * address of 64 (a value, for records that are no references). A record `thread` says whose the following ones are. A
 * header may come again where traces were joined (`clients/drcachesim/reader/reader.cpp`). Traces of 32-bit programs have
 * records of 8 bytes and are refused.
 *
 * Time is the count of instructions so far, of all threads in the file. Lost in the conversion: the wall-clock times and CPUs
 * in its markers, prefetches, cache flushes, which instruction makes an access, and instruction fetches unless they are
 * asked for. A bundle counts as the instructions it holds. What a filter kept out of the file while it was recorded is
 * missing here too, which a note says.
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
const MARKER = 28;
const [NO_FETCH, MAYBE_FETCH, SYSENTER, TAKEN, UNTAKEN] = [29, 30, 31, 48, 49];

/** The markers that count, by their size: what kind of file it is, and the page size of the traced process. */
const MARKED = { fileType: 9, pageBytes: 18 };
/** Bits of the file type: what a filter was before, of either kind in old files. */
const FILTERED = { instructions: 0x81, data: 0x101 };
const OLDEST_VERSION = 1;
const LEAST_PAGE_BYTES = 4096;

/** Why a record makes no row, by its type; instructions have a reason of their own. */
const REASONS: readonly (string | undefined)[] = Array.from({ length: UNTAKEN + 1 }, (_, type) => {
  if ((type >= 2 && type <= 9) || type === 27 || (type >= 32 && type <= 46)) return 'prefetches';
  if (type >= 18 && type <= 21) return 'cache flushes';
  if (type >= 22 && type <= 24) return 'thread and process records';
  if (type === HEADER || type === 26) return 'headers and footers';
  if (type === MARKER) return 'markers';
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
    const marked = { fileType: 0, pageBytes: LEAST_PAGE_BYTES };
    const metadata = () => ({
      level: 'access' as const,
      timeUnit: 'instructions' as const,
      pageBytes: marked.pageBytes,
      samplePeriod: 1,
      source: 'DynamoRIO drmemtrace',
    });
    const made = readRecords(file, bytes, options, tally, marked);
    return importedBatches(file, tally, made, metadata, true);
  },
};

/** What the markers said: a trace's file type, as of its parts together, and its page size. */
type Marked = { fileType: number; pageBytes: number };

async function* readRecords(
  file: string,
  bytes: AsyncIterable<Buffer>,
  { fetches = false }: ImportOptions,
  tally: ImportTally,
  marked: Marked,
): AsyncGenerator<TraceBatch> {
  const builder = new BatchBuilder();
  const types = new Float64Array(UNTAKEN + 1);
  let thread = 0;
  let instructions = 0;
  let unsized = 0;
  let lengthless = 0;
  for await (const { bytes: records, count, first } of binaryRecords(file, bytes, RECORD_BYTES)) {
    for (let i = 0, at = 0; i < count; i++, at += RECORD_BYTES) {
      const type = records.readUInt16LE(at);
      const size = records.readUInt16LE(at + 2);
      const low = records.readUInt32LE(at + 4);
      const high = records.readUInt32LE(at + 8);
      if (type > UNTAKEN) {
        throw recordError(file, first + i, `type (got ${type}, expected one up to ${UNTAKEN})`);
      }
      if (type === HEADER && (high > 0 || low < OLDEST_VERSION)) {
        const got = high * 0x1_0000_0000 + low;
        const expected = `${OLDEST_VERSION} or later, of a 64-bit program`;
        throw recordError(file, first + i, `version (got ${got}, expected ${expected})`);
      }
      if (type !== HEADER && first + i === 0) {
        throw recordError(file, 0, `type (got ${type}, expected a header, type ${HEADER})`);
      }
      types[type]++;
      if (type <= WRITE) {
        if (size === 0) unsized++;
        const op = type === READ ? LOAD : STORE;
        builder.push(instructions, low, high, size || UNKNOWN_SIZE, op, thread);
      } else if (isInstruction(type)) {
        instructions++;
        if (size === 0) lengthless++;
        else if (fetches) builder.push(instructions, low, high, size, FETCH, thread);
      } else if (type === BUNDLE) {
        instructions += size;
      } else if (type === THREAD) {
        thread = low;
      } else if (type === MARKER) {
        if (size === MARKED.fileType) marked.fileType |= low;
        else if (size === MARKED.pageBytes) {
          if (high > 0 || low < LEAST_PAGE_BYTES || (low & (low - 1)) !== 0) {
            const got = high * 0x1_0000_0000 + low;
            const expected = `a power of two from ${LEAST_PAGE_BYTES}`;
            throw recordError(file, first + i, `page size (got ${got}, expected ${expected})`);
          }
          marked.pageBytes = low;
        }
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
  if (fetches && lengthless > 0) leaveOut(tally, 'instructions of unknown length', lengthless);
  if (unsized > 0)
    tally.notes.push(
      `${countedRows(unsized)} of unknown size (0 in the file) count as one byte each.`,
    );
  if (marked.fileType & FILTERED.data) tally.notes.push(FILTERED_DATA_NOTE);
  if (marked.fileType & FILTERED.instructions) tally.notes.push(FILTERED_INSTRUCTIONS_NOTE);
  if (builder.length > 0) yield builder.take();
}

const FILTERED_DATA_NOTE =
  'It was filtered while it was recorded: accesses that hit in the small cache of the filter are missing.';
const FILTERED_INSTRUCTIONS_NOTE =
  'It was filtered while it was recorded: time counts only the instructions that missed in the small cache of the filter.';

function recordError(file: string, record: number, problem: string): Error {
  return new Error(`${file}: record ${record} at offset ${record * RECORD_BYTES}: ${problem}`);
}
