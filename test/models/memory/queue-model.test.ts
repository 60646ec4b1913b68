import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { EventWheel } from '../../../models/memory/event-wheel.ts';
import { LatencyHistogram } from '../../../models/memory/latency-histogram.ts';
import { type MemorySystem, memorySystem } from '../../../models/memory/memory-system.ts';
import { presets } from '../../../models/memory/presets.ts';
import { RandomOrder } from '../../../models/memory/random-order.ts';
import { type Path, replayed, solved, systemOf } from '../memory-system.ts';

/** Lines of an epoch. One between others is compared: at the end of a run some channels are done before others. */
const LINES = 200_000;
const dram: Path = { idle: 115, gbps: 288, queueing: 0.2 };
const cxl: Path = { idle: 250, gbps: 26, queueing: 0.2 };

/** Lines of a socket over its paths, in these shares, reads and writes. */
function lines(shares: readonly number[], readShare: number) {
  const sum = shares.reduce((all, own) => all + own, 0);
  const of = (part: number) => shares.map((own) => Math.round((LINES * own * part) / sum));
  return { reads: of(readShare), writes: of(1 - readShare) };
}

/** All the grid's systems: hand-made ones, and every built-in machine as its first socket sees it. */
const GRID: Record<string, MemorySystem> = {
  'DRAM and CXL': systemOf([[dram, cxl]]),
  'two alike': systemOf([[dram, dram]]),
  'three unlike': systemOf([
    [
      { idle: 100, gbps: 200, queueing: 0.05 },
      { idle: 250, gbps: 60, queueing: 0.6 },
      { idle: 400, gbps: 20, queueing: 0.1 },
    ],
  ]),
  'CXL behind a link': systemOf(
    [[dram, { ...cxl, gbps: 60, via: ['x16'] }]],
    [{ id: 'x16', readGbps: 50, writeGbps: 50 }],
  ),
  ...Object.fromEntries([...presets].map(([name, machine]) => [name, memorySystem(machine, 0)])),
};
const READ_SHARES = [1, 2 / 3, 0.5];
const SLOTS = [16, 160, 896];
/** Weights of the first node against each of the others. */
const WEIGHTS = [1, 4, 9];

describe('the queue model and the closed loop', () => {
  test.each(Object.keys(GRID))('%s: throughput agrees within 5 percent', (name) => {
    const memory = GRID[name];
    for (const readShare of READ_SHARES) {
      for (const slots of SLOTS) {
        for (const weight of WEIGHTS) {
          const shares = memory.paths.map((_, k) => (k === 0 ? weight : 1));
          const { reads, writes } = lines(shares, readShare);
          const loop = solved(memory, slots, reads, writes).time;
          const queue = replayed(memory, [slots], reads, writes, 0, 1).time;
          expect(queue / loop, `${readShare} reads, ${slots} slots, ${weight}:1`).toBeGreaterThan(
            0.95,
          );
          expect(queue / loop, `${readShare} reads, ${slots} slots, ${weight}:1`).toBeLessThan(
            1.05,
          );
        }
      }
    }
  });

  test("two sockets that share nodes and a link: so does the time, and each path's latency", () => {
    const remote: Path = { idle: 180, gbps: 100, queueing: 0.2, via: ['upi'] };
    const memory = systemOf(
      [
        [dram, remote],
        [remote, dram],
      ],
      [{ id: 'upi', readGbps: 60, writeGbps: 60 }],
    );
    for (const near of [0.9, 0.5, 0.2]) {
      const own = lines([near, 1 - near], 2 / 3);
      const reads = [...own.reads, ...own.reads.toReversed()];
      const writes = [...own.writes, ...own.writes.toReversed()];
      const loop = solved(memory, [448, 448], reads, writes);
      const queue = replayed(memory, [448, 448], reads, writes);
      expect(Math.abs(queue.time / loop.time - 1)).toBeLessThan(0.02);
      for (const [p, ns] of loop.loadNs.entries())
        expect(Math.abs(queue.loadNs[p] / ns - 1)).toBeLessThan(0.03);
    }
  });

  test('so they do where threads compute, and where a table says how latency grows', () => {
    const { reads, writes } = lines([9, 1], 0.75);
    const memory = systemOf([[dram, cxl]]);
    for (const computeNs of [2e5, 2e6]) {
      const loop = solved(memory, 160, reads, writes, computeNs).time;
      expect(
        Math.abs(replayed(memory, [160], reads, writes, computeNs).time / loop - 1),
      ).toBeLessThan(0.02);
    }
    const table = [0.25, 0.5, 0.75, 0.9].map((u) => ({ gbps: 200 * u, ns: 100 * (1 + u ** 4) }));
    const tabulated = {
      ...memory,
      paths: memory.paths.map((p, k) =>
        k === 0
          ? { ...p, idle_ns: 100, curve: { table: [{ read_share: 1, gbps: 200, points: table }] } }
          : p,
      ),
    };
    for (const slots of [64, 320, 896]) {
      const loop = solved(tabulated, slots, reads, writes).time;
      expect(Math.abs(replayed(tabulated, [slots], reads, writes).time / loop - 1)).toBeLessThan(
        0.05,
      );
    }
  });
});

describe('closed forms, which both keep to within 1 %', () => {
  const models = { 'the closed loop': solved, 'the queue model': replayed } as const;
  test.each(Object.entries(models))(
    '%s: one node without contention: lines times latency over slots',
    (_, model) => {
      for (const slots of [1, 2, 8]) {
        const exact = (20_000 * slots * dram.idle) / slots;
        expect(
          Math.abs(model(systemOf([[dram]]), [slots], [20_000 * slots], [0]).time / exact - 1),
        ).toBeLessThan(0.01);
      }
    },
  );

  test('a saturated node: lines over bandwidth', () => {
    const one = systemOf([[dram]]);
    const exact = (1e6 * 64) / dram.gbps;
    // Of the queue model an epoch between others: channels do not run empty at its end.
    const reading = [solved(one, 40_000, [1e6], [0]), replayed(one, [40_000], [1e6], [0], 0, 2)];
    const writing = [solved(one, 896, [0], [1e6]), replayed(one, [896], [0], [1e6])];
    for (const { time } of [...reading, ...writing])
      expect(Math.abs(time / exact - 1)).toBeLessThan(0.01);
  });
});

describe('inside the queue model', () => {
  test('a slow node holds the slots a fast one waits for', () => {
    const memory = systemOf([[dram, cxl]]);
    const alone = replayed(memory, [896], [LINES, 0], [0, 0]);
    const beside = replayed(memory, [896], [LINES / 2, LINES / 2], [0, 0]);
    expect(beside.loadNs[0]).toBeLessThan(0.6 * alone.loadNs[0]);
    expect(beside.loadNs[1]).toBeGreaterThan(5 * cxl.idle);
    expect(beside.time).toBeGreaterThan(3 * alone.time);
  });

  test("percentiles of a channel's wait are those of M/M/1", () => {
    // One node with so much latency elsewhere that arrivals are nearly random.
    const far: Path = { idle: 10_000, gbps: 64, queueing: 0.005 };
    const { histograms, time } = replayed(systemOf([[far]]), [8000], [4e6], [0]);
    const u = (4e6 * 64) / 64 / time;
    const service = far.idle * far.queueing;
    const sojourn = service / (1 - u);
    for (const share of [0.5, 0.99, 0.999]) {
      const exact = far.idle - service - sojourn * Math.log(1 - share);
      expect(Math.abs(histograms[0].quantile(share) / exact - 1)).toBeLessThan(0.01);
    }
  });

  test('the same run gives the same bits', () => {
    const memory = systemOf([[dram, cxl]]);
    const run = () => replayed(memory, [160], [LINES, LINES / 10], [LINES / 2, LINES / 20]).time;
    expect(run()).toBe(run());
  });

  test('the wheel hands things out in order of time, to the tick', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 0, max: 50_000, noNaN: true }), { minLength: 1, maxLength: 200 }),
        fc.array(fc.double({ min: 0, max: 20_000, noNaN: true }), { maxLength: 200 }),
        fc.double({ min: 0.05, max: 3, noNaN: true }),
        (first, later, tickNs) => {
          const wheel = new EventWheel(first.length, tickNs);
          for (const [thing, due] of first.entries()) wheel.push(thing, due);
          let [before, popped] = [0, 0];
          for (let thing = wheel.pop(); thing >= 0; thing = wheel.pop(), popped++) {
            expect(wheel.dueNs[thing]).toBeGreaterThanOrEqual(before - 2 * tickNs);
            before = Math.max(before, wheel.dueNs[thing]);
            if (popped < later.length) wheel.push(thing, before + later[popped]);
          }
          expect(popped).toBe(first.length + Math.min(later.length, popped));
        },
      ),
    );
  });

  test("histograms give quantiles to their buckets' width", () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 0.2, max: 1e6, noNaN: true }), { minLength: 1, maxLength: 300 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (latencies, share) => {
          const histogram = new LatencyHistogram();
          for (const ns of latencies) histogram.record(ns);
          const sorted = latencies.toSorted((a, b) => a - b);
          const exact = sorted[Math.max(1, Math.ceil(share * sorted.length)) - 1];
          expect(Math.abs(histogram.quantile(share) - exact)).toBeLessThanOrEqual(
            0.008 * exact + 0.125,
          );
        },
      ),
    );
  });

  test('a random order has exactly the lines asked for', () => {
    const count = fc.integer({ min: 0, max: 20_000 });
    fc.assert(
      fc.property(fc.array(fc.tuple(count, count), { minLength: 1, maxLength: 5 }), (paths) => {
        const order = new RandomOrder(paths.length, 7);
        const counts = (i: 0 | 1) => Float64Array.from(paths, (own) => own[i]);
        order.start(counts(0), counts(1), 0, paths.length);
        const seen = paths.map(() => [0, 0]);
        const into = new Uint16Array(1 << 14);
        for (let n = order.fill(into); n > 0; n = order.fill(into))
          for (const access of into.subarray(0, n)) seen[access >>> 1][access & 1]++;
        expect(seen).toEqual(paths);
      }),
      { numRuns: 50 },
    );
  });
});
