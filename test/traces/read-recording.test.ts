import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readRecording } from '../../traces/read-recording.ts';
import { emptyRecordingTally } from '../../traces/recording-tally.ts';
import { rowsOf } from './sample-trace.ts';

type Row = [time: number, address: bigint, size: number, op: number];

/** What the plugin sends: four words, then the body, up to a multiple of 8 bytes. */
function sent(kind: string, thread: number, count: number, instructions: number, body: Buffer) {
  const header = Buffer.alloc(16);
  header.write(kind, 'latin1');
  [thread, count, instructions].forEach((word, i) => {
    header.writeUInt32LE(word, 4 * (i + 1));
  });
  return Buffer.concat([header, body, Buffer.alloc(-body.length & 7)]);
}

function chunk(thread: number, instructions: number, rows: readonly Row[]): Buffer {
  const room = (rows.length + 7) & ~7;
  const body = Buffer.alloc(15 * room, 0xee);
  rows.forEach(([time, address, size, op], i) => {
    body.writeBigUInt64LE(address, 8 * i);
    body.writeUInt32LE(time, 8 * room + 4 * i);
    body.writeUInt16LE(size, 12 * room + 2 * i);
    body.writeUInt8(op, 14 * room + i);
  });
  return sent('NWAC', thread, rows.length, instructions, body);
}

const words = (...list: bigint[]) => Buffer.from(BigUint64Array.from(list).buffer);
const text = (kind: string, said: string) => sent(kind, 7, said.length, 0, Buffer.from(said));

async function* pieces(bytes: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function read(bytes: Buffer, size = 1 << 16) {
  const events: unknown[] = [];
  const tally = emptyRecordingTally();
  const batches = readRecording(
    'prog',
    pieces(bytes, size),
    {
      begin: (maps) => events.push(maps),
      syscall: (...call) => events.push(call),
    },
    tally,
  );
  const metadata = {
    level: 'access',
    timeUnit: 'instructions',
    pageBytes: 4096,
    samplePeriod: 1,
    source: 'test',
  } as const;
  return { rows: await rowsOf({ metadata, batches }), events, tally };
}

const RECORDING = Buffer.concat([
  text('NWAM', '1000-2000 rw-p 00000000 00:00 0\n'),
  chunk(7, 10, [
    [1, 0x7fff_1234_5678n, 8, 1],
    [9, 0xffff_8000_1fff_0770n, 32, 0],
  ]),
  sent('NWAS', 7, 64, 0, words(9n, 0x1000n, 1n, 2n, 3n, 4n, 5n, 6n)),
  chunk(8, 5, [[3, 16n, 4, 2]]),
  text('NWAT', 'qemu: uncaught target signal 11\n'),
  chunk(7, 2, [[2, 24n, 1, 0]]),
  chunk(7, 4, []),
  sent('NWAE', 7, 0, 0, Buffer.alloc(0)),
]);

describe('a recording', () => {
  test('is timed by the instructions of all threads together', async () => {
    const { rows, events, tally } = await read(RECORDING);
    expect(rows.map((r) => [r.time, r.address, r.size, r.op, r.thread])).toEqual([
      [1, 0x7fff_1234_5678n, 8, 1, 7],
      [9, 0xffff_8000_1fff_0770n, 32, 0, 7],
      [13, 16n, 4, 2, 8],
      [17, 24n, 1, 0, 7],
    ]);
    expect(events).toEqual([
      '1000-2000 rw-p 00000000 00:00 0\n',
      [9, 0x1000n, [1n, 2n, 3n, 4n, 5n, 6n]],
    ]);
    expect(tally).toEqual({
      instructions: 21,
      loads: 2,
      stores: 1,
      fetches: 1,
      finished: true,
      messages: ['qemu: uncaught target signal 11'],
    });
  });

  test('is read the same in pieces of any size', async () => {
    const whole = await read(RECORDING);
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 400 }), async (size) => {
        expect(await read(RECORDING, size)).toEqual(whole);
      }),
      { numRuns: 20 },
    );
  });

  test('cut off, keeps the chunks that are whole, and is not finished', async () => {
    const { rows, tally } = await read(RECORDING.subarray(0, -17));
    expect(rows).toHaveLength(4);
    expect(tally.finished).toBe(false);
    expect((await read(RECORDING.subarray(0, 100))).rows).toHaveLength(0);
  });

  test('names the offset where something else arrives', async () => {
    const bytes = Buffer.concat([text('NWAT', 'x'), Buffer.from('hello, what is this')]);
    await expect(read(bytes)).rejects.toThrow(
      /^prog: recording: offset 24: no chunk begins here \(got 0x6c6c6568/,
    );
    await expect(read(sent('NWAC', 1, 4097, 0, Buffer.alloc(0)))).rejects.toThrow(/of 4097\)$/);
  });
});
