import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { synthGups } from '../../traces/synth/gups.ts';
import { synthHashJoin } from '../../traces/synth/hash-join.ts';
import { synthMatmul } from '../../traces/synth/matmul.ts';
import { synthMix } from '../../traces/synth/mix.ts';
import { synthMlc } from '../../traces/synth/mlc.ts';
import { synthPhases } from '../../traces/synth/phases.ts';
import { synthPointerChase } from '../../traces/synth/pointer-chase.ts';
import { synthRandom } from '../../traces/synth/random.ts';
import { synthStream } from '../../traces/synth/stream.ts';
import { synthStrided } from '../../traces/synth/strided.ts';
import type { SynthTrace } from '../../traces/synth/synth-trace.ts';
import { synthZipf } from '../../traces/synth/zipf.ts';
import { infoOfTrace } from '../../traces/trace-info.ts';
import { writeTrace } from '../../traces/write-trace.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { rowsOf } from './sample-trace.ts';

const folder = temporaryFolder();
const options = { pages: 16, accesses: 4096, seed: 7, level: 'memory' as const };

/** A trace of more than one batch, so that what is at their borders is seen, of every pattern. */
const LONG = 1_100_000;
const memory = { level: 'memory', threads: 3, accesses: LONG, readShare: 0.5 } as const;
const random = (seed: number) => synthRandom({ ...memory, pages: 64, seed });
const seeded: readonly [string, (seed: number) => SynthTrace][] = [
  ['random', random],
  ['zipf', (seed) => synthZipf({ ...memory, pages: 64, theta: 0.9, order: 'scattered', seed })],
  ['strided', (seed) => synthStrided({ ...memory, pages: 64, strideBytes: 4160, seed })],
  ['pointer-chase', (seed) => synthPointerChase({ ...memory, pages: 64, seed })],
  ['mlc', (seed) => synthMlc({ ...memory, mix: 'W2', bufferBytes: 65536, order: 'random', seed })],
  ['gups', (seed) => synthGups({ ...memory, tableBytes: 65536, updates: LONG / 2, seed })],
  [
    'hash-join',
    (seed) =>
      synthHashJoin({ buildRows: LONG / 4, probeRows: LONG / 4, theta: 0.5, seed, threads: 3 }),
  ],
  ['phases', (seed) => synthPhases([random(seed), random(1)], ['a', 'b'])],
  ['mix', (seed) => synthMix([random(seed), random(1)], [2, 1], ['a', 'b'])],
];
const unseeded: readonly [string, () => SynthTrace][] = [
  [
    'stream',
    () => synthStream({ ...memory, kernel: 'add', arrayBytes: 64 * 40_000, iterations: 10 }),
  ],
  ['matmul', () => synthMatmul({ n: 90, block: 9, elementBytes: 4, threads: 3 })],
];

async function hashOf(trace: SynthTrace): Promise<string> {
  const path = join(folder, 't.arrow');
  await writeTrace(path, trace);
  return createHash('sha256').update(readFileSync(path)).digest('hex');
}

/** Counts of a trace, and whether time goes on by one a row. */
async function checked(trace: SynthTrace) {
  const threads = new Set<number>();
  let accesses = 0;
  let inOrder = true;
  for await (const batch of trace.batches) {
    for (let i = 0; i < batch.length; i++) {
      inOrder &&= batch.time[2 * i] === accesses + i && batch.time[2 * i + 1] === 0;
      threads.add(batch.thread[i]);
    }
    accesses += batch.length;
  }
  return { accesses, threads: threads.size, inOrder };
}

describe('every pattern', () => {
  test.each(seeded)(
    '%s: the same seed gives the same file, another one another',
    async (_, make) => {
      const first = await hashOf(make(7));
      expect(await hashOf(make(7))).toBe(first);
      expect(await hashOf(make(8))).not.toBe(first);
    },
  );

  test.each(unseeded)('%s: the same options give the same file', async (_, make) => {
    expect(await hashOf(make())).toBe(await hashOf(make()));
  });

  test.each([...seeded, ...unseeded])(
    '%s: rows and threads are as many as it says',
    async (_, make) => {
      const trace = make(1);
      const { accesses, threads } = trace;
      expect(await checked(trace)).toEqual({ accesses, threads, inOrder: true });
    },
  );
});

describe('random', () => {
  test('every line is as likely as any other, and loads have their share', async () => {
    const info = await infoOfTrace(
      't',
      synthRandom({ ...options, accesses: 160_000, readShare: 0.25 }),
    );
    expect(info.footprintPages).toBe(16);
    expect(info.loads / info.accesses).toBeCloseTo(0.25, 2);
    // 10,000 a page expected, standard deviation 97: five of them on either side.
    for (const { count } of info.hottestPages) expect(Math.abs(count - 10_000)).toBeLessThan(500);
  });

  test('accesses are those of earlier versions', async () => {
    const hash = createHash('sha256');
    const made = {
      pages: 2 ** 25,
      accesses: 5000,
      seed: 1,
      level: 'memory',
      readShare: 0.7,
    } as const;
    for await (const { address, op } of synthRandom(made).batches) hash.update(address).update(op);
    expect(hash.digest('hex')).toBe(
      '35b4015cb31c615e2606dd033f6e979f6a6d6a3632fa4f74934cf7920c0b2a33',
    );
  });
});

describe('pointer chase', () => {
  test('one cycle through every line, one read outstanding', async () => {
    const trace = synthPointerChase({ ...options, accesses: 2 * 16 * 64 });
    expect(trace.metadata.outstanding).toBe(1);
    const rows = await rowsOf(trace);
    const first = rows.slice(0, 1024).map((r) => r.address);
    expect(new Set(first).size).toBe(1024);
    expect(rows.slice(1024).map((r) => r.address)).toEqual(first);
  });

  test('threads have cycles through parts of their own, which make up the footprint', async () => {
    const rows = await rowsOf(synthPointerChase({ ...options, accesses: 2 * 1024, threads: 2 }));
    expect(rows.slice(0, 4).map(({ thread }) => thread)).toEqual([0, 1, 0, 1]);
    expect(new Set(rows.slice(0, 1024).map(({ address }) => address)).size).toBe(1024);
    for (const { address, thread } of rows) {
      expect((BigInt(address) - (1n << 40n)) / 0x8000n).toBe(BigInt(thread));
    }
  });
});

test('the source says how to make the trace again', () => {
  const chase = synthPointerChase({ ...options, threads: 2 });
  expect(chase.metadata.source).toBe(
    'numaweave trace synth pointer-chase --pages 16 --accesses 4096 --seed 7 --threads 2',
  );
});

test('trace info says what a trace holds', async () => {
  const info = await infoOfTrace('t.arrow', synthPointerChase({ ...options, accesses: 100 }));
  expect(info).toMatchObject({
    kind: 'trace',
    file: 't.arrow',
    accesses: 100,
    loads: 100,
    stores: 0,
    threads: 1,
    footprintBytes: info.footprintPages * 4096,
    duration: 99,
    timeUnit: 'instructions',
  });
  expect(info.hottestPages[0].count).toBeGreaterThanOrEqual(info.hottestPages[1].count);
  expect(info.hottestPages[0].address).toMatch(/^0x100000[0-9a-f]{5}$/);
});
