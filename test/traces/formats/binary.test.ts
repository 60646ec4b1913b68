import { existsSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { champsim } from '../../../traces/formats/champsim.ts';
import { drmemtrace } from '../../../traces/formats/drmemtrace.ts';
import { gem5Protobuf } from '../../../traces/formats/gem5-protobuf.ts';
import { IMPORTERS, importTrace } from '../../../traces/import-trace.ts';
import type { Importer, ImportOptions } from '../../../traces/importer.ts';
import { rowsOf } from '../sample-trace.ts';
import {
  CHAMPSIM,
  champsimRecord,
  DRMEMTRACE,
  drmemtraceRecord,
  GEM5_HEADER,
  GEM5_PROTOBUF,
  gem5Message,
} from './samples-binary.ts';

async function* pieces(bytes: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

/** Rows as `time thread op address size`, and what became of the records. */
async function imported(
  importer: Importer,
  bytes: Buffer,
  options: ImportOptions = {},
  size = 1 << 16,
) {
  const { trace, tally } = await importer.read('t', pieces(bytes, size), options);
  const rows = (await rowsOf(trace)).map(
    (r) => `${r.time} t${r.thread} ${'RWF'[r.op]} ${r.address.toString(16)} ${r.size}`,
  );
  const left = [...tally.leftOut.values()].reduce((sum, n) => sum + n, 0);
  expect(tally.records).toBeGreaterThanOrEqual(left);
  expect(tally.rows).toBe(rows.length);
  return { ...tally, rows, metadata: trace.metadata };
}

const samples = [
  [drmemtrace, DRMEMTRACE],
  [champsim, CHAMPSIM],
  [gem5Protobuf, GEM5_PROTOBUF],
] as const;

describe.each(samples)('$name', (importer, bytes) => {
  test('is recognised, by itself alone', () => {
    expect(IMPORTERS.filter(({ recognise }) => recognise(bytes))).toEqual([importer]);
  });

  test('reads the same in pieces of any size', async () => {
    const whole = await imported(importer, bytes);
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 80 }), async (size) => {
        expect(await imported(importer, bytes, {}, size)).toEqual(whole);
      }),
    );
  });

  test('cut short says where', async () => {
    for (let length = 5; length < bytes.length; length++) {
      const cut = imported(importer, bytes.subarray(0, length));
      await expect(
        cut.then(() => 'a trace').catch((error: Error) => error.message),
      ).resolves.toMatch(
        /^a trace$|^t: (header|record|packet).* at offset \d+: .+|^t: no accesses/,
      );
    }
  });
});

describe('drmemtrace', () => {
  test('gives loads and stores, timed by instructions, of the thread they are of', async () => {
    const { rows, records, leftOut, notes } = await imported(drmemtrace, DRMEMTRACE);
    expect(rows).toEqual([
      '1 t7 R 7fff413f5c28 8',
      '2 t7 W ffff800000001000 16',
      '3 t9 R 601000 1',
    ]);
    expect(records).toBe(15);
    expect([...leftOut]).toEqual([
      ['prefetches', 1],
      ['instruction fetches', 3],
      ['thread and process records', 3],
      ['headers and footers', 2],
      ['markers', 1],
      ['repetitions of an instruction', 1],
      ['instruction encodings', 1],
    ]);
    expect(notes).toEqual(['1 row of unknown size (0 in the file) count as one byte each.']);
  });

  test('keeps fetches where they are asked for', async () => {
    const { rows } = await imported(drmemtrace, DRMEMTRACE, { fetches: true });
    expect(rows.filter((row) => row.includes('F'))).toEqual([
      '1 t7 F 401000 4',
      '2 t7 F 401004 2',
      '3 t9 F 401006 5',
    ]);
  });

  test('goes on where traces were joined, each with header and footer', async () => {
    const once = await imported(drmemtrace, DRMEMTRACE);
    const twice = await imported(drmemtrace, Buffer.concat([DRMEMTRACE, DRMEMTRACE]));
    const later = once.rows.map((row) => row.replace(/^\d+/, (time) => String(Number(time) + 3)));
    expect(twice.rows).toEqual([...once.rows, ...later]);
    expect(twice.records).toBe(2 * once.records);
  });

  test('tells of its page size, and of a filter while it was recorded', async () => {
    const marked = (fileType: number) =>
      Buffer.concat([
        drmemtraceRecord(25, 0, 6),
        drmemtraceRecord(28, 9, fileType),
        drmemtraceRecord(28, 18, 65536),
        drmemtraceRecord(0, 8, 0x601000),
      ]);
    const { metadata, notes } = await imported(drmemtrace, marked(0x40));
    expect(metadata.pageBytes).toBe(65536);
    expect(notes).toEqual([]);
    const data = (await imported(drmemtrace, marked(0x140))).notes;
    const instructions = (await imported(drmemtrace, marked(0xc0))).notes;
    expect(data).toEqual([expect.stringContaining('accesses that hit in the small cache')]);
    expect(instructions).toEqual([expect.stringContaining('time counts only')]);
    expect((await imported(drmemtrace, marked(0x41))).notes).toEqual([...data, ...instructions]);
  });

  test('leaves instructions without a length out, and says how many', async () => {
    const bytes = Buffer.concat([DRMEMTRACE, drmemtraceRecord(10, 0, 0x401010)]);
    const { records, rows, leftOut } = await imported(drmemtrace, bytes, { fetches: true });
    expect(leftOut.get('instructions of unknown length')).toBe(1);
    expect(records - [...leftOut.values()].reduce((sum, n) => sum + n, 0)).toBe(rows.length);
  });

  test('of instructions alone is an empty trace, and says so', async () => {
    const { rows, notes } = await imported(
      drmemtrace,
      Buffer.concat([drmemtraceRecord(25, 0, 5), drmemtraceRecord(10, 4, 0x1000)]),
    );
    expect(rows).toEqual([]);
    expect(notes).toEqual(['It has no loads and stores: the trace is empty.']);
  });

  test.each([
    [
      'an unknown type',
      [
        [25, 0, 5],
        [50, 0, 0],
      ],
      /record 1 at offset 12: type \(got 50, expected/,
    ],
    [
      'a page size that is none',
      [
        [25, 0, 5],
        [28, 18, 5000],
      ],
      /record 1 at offset 12: page size \(got 5000, expected a power of two from 4096\)/,
    ],
    [
      'records of 8 bytes',
      [[25, 0, 4 + 28 * 2 ** 32]],
      /record 0 at offset 0: version \(got 120259084292, expected 1 or later, of a 64-bit program\)/,
    ],
    ['no header', [[0, 8, 16]], /record 0 at offset 0: type \(got 0, expected a header, type 25/],
    [
      'nothing else',
      [
        [25, 0, 5],
        [26, 0, 0],
      ],
      /^t: record 0|^a trace$/,
    ],
  ] as const)('%s', async (_, records, message) => {
    const bytes = Buffer.concat(
      records.map(([type, size, at]) => drmemtraceRecord(type, size, at)),
    );
    const said = imported(drmemtrace, bytes)
      .then(() => 'a trace')
      .catch((error: Error) => error.message);
    await expect(said).resolves.toMatch(message);
  });

  const folder = '../shared/traces';
  test.skipIf(!existsSync(folder)).each([
    ['dynamorio_drmemtrace.simple_app.trace.zip', 191_901, 31_507, 12_338],
    ['dynamorio_drmemtrace.small.x64.trace', 251, 42, 14],
    ['dynamorio_fib_plus.trace.gz', 24_718, 4308, 1433],
    ['dynamorio_drmemtrace.allasm_x86_64.trace.zip', 329, 0, 0],
  ])(
    '%s has the counts it should (needs the shared samples)',
    async (file, count, reads, writes) => {
      const { trace, tally } = await importTrace(join(folder, file));
      const rows = await rowsOf(trace);
      expect(rows.filter((r) => r.op === 0)).toHaveLength(reads);
      expect(rows.filter((r) => r.op === 1)).toHaveLength(writes);
      expect(tally.records).toBe(count);
      const left = [...tally.leftOut.values()].reduce((sum, n) => sum + n, 0);
      expect(tally.records - left).toBe(rows.length);
    },
  );
});

describe('champsim', () => {
  test('gives an instruction its loads, then its stores', async () => {
    const { rows, records, leftOut } = await imported(champsim, CHAMPSIM);
    expect(rows).toEqual([
      '1 t0 R 7fff00001000 8',
      '3 t0 R 600000 8',
      '3 t0 R 610040 8',
      '3 t0 W 600000 8',
      '4 t0 W 620000 8',
      '4 t0 W 620008 8',
    ]);
    expect(records).toBe(4);
    expect([...leftOut]).toEqual([['instructions without operands in memory', 1]]);
  });

  test('keeps fetches where they are asked for; then no instruction is left out', async () => {
    const { rows, leftOut } = await imported(champsim, CHAMPSIM, { fetches: true });
    expect(rows.filter((row) => row.includes('F'))).toHaveLength(4);
    expect(leftOut.size).toBe(0);
  });

  test('is recognised in the kernel too; not where addresses are none', () => {
    const kernel = champsimRecord(0xffff_ffc0_0008_1000n, [], [0xffff_8000_1234_0000n]);
    const user = champsimRecord(0x40_1000, [], [0x60_0000]);
    expect(champsim.recognise(Buffer.concat([user, kernel, user, kernel]))).toBe(true);
    const high = champsimRecord(0xffff_0000_0008_1000n, [], []);
    expect(champsim.recognise(Buffer.concat([user, high, user, kernel]))).toBe(false);
  });

  test('refuses flags that are none', async () => {
    const bad = champsimRecord(0x401000, [], []);
    bad[9] = 1;
    await expect(imported(champsim, Buffer.concat([CHAMPSIM, bad]))).rejects.toThrow(
      't: record 4 at offset 256: branch flags (got 0 and 1, expected',
    );
  });
});

describe('gem5-protobuf', () => {
  test('gives requests that read or write, in ns, at physical addresses', async () => {
    const { rows, records, leftOut, metadata } = await imported(gem5Protobuf, GEM5_PROTOBUF);
    expect(rows).toEqual(['1 t0 R 180000040 64', '2 t0 W 8000000000000008 8', '9 t0 W 2000 64']);
    expect(records).toBe(4);
    expect([...leftOut]).toEqual([['ReadResp', 1]]);
    expect(metadata).toMatchObject({ level: 'memory', timeUnit: 'ns', physical: true });
    const access = await imported(gem5Protobuf, GEM5_PROTOBUF, { level: 'access' });
    expect(access.metadata.level).toBe('access');
  });

  test('takes load-locked and store-conditional; a number that has moved is left out', async () => {
    const of = (command: number) => gem5Message({ 1: 1000, 2: command, 3: 64, 4: 8 });
    const bytes = Buffer.concat([GEM5_HEADER, ...[26, 27, 28, 30, 13].map(of)]);
    const { rows, records, leftOut } = await imported(gem5Protobuf, bytes);
    expect(rows).toEqual(['1 t0 R 40 8', '1 t0 W 40 8']);
    expect(records).toBe(5);
    expect(Object.fromEntries(leftOut)).toEqual({
      StoreCondFailReq: 1,
      'of command 30': 1,
      HardPFReq: 1,
    });
  });

  test('takes fetches apart from loads at access level only', async () => {
    const bytes = Buffer.concat([
      GEM5_PROTOBUF,
      gem5Message({ 1: 9500, 2: 1, 3: 0x4000, 4: 64, 5: 0x101 }),
    ]);
    const fetched = async (options: ImportOptions) => {
      const { rows, leftOut } = await imported(gem5Protobuf, bytes, options);
      return [rows[3], leftOut.get('instruction fetches')];
    };
    expect(await fetched({})).toEqual(['9 t0 R 4000 64', undefined]);
    expect(await fetched({ level: 'access' })).toEqual([undefined, 1]);
    expect(await fetched({ level: 'access', fetches: true })).toEqual([
      '9 t0 F 4000 64',
      undefined,
    ]);
  });

  const packet = (...bytes: number[]) =>
    Buffer.concat([GEM5_HEADER, gem5Message({ 1: 1, 2: 1, 4: 8 }), Buffer.from(bytes)]);

  test.each([
    [
      'a length beyond reason',
      packet(0xff, 0xff, 0xff, 0x7f),
      /packet 1 at offset \d+: length \(got/,
    ],
    ['a length that never ends', packet(...Array(11).fill(0xff)), /packet 1 .*: length/],
    [
      'a field longer than its message',
      packet(3, 0x0a, 9, 1),
      /field 1 is longer than its message/,
    ],
    ['a wire type that is none', packet(1, 0x0b), /wire type 3/],
    ['a field that does not end', packet(2, 0x08, 0x80), /field 1 does not end/],
    ['size 0', packet(4, 0x08, 1, 0x10, 1), /packet 1 at offset \d+: size \(got 0, expected 1 to/],
    [
      'no frequency',
      Buffer.from([...Buffer.from('gem5'), 2, 0x10, 0]),
      /header at offset 4: tick_freq/,
    ],
    ['nothing but its magic', Buffer.from('gem5'), /header at offset 4: cut short/],
  ])('refuses %s', async (_, bytes, message) => {
    await expect(imported(gem5Protobuf, bytes)).rejects.toThrow(message);
  });
});
