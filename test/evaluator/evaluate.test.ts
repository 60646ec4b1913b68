import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bestSplit } from '../../evaluator/continuous-optimum.ts';
import { evaluate, scenario } from '../../evaluator/scenario.ts';
import { ClosedLoop } from '../../models/memory/closed-loop.ts';
import type { Machine } from '../../models/memory/machine.ts';
import { memorySystem } from '../../models/memory/memory-system.ts';
import { readMachine } from '../../models/memory/read-machine.ts';
import { placeByAddress } from '../../models/mempolicy/place-pages.ts';
import type { Demand } from '../../traces/demand.ts';
import { demandOfTrace } from '../../traces/demand-of-trace.ts';
import type { TraceMetadata } from '../../traces/trace.ts';
import { type Access, sampleTrace } from '../traces/sample-trace.ts';
import { machineOf } from './two-node-machine.ts';

const OPTIONS = { copies: 4, cpi: 0.5, computeShare: 0 };

function demandOf(
  accesses: readonly Access[],
  metadata: Partial<TraceMetadata> = {},
): Promise<Demand> {
  const trace = sampleTrace(accesses, { level: 'memory', ...metadata });
  return demandOfTrace('t', trace, { caches: [], lineBytes: 64, pageBytes: 4096, maxEpochs: 2 });
}

/** A policy evaluated as one would without a thought for speed: every page placed, every entry of the demand added. */
function slowly(
  demand: Demand,
  machine: Machine,
  weights: number[],
  slots: number,
  computeNs: Float64Array,
) {
  const placed = placeByAddress(demand.pages, weights);
  const loop = new ClosedLoop(memorySystem(machine, 0), slots);
  let timeNs = 0;
  for (let epoch = 0; epoch < computeNs.length; epoch++) {
    const reads = new Float64Array(weights.length);
    const writes = new Float64Array(weights.length);
    for (let i = demand.epochStart[epoch]; i < demand.epochStart[epoch + 1]; i++) {
      reads[placed[demand.page[i]]] += demand.reads[i] * OPTIONS.copies;
      writes[placed[demand.page[i]]] += demand.writes[i] * OPTIONS.copies;
    }
    timeNs += loop.solve(reads, writes, computeNs[epoch]);
  }
  return { timeNs, pages: weights.map((_, k) => placed.filter((node) => node === k).length) };
}

describe('evaluate', () => {
  const machine = machineOf([
    { gbps: 200, idleNs: 100 },
    { gbps: 50, idleNs: 250, tier: 1 },
    { gbps: 20, idleNs: 300, tier: 2 },
  ]);

  test('is, to the last bit, placing every page and adding every line', async () => {
    const access = fc.record({
      address: fc.integer({ min: 0, max: 2 ** 24 }).map((a) => a * 61),
      op: fc.constantFrom(0, 1),
      size: fc.constant(1),
    });
    const vector = fc
      .array(fc.integer({ min: 0, max: 12 }), { minLength: 3, maxLength: 3 })
      .filter((w) => w.some((x) => x > 0));
    await fc.assert(
      fc.asyncProperty(
        fc.array(access, { minLength: 1, maxLength: 300 }),
        vector,
        async (rows, weights) => {
          const long = Array.from({ length: 30 }, () => rows).flat();
          const made = scenario(await demandOf(long), machine, OPTIONS);
          const { slots, computeNs } = made.concurrency;
          const evaluation = evaluate(made, weights);
          const expected = slowly(made.demand, machine, weights, slots, computeNs);
          expect(evaluation.timeNs).toBe(expected.timeNs);
          expect(evaluation.nodes.map((n) => n.pages)).toEqual(expected.pages);
        },
      ),
      { numRuns: 60 },
    );
  });

  test('adds up: nodes to the total, bytes to time times throughput', async () => {
    const rows = Array.from({ length: 5000 }, (_, i) => ({
      address: i * 4096,
      size: 64,
      op: i % 3 === 0 ? 1 : 0,
    }));
    const made = scenario(await demandOf(rows), machine, OPTIONS);
    const { nodes, throughputGbps, timeNs } = evaluate(made, [5, 2, 1]);
    const sum = nodes.reduce((total, n) => total + n.readGbps + n.writeGbps, 0);
    expect(sum).toBeCloseTo(throughputGbps, 9);
    expect(throughputGbps * timeNs).toBeCloseTo(5000 * 64 * OPTIONS.copies, 3);
    expect(nodes.reduce((total, n) => total + n.pages, 0)).toBe(5000);
    expect(nodes.every((n) => n.utilisation > 0 && n.utilisation <= 1)).toBe(true);
  });

  test('a node of weight 0 changes nothing', async () => {
    const rows = Array.from({ length: 500 }, (_, i) => ({ address: i * 4096, size: 64 }));
    const demand = await demandOf(rows);
    const two = machineOf([
      { gbps: 200, idleNs: 100 },
      { gbps: 50, idleNs: 250 },
    ]);
    const with3 = evaluate(scenario(demand, machine, OPTIONS), [3, 1, 0]);
    expect(with3.timeNs).toBe(evaluate(scenario(demand, two, OPTIONS), [3, 1]).timeNs);
  });

  test('says no latency where nothing is read', async () => {
    const made = scenario(await demandOf([{ address: 0, op: 1 }]), machine, OPTIONS);
    expect(evaluate(made, [1, 1, 1]).meanLoadNs).toBeNull();
  });

  test('refuses weights for another number of nodes, and more vectors than a home holds', async () => {
    const made = scenario(await demandOf([{ address: 0 }]), machine, OPTIONS);
    expect(() => evaluate(made, [1, 1])).toThrow(
      'weights 1:1: wrong number (got 2, expected 3, one for each node)',
    );
    expect(() =>
      evaluate(made, [
        [1, 1, 1],
        [1, 0, 1],
      ]),
    ).toThrow('weights 1:1:1/1:0:1: wrong number of vectors (got 2, expected 1, the weights of');
  });
});

describe('concurrency', () => {
  const machine = readMachine('spr-1cxl');
  const run = async (
    options: object,
    metadata: Partial<TraceMetadata> = {},
    rows: Access[] = [{ address: 0 }],
  ) => scenario(await demandOf(rows, metadata), machine, { ...OPTIONS, ...options }).concurrency;

  test('slots: threads times reads in flight, the option before the trace before the buffers', async () => {
    expect(await run({})).toMatchObject({
      slots: 64,
      outstanding: 16,
      outstandingFrom: 'line-fill buffers',
    });
    expect(await run({}, { outstanding: 1 })).toMatchObject({ slots: 4, outstandingFrom: 'trace' });
    expect(await run({ outstanding: 3 }, { outstanding: 1 })).toMatchObject({
      slots: 12,
      outstandingFrom: 'option',
    });
  });

  test('no more than the cores have buffers for, no more threads than run at a time', async () => {
    expect(await run({ copies: 64 })).toMatchObject({ runningThreads: 64, slots: 56 * 16 });
    expect(await run({ copies: 200 }, { outstanding: 1 })).toMatchObject({
      threads: 200,
      runningThreads: 112,
      slots: 112,
    });
    expect(await run({ copies: 64, outstanding: 32 })).toMatchObject({ slots: 56 * 32 });
  });

  test('compute time: instructions at their CPI over threads, or a share of measured time', async () => {
    const rows = [{ address: 0 }, { address: 0, time: 2980, thread: 1 }];
    expect([...(await run({ cpi: 2 }, {}, rows)).computeNs]).toEqual([1000]);
    expect([...(await run({ copies: 112, cpi: 2 }, {}, rows)).computeNs]).toEqual([4000]);
    expect([...(await run({ computeShare: 0.5 }, { timeUnit: 'cycles' }, rows)).computeNs]).toEqual(
      [500],
    );
    expect([...(await run({ computeShare: 0.25 }, { timeUnit: 'ns' }, rows)).computeNs]).toEqual([
      745,
    ]);
  });
});

describe('the continuous optimum', () => {
  const node = fc.record({
    idleNs: fc.double({ min: 50, max: 500, noNaN: true }),
    gbps: fc.double({ min: 5, max: 500, noNaN: true }),
  });

  test('is no slower than any split one may try, and is what the closed loop gives for its own', () => {
    fc.assert(
      fc.property(
        fc.array(node, { minLength: 1, maxLength: 5 }),
        fc.array(fc.double({ min: 0.001, max: 1, noNaN: true }), { minLength: 5, maxLength: 5 }),
        fc.integer({ min: 1, max: 2000 }),
        fc.integer({ min: 0, max: 1_000_000 }),
        fc.integer({ min: 1, max: 1_000_000 }),
        fc.double({ min: 0, max: 1e5, noNaN: true }),
        (nodes, parts, slots, reads, writes, computeNs) => {
          const memory = memorySystem(machineOf(nodes), 0);
          const loop = new ClosedLoop(memory, slots);
          const time = (shares: ArrayLike<number>) => {
            const scaled = (n: number) => Float64Array.from(nodes, (_, k) => n * shares[k]);
            return loop.solve(scaled(reads), scaled(writes), computeNs);
          };
          const best = bestSplit(memory, slots, reads, writes, computeNs);
          const sum = parts.slice(0, nodes.length).reduce((a, b) => a + b);
          expect(best.timeNs).toBeLessThanOrEqual(time(parts.map((p) => p / sum)) * (1 + 1e-9));
          // With fewer reads than slots the closed loop is bound by one read's latency, which depends on the node.
          if (reads > 100 * slots) expect(best.timeNs / time(best.shares)).toBeCloseTo(1, 8);
        },
      ),
      { numRuns: 500 },
    );
  });

  test('with equal latencies is the bandwidth proportion', () => {
    const memory = memorySystem(machineOf([60, 200, 40].map((gbps) => ({ gbps, idleNs: 100 }))), 0);
    for (const slots of [10, 1000, 1e6]) {
      const { shares } = bestSplit(memory, slots, 1e6, 0, 0);
      for (const [k, share] of [0.2, 2 / 3, 2 / 15].entries())
        expect(shares[k]).toBeCloseTo(share, 6);
    }
  });

  test('leaves a far node out while nothing waits', () => {
    const memory = memorySystem(
      machineOf([
        { gbps: 200, idleNs: 100 },
        { gbps: 200, idleNs: 300 },
      ]),
      0,
    );
    expect([...bestSplit(memory, 1, 1000, 0, 0).shares]).toEqual([1, 0]);
  });
});
