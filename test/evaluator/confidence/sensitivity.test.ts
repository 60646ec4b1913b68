import { describe, expect, test } from 'vitest';
import { changedMemory, machineChanges } from '../../../evaluator/confidence/changed-memory.ts';
import { sensitivity } from '../../../evaluator/confidence/sensitivity.ts';
import { type EvaluatorSetup, VectorEvaluator } from '../../../evaluator/vector-evaluator.ts';
import { LoadedLatency } from '../../../models/memory/loaded-latency.ts';
import { memorySystem } from '../../../models/memory/memory-system.ts';
import { readMachine } from '../../../models/memory/read-machine.ts';
import { machineOf } from '../two-node-machine.ts';

/** 60 pages of 64 reads in one epoch on nodes of 200 and 50 GB/s, whose busier one is all that counts. */
function setupOf(): EvaluatorSetup {
  const machine = machineOf([
    { gbps: 200, idleNs: 100 },
    { gbps: 50, idleNs: 100 },
  ]);
  const pages = 60;
  return {
    demand: {
      ilx: Float64Array.from({ length: pages }, (_, i) => i),
      epochStart: Uint32Array.of(0, pages),
      page: Uint32Array.from({ length: pages }, (_, i) => i),
      reads: new Uint32Array(pages).fill(64),
      writes: new Uint32Array(pages),
    },
    memory: memorySystem(machine, 0),
    model: 'bottleneck',
    queueLines: Number.POSITIVE_INFINITY,
    slots: [100_000],
    copies: [1],
    spanning: false,
    computeNs: new Float64Array(1),
    samplePeriod: 1,
    tiers: [0, 0],
    usable: [1000, 1000],
    zonelists: [
      [0, 1],
      [1, 0],
    ],
    outOfMemory: 'out of memory',
  };
}

function chosenAmong(vectors: readonly (readonly number[])[]) {
  const setup = setupOf();
  const candidates = vectors.map((weights) => ({
    weights,
    vectors: [weights],
    home: 'global' as const,
    choosable: true,
  }));
  return sensitivity(new VectorEvaluator(setup), setup, [0, 1], candidates);
}

describe('by hand, on nodes of 200 and 50 GB/s', () => {
  const { changes, robust, candidates } = chosenAmong([
    [4, 1],
    [3, 1],
    [5, 1],
  ]);
  const at = (node: number, quantity: string, change: number) =>
    changes.find((c) => c.node === node && c.quantity === quantity && c.change === change);

  test('every change of both nodes', () => {
    expect(candidates).toBe(3);
    expect(changes).toHaveLength(24);
  });

  test('a slower second node wants 5:1, and 4:1 then loses a sixth', () => {
    // 4:1 takes 1/5 / 40, 5:1 takes 5/6 / 200 = 1/6 / 40.
    expect(at(1, 'bandwidth', -0.2)?.best).toEqual([5, 1]);
    expect(at(1, 'bandwidth', -0.2)?.loss).toBeCloseTo(1 / 6, 12);
  });

  test('a faster first node, too: 5/6 / 240 against 1/5 / 50', () => {
    expect(at(0, 'bandwidth', 0.2)?.best).toEqual([5, 1]);
    expect(at(0, 'bandwidth', 0.2)?.loss).toBeCloseTo(1 - (5 / 6 / 240) * 250, 12);
  });

  test('a slower first node changes nothing, nor does latency', () => {
    // 3:1 is as good at -20 % (1/4 / 50 = 4/5 / 160): the one given first is taken.
    expect(at(0, 'bandwidth', -0.2)).toMatchObject({ best: [4, 1], loss: 0 });
    for (const change of changes.filter((c) => c.quantity === 'latency'))
      expect(change).toMatchObject({ best: [4, 1], loss: 0 });
  });

  test('the robust one is 5:1, which never loses more than 4 %', () => {
    expect(robust.weights).toEqual([5, 1]);
    expect(robust.worstLoss).toBeCloseTo(1 - 4 / 5 / (5 / 6), 12);
  });
});

test('a vector alone is always the best', () => {
  const { changes, robust } = chosenAmong([[4, 1]]);
  expect(Math.max(...changes.map((c) => c.loss))).toBe(0);
  expect(robust).toEqual({ weights: [4, 1], worstLoss: 0 });
});

describe('a changed node', () => {
  test.each(['genoa-4cxl', 'spr-8460y', 'hbm-9480'])(
    'of %s keeps the shape of its curve',
    (name) => {
      const machine = readMachine(name);
      const memory = memorySystem(machine, 0);
      const [given] = memory.paths;
      for (const change of machineChanges([given.node])) {
        const [path, ...others] = changedMemory(memory, change).paths;
        expect(others).toEqual(memory.paths.slice(1));
        const by = 1 + change.change;
        const [wider, slower] = change.quantity === 'bandwidth' ? [by, 1] : [1, by];
        expect(path.idle_ns).toBeCloseTo(given.idle_ns * slower, 9);
        const before = new LoadedLatency(given.curve, given.idle_ns);
        const after = new LoadedLatency(path.curve, path.idle_ns);
        for (const share of [0.5, 0.8, 1]) {
          for (const curve of [before, after]) curve.setShare(share);
          expect(after.gbps).toBeCloseTo(before.gbps * wider, 9);
          for (const u of [0.1, 0.5, 0.9, 0.99]) {
            for (const curve of [before, after]) curve.evaluate(u);
            expect(after.excess / before.excess).toBeCloseTo(1, 9);
          }
        }
      }
    },
  );
});
