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

/** More rows than one batch has, so that what is at their borders is seen. */
const LONG = 1_100_000;
const memory = { level: 'memory', threads: 3, readShare: 0.5 } as const;
const random = (seed: number, accesses: number) =>
  synthRandom({ ...memory, pages: 64, seed, accesses });
/** Every pattern that takes a seed, about `accesses` rows of it. */
const seeded: readonly [string, (seed: number, accesses: number) => SynthTrace][] = [
  ['random', random],
  [
    'zipf',
    (seed, accesses) =>
      synthZipf({ ...memory, pages: 64, theta: 0.9, order: 'scattered', seed, accesses }),
  ],
  [
    'strided',
    (seed, accesses) => synthStrided({ ...memory, pages: 64, strideBytes: 4160, seed, accesses }),
  ],
  [
    'pointer-chase',
    (seed, accesses) => synthPointerChase({ ...memory, pages: 64, seed, accesses }),
  ],
  [
    'mlc',
    (seed, accesses) =>
      synthMlc({ ...memory, mix: 'W2', bufferBytes: 65536, order: 'random', seed, accesses }),
  ],
  [
    'gups',
    (seed, accesses) => synthGups({ ...memory, tableBytes: 65536, updates: accesses / 2, seed }),
  ],
  [
    'hash-join',
    (seed, accesses) => {
      const rows = accesses / 4;
      return synthHashJoin({ buildRows: rows, probeRows: rows, theta: 0.5, seed, threads: 3 });
    },
  ],
  ['phases', (seed, n) => synthPhases([random(seed, n / 4), random(1, n)], ['a', 'b'])],
  ['mix', (seed, n) => synthMix([random(seed, n), random(1, n / 2)], [2, 1], ['a', 'b'])],
];
const unseeded: readonly [string, (seed: number, accesses: number) => SynthTrace][] = [
  [
    'stream',
    (_, accesses) =>
      synthStream({ ...memory, kernel: 'add', arrayBytes: 64 * 1000, iterations: accesses / 2500 }),
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
  test.each(seeded)('%s: the same seed gives the same file, another another', async (_, make) => {
    const first = await hashOf(make(7, 100_000));
    expect(await hashOf(make(7, 100_000))).toBe(first);
    expect(await hashOf(make(8, 100_000))).not.toBe(first);
  });

  test.each(unseeded)('%s: the same options give the same file', async (_, make) => {
    expect(await hashOf(make(1, 100_000))).toBe(await hashOf(make(1, 100_000)));
  });

  test.each([...seeded, ...unseeded])(
    '%s: rows and threads are as many as it says',
    async (_, make) => {
      const trace = make(1, LONG);
      const { accesses, threads } = trace;
      expect(accesses).toBeGreaterThan(2 ** 20);
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
