/**
 * ChampSim's instruction traces (`tracer/pin` and others), usually packed by xz or gzip.
 *
 * Producer: ChampSim, `inc/trace_instruction.h`, `struct input_instr`: records of 64 bytes, one an instruction,
 * little-endian: ip of 64 bits; is_branch and branch_taken, 8 bits each; 2 destination and 4 source registers of 8 bits;
 * 2 destination and 4 source addresses of 64 bits, 0 where there is none. There is no header.
 *
 * Sources are loads, destinations stores, loads first. Time is the count of instructions so far. Lost in the conversion:
 * the width of accesses (8 bytes are taken) and of instructions (4), threads, registers and branches, and
 * instruction fetches unless they are asked for.
 */

import { BatchBuilder } from '../batch-builder.ts';
import { binaryRecords } from '../binary-records.ts';
import { importedBatches } from '../import-text.ts';
import {
  emptyTally,
  type Importer,
  type ImportOptions,
  type ImportTally,
  leaveOut,
} from '../importer.ts';
import { FETCH, LOAD, STORE, type TraceBatch } from '../trace.ts';

const RECORD_BYTES = 64;
const ACCESS_BYTES = 8;
const FETCH_BYTES = 4;
/** Where the addresses begin: of what is written, and of what is read behind it up to the record's end. */
const [DESTINATIONS, SOURCES] = [16, 32];
/** Rows a record makes at most: six operands and the fetch. */
const MOST_ROWS = 7;
/** Records that have to look like instructions before a file without a header is taken for a trace. */
const PLAUSIBLE_RECORDS = 4;

export const champsim: Importer = {
  name: 'champsim',
  title: 'ChampSim instruction traces, 64 bytes a record',
  takes: ['fetches'],
  recognise: (head) => {
    const records = Math.min(64, Math.floor(head.length / RECORD_BYTES));
    if (records < PLAUSIBLE_RECORDS && head.length !== records * RECORD_BYTES) return false;
    for (let i = 0; i < records; i++) if (!plausible(head, i * RECORD_BYTES)) return false;
    return records > 0;
  },
  read: async (file, bytes, options) => {
    const tally = emptyTally();
    tally.notes.push(
      `How wide accesses are is not recorded: each counts as ${ACCESS_BYTES} bytes.`,
    );
    const metadata = () => ({
      level: 'access' as const,
      timeUnit: 'instructions' as const,
      pageBytes: 4096,
      samplePeriod: 1,
      source: 'ChampSim trace',
    });
    return importedBatches(file, tally, readRecords(file, bytes, options, tally), metadata, true);
  },
};

/** True where bytes can be an instruction: an ip, flags that are 0 or 1, and canonical addresses, of the kernel too. */
function plausible(bytes: Buffer, at: number): boolean {
  const isAddress = (offset: number) => {
    const top = bytes.readInt16LE(at + offset + 6);
    return top === 0 || (top === -1 && bytes[at + offset + 5] >= 128);
  };
  if (bytes[at + 8] > 1 || bytes[at + 9] > bytes[at + 8]) return false;
  if (bytes.readUInt32LE(at) === 0 && bytes.readUInt32LE(at + 4) === 0) return false;
  for (let offset = DESTINATIONS; offset < RECORD_BYTES; offset += 8)
    if (!isAddress(offset)) return false;
  return isAddress(0);
}

async function* readRecords(
  file: string,
  bytes: AsyncIterable<Buffer>,
  { fetches = false }: ImportOptions,
  tally: ImportTally,
): AsyncGenerator<TraceBatch> {
  const builder = new BatchBuilder();
  let instructions = 0;
  let without = 0;
  for await (const { bytes: records, count } of binaryRecords(file, bytes, RECORD_BYTES)) {
    for (let i = 0, at = 0; i < count; i++, at += RECORD_BYTES) {
      const flags = records.readUInt16LE(at + 8);
      if (flags > 1 && flags !== 0x0101) {
        throw new Error(
          `${file}: record ${instructions} at offset ${instructions * RECORD_BYTES}: branch flags (got ` +
            `${records[at + 8]} and ${records[at + 9]}, expected 0 or 1, and taken only of a branch)`,
        );
      }
      instructions++;
      const before = builder.length;
      if (fetches) {
        const [low, high] = [records.readUInt32LE(at), records.readUInt32LE(at + 4)];
        builder.push(instructions, low, high, FETCH_BYTES, FETCH, 0);
      }
      for (let operand = SOURCES; operand < RECORD_BYTES; operand += 8)
        pushOperand(builder, records, at + operand, instructions, LOAD);
      for (let operand = DESTINATIONS; operand < SOURCES; operand += 8)
        pushOperand(builder, records, at + operand, instructions, STORE);
      if (builder.length === before) without++;
      if (!builder.hasRoom(MOST_ROWS)) yield builder.take();
    }
  }
  tally.records = instructions;
  if (without > 0) leaveOut(tally, 'instructions without operands in memory', without);
  if (builder.length > 0) yield builder.take();
}

function pushOperand(
  builder: BatchBuilder,
  records: Buffer,
  at: number,
  time: number,
  op: number,
): void {
  const low = records.readUInt32LE(at);
  const high = records.readUInt32LE(at + 4);
  if (low !== 0 || high !== 0) builder.push(time, low, high, ACCESS_BYTES, op, 0);
}
