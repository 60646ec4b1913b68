import type { RecordingTally } from './recording-tally.ts';
import { FETCH, STORE, type TraceBatch } from './trace.ts';

/** What else the plugin sends: called in order with the accesses, at the place where it was sent. */
export type RecordingEvents = Readonly<{
  /** The text of `/proc/self/maps` before the program's first instruction; QEMU's own mappings are in it. */
  begin: (maps: string) => void;
  /** A system call that has returned: its number in the program's ABI, its arguments and result as 64-bit words. */
  syscall: (number: number, result: bigint, args: readonly bigint[]) => void;
}>;

/** Kinds of what is sent; `qemu-plugin.c` has the same. */
const ACCESSES = 0x4341574e;
const SYSCALL = 0x5341574e;
const MAPS = 0x4d41574e;
const MESSAGE = 0x5441574e;
const END = 0x4541574e;
const KINDS = [ACCESSES, SYSCALL, MAPS, MESSAGE, END];

const HEADER_BYTES = 16;
/** Rows of a batch at most. */
const BATCH_ROWS = 1 << 20;
/** Records of a chunk at most, and bytes of one: 8 of address, 4 of time, 2 of size, 1 of op. */
const MAX_RECORDS = 4096;
const RECORD_BYTES = 15;
/** Bytes of a text at most. */
const MAX_TEXT_BYTES = 1 << 16;

/**
 * The accesses that `qemu-plugin.c` sends, as it sends them, in batches.
 *
 * Time is the number of instructions all threads have executed: each chunk's own count upon the sum of those before. So
 * the order of threads among each other is that in which their chunks arrive: 4,096 accesses at most, cut at every
 * system call. A batch's columns are used again for the one after the next. `file` names the recording in errors. What is cut off in mid-chunk is left out: the program was killed.
 * Throws where something else arrives.
 */
export async function* readRecording(
  file: string,
  stream: AsyncIterable<Buffer>,
  events: RecordingEvents,
  tally: RecordingTally,
): AsyncGenerator<TraceBatch> {
  let columns = emptyColumns();
  let others = emptyColumns();
  let rows = 0;
  const bytes = Buffer.from(new ArrayBuffer(1 << 20));
  let offset = 0;
  let end = 0;
  for await (const piece of stream) {
    for (let taken = 0; taken < piece.length; ) {
      const fits = Math.min(piece.length - taken, bytes.length - end);
      piece.copy(bytes, end, taken, taken + fits);
      taken += fits;
      end += fits;
      let at = 0;
      for (;;) {
        const length = sentBytes(file, bytes, at, end, offset);
        if (length === 0) break;
        if (bytes.readUInt32LE(at) === ACCESSES) {
          if (rows > BATCH_ROWS - MAX_RECORDS) {
            yield batchOf(columns, rows);
            [columns, others, rows] = [others, columns, 0];
          }
          rows += readChunk(bytes, at, columns, rows, tally);
        } else readEvent(bytes, at, events, tally);
        at += length;
      }
      bytes.copyWithin(0, at, end);
      offset += at;
      end -= at;
    }
  }
  if (rows > 0) yield batchOf(columns, rows);
}

type Columns = Omit<TraceBatch, 'length'>;

function emptyColumns(): Columns {
  return {
    time: new Uint32Array(2 * BATCH_ROWS),
    address: new Uint32Array(2 * BATCH_ROWS),
    size: new Uint16Array(BATCH_ROWS),
    op: new Uint8Array(BATCH_ROWS),
    thread: new Uint32Array(BATCH_ROWS),
  };
}

function batchOf({ time, address, size, op, thread }: Columns, length: number): TraceBatch {
  return {
    length,
    time: time.subarray(0, 2 * length),
    address: address.subarray(0, 2 * length),
    size: size.subarray(0, length),
    op: op.subarray(0, length),
    thread: thread.subarray(0, length),
  };
}

/** How long what begins at `at` is; 0 while it is not there as a whole. */
function sentBytes(file: string, bytes: Buffer, at: number, end: number, offset: number): number {
  if (end - at < HEADER_BYTES) return 0;
  const kind = bytes.readUInt32LE(at);
  const count = bytes.readUInt32LE(at + 8);
  const rounded = (count + 7) & ~7;
  const length = HEADER_BYTES + (kind === ACCESSES ? rounded * RECORD_BYTES : rounded);
  const most = kind === ACCESSES ? MAX_RECORDS : MAX_TEXT_BYTES;
  if (!KINDS.includes(kind) || count > most) {
    const got = `0x${kind.toString(16)} of ${count}`;
    throw new Error(`${file}: recording: offset ${offset + at}: no chunk begins here (got ${got})`);
  }
  return length <= end - at ? length : 0;
}

/** Adds the rows of the chunk at `at` to the columns from `row` on, and counts them; returns how many there are. */
function readChunk(
  bytes: Buffer,
  at: number,
  columns: Columns,
  row: number,
  tally: RecordingTally,
): number {
  const length = bytes.readUInt32LE(at + 8);
  const rounded = (length + 7) & ~7;
  const addresses = bytes.byteOffset + at + HEADER_BYTES;
  const times = addresses + 8 * rounded;
  const sizes = times + 4 * rounded;
  columns.address.set(new Uint32Array(bytes.buffer, addresses, 2 * length), 2 * row);
  columns.size.set(new Uint16Array(bytes.buffer, sizes, length), row);
  columns.thread.fill(bytes.readUInt32LE(at + 4), row, row + length);
  const ops = new Uint8Array(bytes.buffer, sizes + 2 * rounded, length);
  columns.op.set(ops, row);
  const since = new Uint32Array(bytes.buffer, times, length);
  const { time } = columns;
  const base = tally.instructions;
  let stores = 0;
  let fetches = 0;
  for (let i = 0, word = 2 * row; i < length; i++, word += 2) {
    const now = base + since[i];
    time[word] = now;
    time[word + 1] = now / 0x1_0000_0000;
    stores += ops[i] & STORE;
    fetches += ops[i] & FETCH;
  }
  tally.instructions += bytes.readUInt32LE(at + 12);
  tally.stores += stores;
  tally.fetches += fetches / FETCH;
  tally.loads += length - stores - fetches / FETCH;
  return length;
}

function readEvent(
  bytes: Buffer,
  at: number,
  events: RecordingEvents,
  tally: RecordingTally,
): void {
  const body = bytes.subarray(at + HEADER_BYTES, at + HEADER_BYTES + bytes.readUInt32LE(at + 8));
  const kind = bytes.readUInt32LE(at);
  if (kind === MAPS) events.begin(body.toString());
  else if (kind === MESSAGE) tally.messages.push(body.toString().trim());
  else if (kind === END) tally.finished = true;
  else {
    const words = Array.from({ length: 8 }, (_, i) => body.readBigUInt64LE(8 * i));
    events.syscall(Number(words[0]), words[1], words.slice(2));
  }
}
