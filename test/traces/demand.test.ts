import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Demand, totalLines } from '../../traces/demand.ts';
import { demandFromArrow, writeDemand } from '../../traces/demand-file.ts';
import { demandOfTrace } from '../../traces/demand-of-trace.ts';
import { readArrow } from '../../traces/read-arrow.ts';
import { synthRandom } from '../../traces/synth/random.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { type Access, sampleTrace } from './sample-trace.ts';

const folder = temporaryFolder();
const units = { caches: [], lineBytes: 64, pageBytes: 4096 };

function demandOf(
  accesses: readonly Access[],
  options: { maxEpochs?: number } = {},
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

  test('refuses an empty trace and odd numbers of epochs', async () => {
    await expect(demandOf([])).rejects.toThrow('t: no accesses');
    await expect(demandOf([{ address: 0 }], { maxEpochs: 3 })).rejects.toThrow(
      'epochs: odd (got 3, expected 1 or',
    );
  });
});
