import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { chromium } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { traceInfoText } from '../../reports/trace-info-text.ts';
import { tracePage } from '../../reports/trace-page.ts';
import { demandOfTrace } from '../../traces/demand-of-trace.ts';
import { synthRandom } from '../../traces/synth/random.ts';
import type { TraceMetadata } from '../../traces/trace.ts';
import { infoOfDemand, infoOfTrace } from '../../traces/trace-info.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { type Access, sampleTrace } from './sample-trace.ts';

const folder = temporaryFolder();
const CHROMIUM = '/usr/bin/chromium';

const infoOf = (rows: readonly Access[], metadata: Partial<TraceMetadata> = {}, batch?: number) =>
  infoOfTrace('t.arrow', sampleTrace(rows, metadata, batch));

/** Loads of these pages, one each. */
const touching = (pages: readonly number[]): Access[] =>
  pages.map((page) => ({ address: page * 4096 }));

const range = (n: number, of: (i: number) => number) => Array.from({ length: n }, (_, i) => of(i));

describe('reuse', () => {
  const missAt = async (rows: readonly Access[], pages: number) =>
    (await infoOf(rows)).reuse?.curve.find((point) => point.pages === pages)?.missShare;

  test('a cyclic walk over N pages needs all N: one page less has none of them', async () => {
    const rows = touching(range(64 * 100, (i) => i % 64));
    expect(await missAt(rows, 32)).toBe(1);
    expect(await missAt(rows, 64)).toBeCloseTo(64 / 6400, 12);
  });

  test('going back and forth over N pages, a memory of M has what lies within M of the turn', async () => {
    const rows = touching(range(62 * 50, (i) => (i % 62 < 32 ? i % 62 : 62 - (i % 62))));
    // Of 31 steps to a turn, 15 come back after at most 15 other pages; only first touches are missed besides.
    const missed = await missAt(rows, 16);
    expect(missed).toBeGreaterThan(0.45);
    expect(missed).toBeLessThan(0.55);
  });

  test('is what a plain list of pages gives, touched twice or not', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.nat(40), { minLength: 1, maxLength: 400 }),
        fc.integer({ min: 1, max: 50 }),
        async (pages, batch) => {
          const { reuse } = await infoOf(touching(pages), {}, batch);
          for (const { pages: size, missShare } of reuse?.curve ?? []) {
            const held: number[] = [];
            let misses = 0;
            for (const page of pages) {
              const at = held.indexOf(page);
              if (at < 0) misses++;
              else held.splice(at, 1);
              held.unshift(page);
              held.length = Math.min(held.length, size);
            }
            expect(missShare).toBeCloseTo(misses / pages.length, 9);
          }
        },
      ),
      { numRuns: 60 },
    );
  });

  test('of many pages, from a sample of them: uniformly random misses what does not fit', async () => {
    const made = synthRandom({
      pages: 2 ** 15,
      accesses: 600_000,
      seed: 3,
      level: 'memory',
      readShare: 1,
    });
    const { reuse } = await infoOfTrace('t', made);
    expect(reuse?.followedShare).toBeLessThan(1);
    expect(reuse?.followedPages).toBeLessThanOrEqual(4096);
    const cold = 2 ** 15 / 600_000;
    for (const { pages, missShare } of reuse?.curve ?? []) {
      const expected = cold + (1 - cold) * (1 - Math.min(1, pages / 2 ** 15));
      expect(Math.abs(missShare - expected)).toBeLessThan(0.03);
    }
  });
});

describe('hot pages', () => {
  test('say what share the hottest 1, 10 and 50 % have', async () => {
    const rows = touching([...range(900, () => 7), ...range(99, (i) => 100 + i), 7]);
    const { hotPages, hottestPages } = await infoOf(rows);
    expect(hotPages).toMatchObject({ top1Percent: 0.901, top10Percent: 0.91, top50Percent: 0.95 });
    expect(hottestPages[0]).toEqual({ address: '0x7000', count: 901, share: 0.901 });
    expect(hotPages.curve[0]).toEqual({ pages: 0, traffic: 0 });
    expect(hotPages.curve.at(-1)).toEqual({ pages: 1, traffic: 1 });
  });
});

describe('strides and aliasing', () => {
  test('every 8th page: stride 8, and all even totals alias', async () => {
    const { strides, aliasingTotals } = await infoOf(touching(range(4000, (i) => 8 * i)));
    expect(strides?.strides).toEqual([
      { pages: 8, share: 1, aliases: range(16, (i) => 2 * i + 2) },
    ]);
    expect(aliasingTotals.map(({ total }) => total)).toEqual(range(32, (i) => 2 * i + 2));
    expect(aliasingTotals.find(({ total }) => total === 8)).toEqual({
      total: 8,
      share: 1,
      times: 8,
    });
    expect(aliasingTotals.find(({ total }) => total === 6)?.share).toBeCloseTo(1 / 3, 3);
  });

  test('every page alike: none alias; few pages at random: chance is not said to be a pattern', async () => {
    expect((await infoOf(touching(range(5000, (i) => i)))).aliasingTotals).toEqual([]);
    const few = touching(range(40, (i) => (i * 7919 + ((i * i) % 31)) % 10007));
    expect((await infoOf(few)).aliasingTotals).toEqual([]);
  });

  test("are of each thread's own steps", async () => {
    const rows = range(200, (i) => i).flatMap((i) => [
      { address: i * 4096, thread: 1 },
      { address: 2 ** 40 + i * 3 * 4096, thread: 2 },
    ]);
    const { strides, busiestThreads } = await infoOf(rows);
    expect(strides?.steps).toBe(398);
    expect(strides?.strides.map(({ pages, share }) => [pages, share])).toEqual([
      [1, 0.5],
      [3, 0.5],
    ]);
    expect(busiestThreads?.map(({ thread, share }) => [thread, share])).toEqual([
      [1, 0.5],
      [2, 0.5],
    ]);
  });
});

describe('phases', () => {
  const phasesOf = async (rows: readonly Access[]) =>
    (await infoOf(rows)).phases.map(({ start, readShare }) => [start, readShare]);

  test('cut where the program turns to other pages', async () => {
    const random = (i: number) => (i * 7919) % 97;
    const rows = touching(range(200_000, (i) => random(i) + (i < 81_920 ? 0 : 1000)));
    expect(await phasesOf(rows)).toEqual([
      [0, 1],
      [81_920, 1],
    ]);
  });

  test('cut where it turns from reading to writing; a walk through memory is one phase', async () => {
    const walk = range(163_840, (i) => i).map((i) => ({ address: i * 64, op: i < 81_920 ? 0 : 1 }));
    expect(await phasesOf(walk)).toEqual([
      [0, 1],
      [81_920, 0],
    ]);
    expect(await phasesOf(touching(range(160_000, (i) => i >> 3)))).toHaveLength(1);
  });

  test('share out all accesses, in order', async () => {
    const { phases, intervals, accesses } = await infoOf(
      touching(range(100_000, (i) => (i * i) % 5003)),
    );
    expect(phases.reduce((sum, p) => sum + p.share, 0)).toBeCloseTo(1, 12);
    expect(intervals.reduce((sum, i) => sum + i.reads + i.writes, 0)).toBe(accesses);
    expect(phases[0].start).toBe(0);
  });
});

describe('trace info', () => {
  test('is the same however the trace is cut into batches', async () => {
    const access = fc.record({
      address: fc.integer({ min: 0, max: 2 ** 22 }),
      op: fc.constantFrom(0, 1, 2),
      thread: fc.constantFrom(3, 5),
      size: fc.constantFrom(1, 8, 64),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.array(access, { minLength: 1, maxLength: 300 }),
        fc.integer({ min: 1, max: 50 }),
        async (rows, batch) => {
          expect(await infoOf(rows, {}, batch)).toEqual(await infoOf(rows));
        },
      ),
      { numRuns: 60 },
    );
  });

  test('counts fetches and pages of code apart, and pages by mapping', async () => {
    const vmas = [
      { start: 0x1000, end: 0x3000, pgoff: 1, kind: 'heap', huge: false },
      { start: 0x8000, end: 0x9000, pgoff: 8, kind: 'stack', huge: false },
    ] as const;
    const rows = [
      { address: 0x1000 },
      { address: 0x400000, op: 2 },
      { address: 0x401000, op: 2 },
      { address: 0x2000, op: 1 },
      { address: 0x8000 },
      { address: 0x9000 },
    ];
    const info = await infoOf(rows, { vmas });
    expect(info).toMatchObject({
      accesses: 4,
      loads: 3,
      stores: 1,
      fetches: 2,
      codePages: 2,
      footprintPages: 4,
      readShare: 0.75,
      mappings: [
        { kind: 'heap', pages: 2, share: 0.5 },
        { kind: 'stack', pages: 1, share: 0.25 },
        { kind: 'unknown', pages: 1, share: 0.25 },
      ],
    });
    expect(traceInfoText(info)).toMatch(/fetches +2 of instructions, on 2 pages of code/);
  });

  test('of a demand says nothing of order or threads, and counts lines', async () => {
    const made = synthRandom({
      pages: 300,
      accesses: 20_000,
      seed: 1,
      level: 'memory',
      readShare: 0.5,
    });
    const units = { caches: [], lineBytes: 64, pageBytes: 4096 };
    const info = infoOfDemand('d', await demandOfTrace('d', made, units));
    expect([info.reuse, info.strides, info.busiestThreads]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
    expect(info.hottestPages.reduce((sum, p) => sum + p.count, 0)).toBeGreaterThan(600);
    expect((info.linesRead ?? 0) + (info.linesWritten ?? 0)).toBe(20_000);
    expect(info.readShare).toBe((info.linesRead ?? 0) / 20_000);
    expect(traceInfoText(info)).not.toContain('steps in pages');
  });

  test('of a sample says how far it can be off, and never more than 80 columns', async () => {
    const info = await infoOf(touching(range(5000, (i) => 8 * (i % 999))), {
      samplePeriod: 1000,
      command: 'x',
    });
    const text = traceInfoText(info);
    expect(text).toMatch(/One access in 1,000 was recorded/);
    const long = text.split('\n').filter((line) => line.length > 80);
    expect(long).toEqual([]);
    expect(text).toMatch(/Aliasing: weights of these totals .* 8 \(one place in 8 has 100.0 %\)/s);
  });
});

describe('its page', () => {
  const rows = touching(range(60_000, (i) => (i * 7919) % (i < 30_000 ? 97 : 500)));

  test('holds what the table does, and loads nothing', async () => {
    const info = { ...(await infoOf(rows)), file: '<t> & u.arrow' };
    const page = await tracePage(info);
    expect(page.match(/<svg /g)).toHaveLength(8);
    expect(page).toContain('&lt;t&gt; &amp; u.arrow');
    expect(page).not.toMatch(/<script|<link[^>]*href="(?!data:)|@import/);
    expect(await tracePage(info)).toBe(page);
  });

  test.skipIf(!existsSync(CHROMIUM))('opens in a browser (needs chromium)', async () => {
    const file = join(folder, 'info.html');
    writeFileSync(file, await tracePage(await infoOf(rows)));
    const browser = await chromium.launch({
      executablePath: CHROMIUM,
      args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking'],
    });
    try {
      const tab = await browser.newPage({ viewport: { width: 390, height: 900 } });
      const seen: string[] = [];
      tab.on('request', (request) => seen.push(request.url()));
      tab.on('console', (message) => seen.push(message.text()));
      await tab.goto(`file://${file}`);
      expect(seen).toEqual([`file://${file}`]);
      expect(
        await tab.evaluate(
          'document.documentElement.scrollWidth - document.documentElement.clientWidth',
        ),
      ).toBe(0);
    } finally {
      await browser.close();
    }
  });
});
