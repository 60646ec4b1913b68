/**
 * Damaged files of every kind end with what they hold or with one clear error: one line that names the file, thrown as such and
 * not by what stumbled over the damage. NUMAWEAVE_FUZZ_RUNS sets the cases a format, 1,000 where it is not set.
 */

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { demandFromArrow, writeDemand } from '../../../traces/demand-file.ts';
import { demandOfTrace } from '../../../traces/demand-of-trace.ts';
import { IMPORTERS } from '../../../traces/import-trace.ts';
import { readArrow } from '../../../traces/read-arrow.ts';
import { readTrace } from '../../../traces/read-trace.ts';
import type { Trace } from '../../../traces/trace.ts';
import { unpack } from '../../../traces/unpack.ts';
import { writeTrace } from '../../../traces/write-trace.ts';
import { temporaryFolder } from '../../temporary-folder.ts';
import { compressedArrow } from '../compressed-arrow.ts';
import { packedBy, zipOf } from '../packed.ts';
import { sampleTrace } from '../sample-trace.ts';
import { edited, edits } from './mutations.ts';
import { SAMPLES } from './samples.ts';

// Batches of a million rows would make each case a matter of allocating them; small ones also end more often.
vi.mock(import('../../../traces/batch-builder.ts'), async (original) => {
  const { BatchBuilder } = await original();
  return {
    BatchBuilder: class extends BatchBuilder {
      constructor(capacity = 1 << 10) {
        super(Math.min(capacity, 1 << 10));
      }
    },
  };
});

const RUNS = Number(process.env.NUMAWEAVE_FUZZ_RUNS ?? 1000);
const LONG = { timeout: 120_000 + 60 * RUNS };
/** No format makes more rows of a byte, or bytes unpacked of a packed one. */
const MOST_PER_BYTE = 64;
const SLACK = 1 << 16;
/** But a line of DAMON's, which stands for a region of any size; then this many an interval. */
const MOST_OF_DAMON = 1 << 26;
const isDamon = (name: string) => /^damo/.test(name);

const folder = temporaryFolder();

/** Damages the sample in many ways; `read` counts what is left in it, a file of this name. */
async function fuzz(
  file: string,
  sample: Buffer,
  read: (bytes: Buffer) => Promise<number>,
  slack = SLACK,
): Promise<void> {
  expect(await read(sample)).toBeGreaterThan(0);
  await fc.assert(
    fc.asyncProperty(edits, async (all) => {
      const bytes = edited(sample, all);
      try {
        expect(await read(bytes)).toBeLessThanOrEqual(bytes.length * MOST_PER_BYTE + slack);
      } catch (error) {
        const { name, message } = error as Error;
        const text = `${name}: ${message}`;
        if (!/^Error: .{1,600}$/.test(text) || !text.startsWith(`Error: ${file}: `)) throw error;
      }
    }),
    { numRuns: RUNS, seed: 1, endOnFailure: true, timeout: 20_000 },
  );
}

async function rowsIn(trace: Trace): Promise<number> {
  let rows = 0;
  for await (const { length } of trace.batches) rows += length;
  return rows;
}

describe('every format', () => {
  test('has a sample', () => {
    expect(Object.keys(SAMPLES).sort()).toEqual(IMPORTERS.map(({ name }) => name).sort());
  });

  test.for(IMPORTERS)('$name, damaged', LONG, async ({ name, recognise, read }) => {
    const sample = SAMPLES[name];
    expect(recognise(sample)).toBe(true);
    const rowsOf = async (bytes: Buffer) => {
      recognise(bytes);
      async function* pieces() {
        for (let at = 0; at < bytes.length; at += 100) yield bytes.subarray(at, at + 100);
      }
      return rowsIn((await read('t.trace', pieces(), {})).trace);
    };
    await fuzz('t.trace', sample, rowsOf, isDamon(name) ? MOST_OF_DAMON : SLACK);
  });
});

describe('Arrow files', async () => {
  const file = join(folder, 't.arrow');
  const accesses = Array.from({ length: 300 }, (_, i) => ({
    address: (i * 0x2f35) << 3,
    op: i & 1,
  }));
  const made = () => sampleTrace(accesses, { level: 'memory', command: 'sort' }, 100);
  await writeTrace(file, made());
  const trace = readFileSync(file);
  const units = { caches: [], lineBytes: 64, pageBytes: 4096 };
  await writeDemand(file, await demandOfTrace(file, made(), units));
  const demand = readFileSync(file);
  const traceIn = async (bytes: Buffer) => {
    writeFileSync(file, bytes);
    return rowsIn(await readTrace(file));
  };

  test('a trace, damaged', LONG, () => fuzz(file, trace, traceIn));

  for (const codec of ['lz4', 'zstd'] as const) {
    const bytes = compressedArrow(trace, codec, 'flechette');
    test.skipIf(bytes === null)(`a trace compressed with ${codec}, damaged`, LONG, () =>
      fuzz(file, Buffer.from(bytes as Uint8Array), traceIn),
    );
  }

  test('a demand, damaged', LONG, () =>
    fuzz(file, demand, async (bytes) => {
      writeFileSync(file, bytes);
      const { page } = await readArrow(file, (source) => demandFromArrow(file, source));
      return page.length;
    }),
  );
});

describe('packed files', () => {
  const file = join(folder, 't.packed');
  const text = SAMPLES.lackey;
  const half = text.length >> 1;
  for (const [name, bytes] of [
    ['gzip', Buffer.concat([gzipSync(text), gzipSync(text)])],
    ['xz', packedBy('xz', ['--block-size=200'], text)],
    ['zstd', packedBy('zstd', [], text)],
    [
      'zip',
      zipOf([
        ['chunk.0000', text.subarray(0, half)],
        ['chunk.0001', text.subarray(half)],
      ]),
    ],
    ['zip with 64-bit fields', zipOf([['trace', text]], { zip64: true })],
  ] as const) {
    test.skipIf(bytes === null)(`${name}, damaged`, LONG, () =>
      fuzz(file, bytes as Buffer, async (damaged) => {
        writeFileSync(file, damaged);
        let length = 0;
        for await (const chunk of (await unpack(file)).bytes) length += chunk.length;
        return length;
      }),
    );
  }
});
