import { readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { tableFromIPC } from '@uwdata/flechette';
import { tableFromArrays, tableToIPC } from 'apache-arrow';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readTrace } from '../../traces/read-trace.ts';
import { writeTrace } from '../../traces/write-trace.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { rowsOf, sampleTrace } from './sample-trace.ts';

const folder = temporaryFolder();

const access = fc.record({
  address: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
  size: fc.integer({ min: 1, max: 65535 }),
  op: fc.constantFrom(0, 1),
  thread: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
});

describe('a trace file', () => {
  test('gives back every row, whatever the batch size', async () => {
    const file = join(folder, 'round.arrow');
    await fc.assert(
      fc.asyncProperty(
        fc.array(access, { maxLength: 40 }),
        fc.integer({ min: 1, max: 9 }),
        async (rows, batch) => {
          const timed = rows.map((row, i) => ({ ...row, time: i * 2 ** 33 }));
          await writeTrace(file, sampleTrace(timed, {}, batch));
          expect(await rowsOf(await readTrace(file))).toEqual(
            timed.map(({ time, address, size, op, thread }) => ({
              time,
              address,
              size,
              op,
              thread,
            })),
          );
        },
      ),
      { numRuns: 40 },
    );
  });

  test('keeps its metadata, and reads the same through gzip', async () => {
    const file = join(folder, 'meta.arrow');
    const metadata = {
      level: 'memory' as const,
      timeUnit: 'ns' as const,
      samplePeriod: 7,
      outstanding: 1,
      source: 'by hand',
      command: 'sort x',
    };
    await writeTrace(file, sampleTrace([{ address: 4096 }], metadata));
    const packed = join(folder, 'meta.arrow.gz');
    writeFileSync(packed, gzipSync(readFileSync(file)));
    for (const path of [file, packed]) {
      const trace = await readTrace(path);
      expect(trace.metadata).toEqual({ ...metadata, pageBytes: 4096 });
      expect((await rowsOf(trace)).map((r) => r.address)).toEqual([4096n]);
    }
  });

  test('is what another Arrow reader reads', async () => {
    const file = join(folder, 'other.arrow');
    const address = 0xffff_8000_1234_5678n;
    await writeTrace(file, sampleTrace([{ address, size: 832, op: 1, thread: 9, time: 2 ** 40 }]));
    const table = tableFromIPC(readFileSync(file), { useBigInt: true });
    expect(table.schema.fields.map((f) => f.name)).toEqual([
      'time',
      'address',
      'size',
      'op',
      'thread',
    ]);
    expect(table.getChild('address').at(0)).toBe(address);
    expect(table.getChild('time').at(0)).toBe(2n ** 40n);
    expect(table.getChild('size').at(0)).toBe(832);
  });

  test('is not left half-written when its source fails', async () => {
    const file = join(folder, 'sub', 'half.arrow');
    const { metadata, batches } = sampleTrace([{ address: 1 }, { address: 2 }], {}, 1);
    async function* failing() {
      yield* batches;
      throw new Error('source broke');
    }
    await expect(writeTrace(file, { metadata, batches: failing() })).rejects.toThrow(
      'source broke',
    );
    expect(() => readFileSync(join(folder, 'sub'))).toThrow('ENOENT');
  });
});

describe('several runs writing below one new folder', () => {
  test('do not remove what another has finished when one fails', async () => {
    const { metadata, batches } = sampleTrace([{ address: 1 }], {}, 1);
    async function* failing() {
      yield* batches;
      await writeTrace(join(folder, 'shared', 'b', 'done.arrow'), sampleTrace([{ address: 1 }]));
      throw new Error('source broke');
    }
    const failed = writeTrace(join(folder, 'shared', 'a', 'half.arrow'), {
      metadata,
      batches: failing(),
    });
    await expect(failed).rejects.toThrow('source broke');
    expect(readdirSync(join(folder, 'shared'))).toEqual(['b']);
    expect(readdirSync(join(folder, 'shared', 'b'))).toEqual(['done.arrow']);
  });
});

describe('reading refuses', () => {
  const refused = async (name: string, bytes: Uint8Array, message: RegExp) => {
    const file = join(folder, name);
    writeFileSync(file, bytes);
    await expect(readTrace(file).then(rowsOf)).rejects.toThrow(message);
  };

  test('a missing file, an empty one, one that is not Arrow', async () => {
    await expect(readTrace(join(folder, 'none.arrow'))).rejects.toThrow('ENOENT');
    await refused('empty.arrow', new Uint8Array(0), /empty\.arrow: not an Arrow file .*empty file/);
    await refused(
      'text.arrow',
      Buffer.from('hello world'),
      /not an Arrow file \(got "hello ", expected "ARROW1"\)/,
    );
    await refused('packed.arrow', gzipSync('hello world'), /not an Arrow file \(got "hello "/);
  });

  test('a folder', async () => {
    await expect(readTrace(folder)).rejects.toThrow('is a directory');
  });

  test('Arrow with other columns or no metadata', async () => {
    const table = tableFromArrays({ a: new Int32Array([1]) });
    await refused(
      'columns.arrow',
      tableToIPC(table, 'file'),
      /not a trace: column 1 \(got a: Int32, expected time: Uint64\)/,
    );
    const named = tableFromArrays({
      time: new BigUint64Array(1),
      address: new BigUint64Array(1),
      size: new Uint16Array(1),
      op: new Uint8Array(1),
      thread: new Uint32Array(1),
    });
    await refused(
      'bare.arrow',
      tableToIPC(named, 'file'),
      /metadata numaweave\.version: .*\(got nothing\)/,
    );
    for (const [key, value] of Object.entries({
      'numaweave.version': '1',
      level: 'access',
      time_unit: 'ns',
      page_bytes: '5000',
      sample_period: '1',
      source: 'x',
    })) {
      named.schema.metadata.set(key, value);
    }
    await refused(
      'pages.arrow',
      tableToIPC(named, 'file'),
      /metadata page_bytes: expected a power of two.*\(got "5000"\)/,
    );
  });

  test('rows that are not valid', async () => {
    const file = join(folder, 'bad-op.arrow');
    await writeTrace(file, sampleTrace([{ address: 1 }, { address: 1, op: 7 }]));
    await expect(readTrace(file).then(rowsOf)).rejects.toThrow(/row 1: unknown op \(got 7/);
    await writeTrace(
      file,
      sampleTrace([
        { address: 1, time: 9 },
        { address: 1, time: 8 },
      ]),
    );
    await expect(readTrace(file).then(rowsOf)).rejects.toThrow(/row 1: time goes back/);
    const backwards = [5, 1000, 3, 4].map((time) => ({ address: 1, time }));
    await writeTrace(file, sampleTrace(backwards, {}, 2));
    await expect(readTrace(file).then(rowsOf)).rejects.toThrow(/row 2: time goes back/);
  });

  test('a file cut short, wherever it is cut', async () => {
    const file = join(folder, 'cut.arrow');
    const rows = Array.from({ length: 1000 }, (_, i) => ({ address: i * 64 }));
    await writeTrace(file, sampleTrace(rows, {}, 100));
    const { length } = readFileSync(file);
    for (const kept of [7, 200, length >> 1, length - 11, length - 1]) {
      const cut = join(folder, `cut-${kept}.arrow`);
      writeFileSync(cut, readFileSync(file));
      truncateSync(cut, kept);
      await expect(readTrace(cut).then(rowsOf), `cut at ${kept}`).rejects.toThrow(
        /cut-\d+\.arrow: /,
      );
    }
  });
});
