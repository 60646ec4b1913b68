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

const NEWLINE = 10;
const RETURN = 13;
const SPACE = 32;
const COMMA = 44;
const LETTER = { I: 73, L: 76, M: 77, S: 83 };

/** The value of every byte as a hex digit, 255 where it is none. */
const HEX = new Uint8Array(256).fill(255);
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
      if (builder.capacity - builder.length < 2) yield builder.take();
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
  const room = builder.capacity - 2;
  let at = from;
  while (builder.length <= room) {
    const end = text.indexOf(NEWLINE, at);
    if (end < 0) break;
    tally.lines++;
    const first = text[at];
    if (first === LETTER.I) {
      tally.instructions++;
      if (fetches) access(file, text, at, end, builder, tally);
    } else if (first !== SPACE || text[at + 2] !== SPACE) {
      message(file, text.toString('latin1', at, end).trimEnd(), tally);
    } else {
      access(file, text, at, end, builder, tally);
    }
    at = end + 1;
  }
  return at;
}

function access(
  file: string,
  text: Buffer,
  start: number,
  end: number,
  builder: BatchBuilder,
  tally: LackeyTally,
): void {
  let low = 0;
  let high = 0;
  let at = start + 3;
  for (; HEX[text[at]] < 16; at++) {
    high = (high << 4) | (low >>> 28);
    low = (low << 4) | HEX[text[at]];
  }
  const digits = at - start - 3;
  const last = text[end - 1] === RETURN ? end - 1 : end;
  let size = 0;
  const sizeAt = ++at;
  for (; at < last && text[at] >= 48 && text[at] <= 57; at++) size = size * 10 + text[at] - 48;
  const kind = text[start] === LETTER.I ? LETTER.I : text[start + 1];
  const wellFormed = digits > 0 && digits <= 16 && text[sizeAt - 1] === COMMA && at === last;
  if (!wellFormed || size === 0 || size > 65535)
    notARecord(file, text.toString('latin1', start, last), tally);
  if (kind === LETTER.I) {
    builder.push(tally.instructions, low >>> 0, high >>> 0, size, FETCH, 0);
    return;
  }
  if (kind === LETTER.L) tally.loads++;
  else if (kind === LETTER.S) tally.stores++;
  else if (kind === LETTER.M) tally.modifies++;
  else notARecord(file, text.toString('latin1', start, last), tally);
  if (kind !== LETTER.S) builder.push(tally.instructions, low >>> 0, high >>> 0, size, LOAD, 0);
  if (kind !== LETTER.L) builder.push(tally.instructions, low >>> 0, high >>> 0, size, STORE, 0);
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
