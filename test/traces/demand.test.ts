import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Demand, totalLines } from '../../traces/demand.ts';
import { demandFromArrow, writeDemand } from '../../traces/demand-file.ts';
import { demandOfArrow } from '../../traces/demand-of-arrow.ts';
import { type DemandOptions, demandOfParts, demandOfTrace } from '../../traces/demand-of-trace.ts';
import { demandPart } from '../../traces/demand-part.ts';
import { readArrow } from '../../traces/read-arrow.ts';
import { samplingError, samplingSentences } from '../../traces/sampling.ts';
import { synthRandom } from '../../traces/synth/random.ts';
import type { Trace } from '../../traces/trace.ts';
import { writeTrace } from '../../traces/write-trace.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { type Access, sampleTrace } from './sample-trace.ts';

const folder = temporaryFolder();
const units = { caches: [], lineBytes: 64, pageBytes: 4096 };

function demandOf(
  accesses: readonly Access[],
  options: Partial<DemandOptions> = {},
  batchRows?: number,
) {
  return demandOfTrace('t', sampleTrace(accesses, { level: 'memory' }, batchRows), {
    ...units,
    ...options,
  });
}

/** A demand as text: `epoch:page r w`, page numbers in hex. */
function drawn(demand: Demand): string[] {
  const { epochStart, page, pages, reads, writes } = demand;
  return Array.from(page, (ordinal, i) => {
    const epoch = epochStart.findIndex((_, e) => i < epochStart[e + 1]);
    return `${epoch}:${pages[ordinal].toString(16)} ${reads[i]} ${writes[i]}`;
  });
}

describe('demand', () => {
  test('counts lines by page, pages numbered in first-touch order', async () => {
    const demand = await demandOf([
      { address: 0x9000 },
      { address: 0x1000, size: 64 },
      { address: 0x1020, size: 64, op: 1 },
      { address: 0x9fff, size: 2 },
    ]);
    expect(drawn(demand)).toEqual(['0:9 2 0', '0:1 1 2', '0:a 1 0']);
    expect([...demand.pages]).toEqual([9, 1, 10]);
    expect(demand.metadata).toMatchObject({ accesses: 4, loads: 3, stores: 1, threads: 1 });
  });

  test('keeps pages near the top of the address space apart', async () => {
    const demand = await demandOf([
      { address: 2n ** 64n - 64n },
      { address: 2n ** 52n },
      { address: 2n ** 63n },
    ]);
    expect([...demand.pages]).toEqual([2 ** 52 - 1, 2 ** 40, 2 ** 51]);
  });

  test('cuts epochs by accesses and merges neighbours when there are too many', async () => {
    const rows = Array.from({ length: 5 * 4096 }, (_, i) => ({ address: (i >> 12) * 4096 }));
    expect(drawn(await demandOf(rows, { maxEpochs: 8 }))).toEqual(
      [0, 1, 2, 3, 4].map((e) => `${e}:${e.toString(16)} 4096 0`),
    );
    const merged = await demandOf(rows, { maxEpochs: 4 });
    expect(drawn(merged)).toEqual([
      '0:0 4096 0',
      '0:1 4096 0',
      '1:2 4096 0',
      '1:3 4096 0',
      '2:4 4096 0',
    ]);
    expect([...merged.epochTime]).toEqual([8192, 8192, 4095]);
    expect(drawn(await demandOf(rows, { maxEpochs: 1 })).length).toBe(5);
  });

  test('does not depend on how the trace is cut into batches, and loses nothing', async () => {
    const access = fc.record({
      address: fc.integer({ min: 0, max: 0x20000 }),
      op: fc.constantFrom(0, 1),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.array(access, { minLength: 1, maxLength: 50 }),
        fc.integer({ min: 1, max: 60 }),
        fc.constantFrom(1, 2, 6),
        async (some, batchRows, maxEpochs) => {
          // Long enough for several merges.
          const rows = Array.from({ length: 200 }, () => some)
            .flat()
            .map((row) => ({ ...row, size: 1 }));
          const whole = await demandOf(rows, { maxEpochs });
          expect(drawn(await demandOf(rows, { maxEpochs }, batchRows))).toEqual(drawn(whole));
          const stores = rows.filter((r) => r.op === 1).length;
          expect(totalLines(whole)).toEqual({ reads: rows.length - stores, writes: stores });
        },
      ),
      { numRuns: 15 },
    );
  });

  test('goes to a file and comes back the same', async () => {
    const made = synthRandom({
      pages: 500,
      accesses: 30_000,
      seed: 3,
      level: 'memory',
      readShare: 0.7,
    });
    const demand = await demandOfTrace('t', made, units);
    const file = join(folder, 'd.demand.arrow');
    await writeDemand(file, demand);
    const back = await readArrow(file, (source) => demandFromArrow(file, source));
    expect(back).toEqual(demand);
    expect(back.pages.buffer).toBeInstanceOf(SharedArrayBuffer);
  });

  test('counts a sampled access as many times as it stands for', async () => {
    const trace = sampleTrace([{ address: 0 }, { address: 64, op: 1 }], {
      level: 'memory',
      samplePeriod: 1000,
    });
    expect(totalLines(await demandOfTrace('t', trace, units))).toEqual({
      reads: 1000,
      writes: 1000,
    });
  });

  test('refuses an empty trace', async () => {
    await expect(demandOf([])).rejects.toThrow('t: no accesses');
  });

  test('does not count instruction fetches', async () => {
    const demand = await demandOf([
      { address: 0x1000, size: 64, op: 1 },
      { address: 0x2000, size: 4, op: 2 },
      { address: 0x3000, size: 64 },
    ]);
    expect(drawn(demand)).toEqual(['0:1 0 1', '0:3 1 0']);
    expect(demand.metadata).toMatchObject({ accesses: 2, loads: 1, stores: 1 });
  });

  test('of a sample of all accesses goes through no caches, and says so', async () => {
    const caches = [{ bytes: 4096, ways: 4, lineBytes: 64 }];
    const rows = Array.from({ length: 8 }, () => ({ address: 0 }));
    const trace = sampleTrace(rows, { samplePeriod: 10, sampleLength: 4 });
    const demand = await demandOfTrace('t', trace, { ...units, caches });
    expect(totalLines(demand)).toEqual({ reads: 80, writes: 0 });
    expect(demand.metadata).toMatchObject({ caches: [], sampleLength: 4 });
    expect(samplingError(demand.metadata)).toEqual({
      samples: 2,
      total: 1.96 / Math.SQRT2,
      share: 0.98 / Math.SQRT2,
    });
    expect(samplingSentences(demand.metadata).join(' ')).toMatch(
      /One access in 10 was recorded, in runs of 4.* 2 samples.*each counts as a line of memory/,
    );
  });
});

describe('epochs equal in time', () => {
  const at = (...times: number[]) =>
    times.map((time) => ({ time, address: time * 4096, size: 64 }));

  test('hold what was accessed in them, also where that is nothing', async () => {
    const demand = await demandOf(at(1000, 1001, 1007, 1008, 1030), { by: 'time', maxEpochs: 4 });
    // 30 after the first takes epochs of 8: 1000 to 1007, 1008 to 1015, none, 1024 to 1031.
    expect(drawn(demand).map((line) => line.split(' ')[0])).toEqual(
      ['0:3e8', '0:3e9', '0:3ef', '1:3f0', '3:406'].map(String),
    );
    expect([...demand.epochTime]).toEqual([8, 8, 8, 6]);
  });

  test('are as long whatever the batches', async () => {
    const times = fc.array(fc.integer({ min: 0, max: 5000 }), { minLength: 1, maxLength: 80 });
    await fc.assert(
      fc.asyncProperty(times, fc.integer({ min: 1, max: 9 }), async (unordered, batchRows) => {
        const rows = at(...unordered.toSorted((a, b) => a - b));
        const whole = await demandOf(rows, { by: 'time', maxEpochs: 6 });
        expect(await demandOf(rows, { by: 'time', maxEpochs: 6 }, batchRows)).toEqual(whole);
        expect(whole.epochTime.length).toBeLessThanOrEqual(6);
      }),
      { numRuns: 60 },
    );
  });
});

describe('a trace counted in parts', () => {
  const access = fc.record({
    address: fc.integer({ min: 0, max: 0x40000 }),
    op: fc.constantFrom(0, 1),
    size: fc.constantFrom(1, 64),
  });

  test.each(['accesses', 'time'] as const)(
    'gives the same demand, equal in %s, however it is divided and merged',
    async (by) => {
      await fc.assert(
        fc.asyncProperty(
          fc.array(access, { minLength: 2, maxLength: 200 }),
          fc.array(fc.nat(200), { maxLength: 4 }),
          fc.integer({ min: 1, max: 9 }),
          fc.constantFrom(12, 40, 1e6),
          async (some, cuts, maxEpochs, maxEntries) => {
            const rows = some.map((row, i) => ({ ...row, time: i * 3 }));
            const limits = { maxEpochs, maxEntries, epochLength: 1 };
            const all = { ...units, ...limits, by };
            const bounds = [0, ...cuts.filter((c) => c < rows.length), rows.length];
            bounds.sort((a, b) => a - b);
            const words = new Int32Array(2 * bounds.length);
            const partOf = (from: number, to: number, place: number) =>
              demandPart('t', sampleTrace(rows.slice(from, to), { level: 'memory' }), all, {
                start: { access: from, firstTime: 0, crowd: { words, place } },
              });
            const parts = [];
            for (const [i, from] of bounds.slice(0, -1).entries())
              parts.push(await partOf(from, bounds[i + 1], i));
            const { metadata } = sampleTrace(rows, { level: 'memory' });
            const whole = await demandPart('t', sampleTrace(rows, { level: 'memory' }), all);
            expect(demandOfParts('t', metadata, all, parts)).toEqual(
              demandOfParts('t', metadata, all, [whole]),
            );
          },
        ),
        { numRuns: 300 },
      );
    },
  );

  test('on worker threads: the same bytes on 1, 2 and 4, and when batches are cut anew', async () => {
    const made = () =>
      synthRandom({ pages: 3000, accesses: 8_100_000, seed: 5, level: 'memory', readShare: 0.6 });
    const file = join(folder, 'long.arrow');
    const cut = join(folder, 'cut.arrow');
    await writeTrace(file, made());
    await writeTrace(cut, recut(made(), 777_777));
    const bytes = async (path: string, threads: number) => {
      const demand = await readArrow(path, (source) =>
        demandOfArrow(path, source, { ...units, threads }),
      );
      const out = join(folder, `${threads}.demand.arrow`);
      await writeDemand(out, demand);
      return readFileSync(out);
    };
    const one = await bytes(file, 1);
    for (const threads of [2, 4]) expect((await bytes(file, threads)).equals(one)).toBe(true);
    for (const threads of [1, 2]) expect((await bytes(cut, threads)).equals(one)).toBe(true);
  });

  test('on worker threads: the first thing wrong is what is said, with its row', async () => {
    const file = join(folder, 'back.arrow');
    const { metadata, batches } = synthRandom({
      pages: 9,
      accesses: 6_000_000,
      seed: 5,
      level: 'memory',
      readShare: 1,
    });
    async function* spoilt() {
      let row = 0;
      for await (const batch of batches) {
        if (row <= 5_500_000 && row + batch.length > 5_500_000) batch.op[5_500_000 - row] = 7;
        if (row === 4_194_304) batch.op[0] = 9;
        yield batch;
        row += batch.length;
      }
    }
    await writeTrace(file, { metadata, batches: spoilt() });
    for (const threads of [1, 2, 3]) {
      await expect(
        readArrow(file, (source) => demandOfArrow(file, source, { ...units, threads })),
      ).rejects.toThrow('back.arrow: row 4194304: unknown op (got 9');
    }
  });
});

/** The same rows in batches of another size. */
function recut({ metadata, batches }: Trace, batchRows: number): Trace {
  async function* cut() {
    for await (const { length, time, address, size, op, thread } of batches) {
      for (let from = 0; from < length; from += batchRows) {
        const to = Math.min(length, from + batchRows);
        yield {
          length: to - from,
          time: time.slice(2 * from, 2 * to),
          address: address.slice(2 * from, 2 * to),
          size: size.slice(from, to),
          op: op.slice(from, to),
          thread: thread.slice(from, to),
        };
      }
    }
  }
  return { metadata, batches: cut() };
}
