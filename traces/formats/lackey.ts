/**
 * Valgrind's lackey: `valgrind --tool=lackey --trace-mem=yes PROGRAM`.
 *
 * Producer: `lackey/lk_main.c` of valgrind 3.19 (`trace_instr`, `trace_load`, `trace_store`, `trace_modify`), one line a
 * record: `I  addr,size`, ` L addr,size`, ` S addr,size`, ` M addr,size`; the address in hex, the size decimal. Lines
 * that begin with `==`, `--` or `**` are valgrind's own messages.
 *
 * A modify is a load and a store. Lost in the conversion: real time (time is the count of instructions so far),
 * threads (lackey does not name them; all rows are thread 0), accesses inside the kernel, and the instruction fetches
 * themselves unless they are asked for.
 */

import { BatchBuilder } from '../batch-builder.ts';
import {
  emptyTally,
  type Imported,
  type Importer,
  type ImportTally,
  leaveOut,
} from '../importer.ts';
import { FETCH, LOAD, STORE, type TraceBatch } from '../trace.ts';

/** What a lackey log held; complete once the trace's batches have been read. */
export type LackeyTally = ImportTally & {
  lines: number;
  instructions: number;
  loads: number;
  stores: number;
  modifies: number;
  /** Valgrind's messages and blank lines, which are no records. */
  messages: number;
  /** True once lackey has printed its closing summary: the program ran to its end under it. */
  finished: boolean;
  command?: string;
};

/** No record and no message of valgrind's is longer, in bytes; a file without newlines is found out here. */
const MAX_LINE = 1 << 16;

const MAX_SIZE = 65535;
/** A modify is two rows. */
const ROWS_PER_LINE = 2;
/** Kind, address, comma, size, and both characters that may end a line. */
const LONGEST_PLAIN_LINE = 3 + 16 + 1 + 5 + 2;
const RECORD = /^(I | [LSM]) ([0-9a-fA-F]{1,16}),([0-9]+)$/;

const NEWLINE = 10;
const RETURN = 13;
const COMMA = 44;
const ZERO = 48;
/** The three characters a record begins with, as one number. */
const KIND = { instruction: 0x49_20_20, load: 0x20_4c_20, store: 0x20_53_20, modify: 0x20_4d_20 };

/** The value of every byte as a hex digit; of those that are none so much that no digits beside it hide it. */
const NO_DIGIT = 1 << 16;
const HEX = new Int32Array(256).fill(NO_DIGIT);
for (let digit = 0; digit < 16; digit++) {
  HEX[digit.toString(16).charCodeAt(0)] = digit;
  HEX[digit.toString(16).toUpperCase().charCodeAt(0)] = digit;
}

export const lackey: Importer = {
  name: 'lackey',
  title: 'valgrind --tool=lackey --trace-mem=yes',
  takes: ['fetches'],
  recognise: (head) =>
    /^(==\d+==|--\d+--|I {2}[0-9a-f]+,\d| [LSM] [0-9a-f]+,\d)/m.test(head.toString('latin1')),
  read: readLackey,
};

/**
 * The accesses in a lackey log, read as it arrives.
 *
 * `file` names the log in errors. Throws at the first line that is no record and no message of valgrind's; and where
 * the log holds no access at all.
 */
export async function readLackey(
  file: string,
  log: AsyncIterable<Buffer>,
  options: Readonly<{ command?: string; fetches?: boolean }> = {},
): Promise<Imported & Readonly<{ tally: LackeyTally }>> {
  const { command, fetches = false } = options;
  const tally: LackeyTally = {
    ...emptyTally(),
    lines: 0,
    instructions: 0,
    loads: 0,
    stores: 0,
    modifies: 0,
    messages: 0,
    finished: false,
    ...(command === undefined ? {} : { command }),
  };
  const parsed = lackeyBatches(file, log, fetches, tally);
  // The command stands at the head of the log and goes into the metadata, so the first batch is read at once.
  const first = await parsed.next();
  async function* batches(): AsyncGenerator<TraceBatch> {
    if (!first.done) yield first.value;
    yield* parsed;
  }
  return {
    trace: {
      metadata: {
        level: 'access',
        timeUnit: 'instructions',
        pageBytes: 4096,
        samplePeriod: 1,
        source: 'valgrind lackey',
        ...(tally.command === undefined ? {} : { command: tally.command }),
      },
      batches: batches(),
    },
    tally,
  };
}

async function* lackeyBatches(
  file: string,
  log: AsyncIterable<Buffer>,
  fetches: boolean,
  tally: LackeyTally,
): AsyncGenerator<TraceBatch> {
  const builder = new BatchBuilder();
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of log) {
    const text = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    let at = 0;
    while (at < text.length) {
      const next = parseLines(file, text, at, builder, fetches, tally);
      if (!builder.hasRoom(2)) yield builder.take();
      if (next === at) break;
      at = next;
    }
    rest = text.subarray(at);
    if (rest.length > MAX_LINE) {
      tally.lines++;
      notARecord(file, rest.toString('latin1', 0, MAX_LINE), tally);
    }
  }
  if (rest.length > 0) {
    parseLines(file, Buffer.concat([rest, Buffer.from('\n')]), 0, builder, fetches, tally);
  }
  if (builder.length > 0) yield builder.take();
  const { instructions, loads, stores, modifies } = tally;
  tally.records = instructions + loads + stores + modifies;
  tally.rows = loads + stores + 2 * modifies + (fetches ? instructions : 0);
  if (!fetches && instructions > 0) leaveOut(tally, 'instruction fetches', instructions);
  if (tally.loads + tally.stores + tally.modifies === 0) {
    throw new Error(
      `${file}: no accesses (got ${tally.lines} lines, expected some like " L 1fff000778,8")`,
    );
  }
}

/** Parses whole lines from `from` until the builder is full or no whole line is left; returns where it stopped. */
function parseLines(
  file: string,
  text: Buffer,
  from: number,
  builder: BatchBuilder,
  fetches: boolean,
  tally: LackeyTally,
): number {
  let at = from;
  for (;;) {
    at = parsePlainLines(text, at, builder, fetches, tally);
    if (!builder.hasRoom(ROWS_PER_LINE)) return at;
    const end = text.indexOf(NEWLINE, at);
    if (end < 0) return at;
    parseLine(file, text.toString('latin1', at, end).trimEnd(), builder, fetches, tally);
    at = end + 1;
  }
}

/**
 * Parses records as lackey writes them (an address of 8 to 16 digits) until the builder is full, the text might end within
 * one, or a line is anything else; returns where that line begins.
 */
function parsePlainLines(
  text: Buffer,
  from: number,
  builder: BatchBuilder,
  fetches: boolean,
  tally: LackeyTally,
): number {
  const last = text.length - LONGEST_PLAIN_LINE;
  let { lines, instructions, loads, stores, modifies } = tally;
  let start = from;
  while (start <= last && builder.hasRoom(ROWS_PER_LINE)) {
    const first = fourDigits(text, start + 3);
    const second = fourDigits(text, start + 7);
    let low = (first << 16) | second;
    let high = 0;
    let at = start + 11;
    for (let digit = HEX[text[at]]; digit < 16; digit = HEX[text[++at]]) {
      high = (high << 4) | (low >>> 28);
      low = (low << 4) | digit;
    }
    if ((first | second) >= NO_DIGIT || at - start > 19 || text[at] !== COMMA) break;
    let size = 0;
    for (let digit = text[++at] - ZERO; digit >= 0 && digit <= 9; digit = text[++at] - ZERO)
      size = size * 10 + digit;
    if (text[at] === RETURN) at++;
    if (text[at] !== NEWLINE || size === 0 || size > MAX_SIZE) break;
    const kind = (text[start] << 16) | (text[start + 1] << 8) | text[start + 2];
    if (kind === KIND.instruction) {
      instructions++;
      if (fetches) builder.push(instructions, low, high, size, FETCH, 0);
    } else if (kind === KIND.load) {
      loads++;
      builder.push(instructions, low, high, size, LOAD, 0);
    } else if (kind === KIND.store) {
      stores++;
      builder.push(instructions, low, high, size, STORE, 0);
    } else if (kind === KIND.modify) {
      modifies++;
      builder.push(instructions, low, high, size, LOAD, 0);
      builder.push(instructions, low, high, size, STORE, 0);
    } else break;
    lines++;
    start = at + 1;
  }
  tally.lines = lines;
  tally.instructions = instructions;
  tally.loads = loads;
  tally.stores = stores;
  tally.modifies = modifies;
  return start;
}

/** The value of four hex digits; `NO_DIGIT` or more where one of them is none. */
function fourDigits(text: Buffer, at: number): number {
  return (
    (HEX[text[at]] << 12) | (HEX[text[at + 1]] << 8) | (HEX[text[at + 2]] << 4) | HEX[text[at + 3]]
  );
}

/** Parses any line: a record however it is written, a message of valgrind's, or a blank one. */
function parseLine(
  file: string,
  line: string,
  builder: BatchBuilder,
  fetches: boolean,
  tally: LackeyTally,
): void {
  tally.lines++;
  const [, kind, address, sizeText] = RECORD.exec(line) ?? [];
  if (kind === undefined) {
    message(file, line, tally);
    return;
  }
  const low = Number.parseInt(address.slice(-8), 16);
  const high = Number.parseInt(`0${address.slice(0, -8)}`, 16);
  const size = Number(sizeText);
  if (size === 0 || size > MAX_SIZE) notARecord(file, line, tally);
  const push = (op: number) => builder.push(tally.instructions, low, high, size, op, 0);
  if (kind === 'I ') {
    tally.instructions++;
    if (fetches) push(FETCH);
  } else if (kind === ' L') {
    tally.loads++;
    push(LOAD);
  } else if (kind === ' S') {
    tally.stores++;
    push(STORE);
  } else {
    tally.modifies++;
    push(LOAD);
    push(STORE);
  }
}

function message(file: string, line: string, tally: LackeyTally): void {
  if (!/^(==|--|\*\*)\d+(==|--|\*\*)|^$/.test(line)) notARecord(file, line, tally);
  tally.messages++;
  const command = /^==\d+== Command: (.*)$/.exec(line);
  if (command?.[1] !== undefined) tally.command ??= command[1];
  if (/^==\d+== Exit code:/.test(line)) tally.finished = true;
}

function notARecord(file: string, line: string, tally: LackeyTally): never {
  const got = JSON.stringify(line.slice(0, 40));
  throw new Error(
    `${file}: line ${tally.lines}: not a lackey record (got ${got}, expected like " L 1fff000778,8")`,
  );
}
