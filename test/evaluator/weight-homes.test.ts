import { describe, expect, test } from 'vitest';
import { copyGroups } from '../../evaluator/copy-groups.ts';
import { evaluate, type Scenario, scenario } from '../../evaluator/scenario.ts';
import { parseVectors } from '../../evaluator/weight-vectors.ts';
import { ClosedLoop } from '../../models/memory/closed-loop.ts';
import type { Machine } from '../../models/memory/machine.ts';
import { memorySystem } from '../../models/memory/memory-system.ts';
import { readMachine } from '../../models/memory/read-machine.ts';
import type { WeightHome } from '../../models/mempolicy/weight-home.ts';
import type { Weights } from '../../models/mempolicy/weights.ts';
import { demandOfTrace } from '../../traces/demand-of-trace.ts';
import { sampleTrace } from '../traces/sample-trace.ts';
import { machineOf } from './two-node-machine.ts';
import { twoSockets } from './two-socket-machine.ts';

const PAGES = 600;

/** Every page of a run of them read once and every third written; one epoch. */
async function put(options: object, machine: Machine, pages = PAGES): Promise<Scenario> {
  const rows = Array.from({ length: pages }, (_, i) => ({
    address: i * 4096,
    size: 64,
    op: i % 3 === 0 ? 1 : 0,
  }));
  const demand = await demandOfTrace('t', sampleTrace(rows, { level: 'memory' }), {
    caches: [],
    lineBytes: 64,
    pageBytes: 4096,
    maxEpochs: 1,
  });
  return scenario(demand, machine, { copies: 4, cpi: 0.5, computeShare: 0, ...options });
}

const pagesUnder = async (home: WeightHome, vectors: Weights | readonly Weights[], copies = 4) =>
  evaluate(await put({ weightHome: home, copies }, twoSockets()), vectors).nodes.map(
    (n) => n.pages,
  );

describe('weight homes', () => {
  test('node: mirrored vectors on a mirrored machine are one socket by itself, twice', async () => {
    const made = await put({ weightHome: 'node' }, twoSockets());
    const evaluation = evaluate(made, [
      [2, 0, 1, 0],
      [0, 2, 0, 1],
    ]);
    // Pages 0, 1 of 3 are near; every third page, the first of each cycle, is written. Two copies a socket.
    const near = { reads: 2 * 200, writes: 2 * 200 };
    const loop = new ClosedLoop(memorySystem(twoSockets(), 0), 2 * 16);
    const time = loop.solve(
      Float64Array.from([near.reads, 0, 2 * 200, 0]),
      Float64Array.from([near.writes, 0, 0, 0]),
      made.concurrency.computeNs[0],
    );
    expect(evaluation.timeNs).toBe(time);
    expect(evaluation.throughputGbps).toBeCloseTo((4 * PAGES * 64) / time, 12);
    expect(evaluation.nodes.map((n) => n.pages)).toEqual([200, 200, 100, 100]);
    const [a, b, c, d] = evaluation.nodes;
    expect([a.readGbps, a.utilisation]).toEqual([b.readGbps, b.utilisation]);
    expect([c.readGbps, c.utilisation]).toEqual([d.readGbps, d.utilisation]);
  });

  test('node with one vector for all is what global weights are', async () => {
    const all = [3, 2, 1, 0];
    const global = evaluate(await put({}, twoSockets()), all);
    expect(evaluate(await put({ weightHome: 'node' }, twoSockets()), all)).toEqual(global);
    expect(evaluate(await put({ weightHome: 'cgroup' }, twoSockets()), all)).toEqual(global);
  });

  test('memtier 4:1: four pages of five to the fast nodes in turn, one to the slow ones in turn', async () => {
    expect(await pagesUnder('memtier', [4, 1])).toEqual([240, 240, 60, 60]);
    // 1:1 over cycles: 0 2 1 3.
    expect(await pagesUnder('memtier', [1, 1])).toEqual([150, 150, 150, 150]);
    expect(await pagesUnder('memtier', [0, 1])).toEqual([0, 0, 300, 300]);
  });

  test('ratio 3:1: as memory tiers where there are two', async () => {
    expect(await pagesUnder('ratio', [3, 1])).toEqual(await pagesUnder('memtier', [3, 1]));
    const spr = readMachine('spr-1cxl');
    const ratio = evaluate(await put({ weightHome: 'ratio' }, spr), [9, 1]);
    expect(ratio).toEqual(evaluate(await put({}, spr), [9, 1]));
  });

  test('three tiers: memtier has a weight for each, ratio puts the slower two together', async () => {
    const machine = twoSockets();
    const tiers = [0, 0, 1, 2];
    const three = { ...machine, nodes: machine.nodes.map((n, k) => ({ ...n, tier: tiers[k] })) };
    const pages = async (weightHome: WeightHome, weights: Weights) =>
      evaluate(await put({ weightHome }, three), weights).nodes.map((n) => n.pages);
    expect(await pages('ratio', [2, 1])).toEqual([200, 200, 100, 100]);
    expect(await pages('memtier', [3, 1, 2])).toEqual([150, 150, 100, 200]);
    await expect(pages('memtier', [3, 1])).rejects.toThrow('wrong number (got 2, expected 3');
  });

  test('cycles longer than residues are counted for are placed page by page', async () => {
    // Tiers of 3, 5, 7 and 11 nodes: they come round together after 1,155 cycles.
    const tiers = [3, 5, 7, 11].flatMap((count, tier) => Array.from({ length: count }, () => tier));
    const machine = machineOf(tiers.map((tier) => ({ gbps: 100, idleNs: 100, tier })));
    const made = await put({ weightHome: 'memtier' }, machine, 3080);
    const { nodes, missedPages } = evaluate(made, [8, 8, 8, 8]);
    const inTier = (tier: number) => nodes.filter((_, k) => tiers[k] === tier).map((n) => n.pages);
    for (const tier of [0, 1, 2, 3]) {
      const pages = inTier(tier);
      expect(pages.reduce((a, b) => a + b)).toBeGreaterThanOrEqual(768);
      expect(Math.max(...pages) - Math.min(...pages)).toBeLessThanOrEqual(1);
    }
    expect(missedPages).toBe(0);
  });

  test('cgroup: copies are dealt to the vectors, and pages are averaged over copies', async () => {
    const vectors = [
      [1, 0, 0, 0],
      [0, 0, 1, 1],
    ];
    expect(await pagesUnder('cgroup', vectors)).toEqual([300, 0, 150, 150]);
    // Six copies: on each socket two of the first cgroup and one of the second.
    expect(await pagesUnder('cgroup', vectors, 6)).toEqual([400, 0, 100, 100]);
    expect(copyGroups('cgroup', 2, [3, 3])).toEqual([
      { socket: 0, vector: 0, copies: 2 },
      { socket: 0, vector: 1, copies: 1 },
      { socket: 1, vector: 0, copies: 2 },
      { socket: 1, vector: 1, copies: 1 },
    ]);
  });

  test('policy: placed as cgroups are', async () => {
    const vectors = [
      [5, 1, 0, 0],
      [1, 1, 1, 1],
    ];
    const policy = evaluate(await put({ weightHome: 'policy' }, twoSockets()), vectors);
    expect(policy).toEqual(evaluate(await put({ weightHome: 'cgroup' }, twoSockets()), vectors));
  });

  test.each<[WeightHome, string, string]>([
    [
      'global',
      '1:1:1:1/1:1:1:0',
      '(got 2, expected 1, the weights of all nodes for the whole machine)',
    ],
    ['memtier', '1:1:1:1', '(got 4, expected 2, one for each memory tier, the fastest first)'],
    ['ratio', '1', '(got 1, expected 2, the fastest memory tier and all others)'],
    ['node', '1:1:1:1/1:1:1:1/1:1:1:1', '(got 3, expected 1 or 2, one for each socket with CPUs)'],
    ['node', '1:1', '(got 2, expected 4, one for each node)'],
    ['cgroup', '1:1:1:1/1:1:1:1/1:1:1:1', '(got 3, expected 1 or 2, one for each cgroup'],
    ['policy', '1:1:1:1/1:1:1:1/1:1:1:1', '(got 3, expected 1 or 2, one for each process group'],
    ['node', '1:1:1:1/0:0:0:0', 'weights 0:0:0:0: no node'],
    ['node', '1:1:1:1/', 'weights: not weights (got ""'],
  ])('%s refuses %s', (home, text, message) => {
    expect(() => parseVectors(text, home, twoSockets(), 4)).toThrow(message);
  });
});

describe('sockets', () => {
  test('of different core counts have slots and turns of their own', async () => {
    const machine = twoSockets(2 ** 20, [2, 6]);
    const { concurrency } = await put({ copies: 8, cpi: 1 }, machine);
    expect(concurrency.sockets.map((s) => [s.copies, s.slots])).toEqual([
      [4, 32],
      [4, 64],
    ]);
    expect(concurrency).toMatchObject({ threads: 8, runningThreads: 6, slots: 96 });
    const [first, second] = concurrency.computeNs;
    expect(first).toBe(2 * second);
  });

  test('without a copy take no part', async () => {
    const made = await put({ copies: 1 }, twoSockets());
    expect(made.concurrency.sockets).toHaveLength(1);
    const one = twoSockets();
    const alone = { ...one, sockets: [one.sockets[0]], paths: one.paths.slice(0, 4) };
    const nodes = alone.nodes.map((n) => ({ ...n, socket: 0 }));
    const single = await put({ copies: 1 }, { ...alone, nodes });
    expect(evaluate(made, [5, 1, 1, 1])).toEqual(evaluate(single, [5, 1, 1, 1]));
  });
});

describe('the continuous optimum of two sockets', () => {
  test.each([
    [1, 0],
    [4, 0],
    [4, 1],
  ])(
    '%i copies, %i cycles an instruction: no vectors of each socket beat it',
    async (copies, cpi) => {
      const machine = twoSockets();
      const made = await put({ weightHome: 'node', copies, cpi, outstanding: 64 }, machine, 6000);
      const steps = [0, 1, 2, 4];
      let best = 0;
      for (const remote of steps) {
        for (const slow of steps) {
          const vectors = [
            [8, remote, slow, 0],
            [remote, 8, 0, slow],
          ];
          best = Math.max(best, evaluate(made, vectors).shareOfOptimum);
        }
      }
      expect(best).toBeLessThanOrEqual(1 + 1e-6);
      expect(best).toBeGreaterThan(0.9);
    },
  );

  test('two sockets that share nothing do twice what one does', async () => {
    const both = twoSockets();
    const paths = both.paths.map((p) => (p.socket === p.node % 2 ? p : { ...p, idle_ns: 1e6 }));
    const one = {
      ...both,
      sockets: [both.sockets[0]],
      nodes: both.nodes.filter((n) => n.socket === 0),
      paths: paths.filter((p) => p.socket === 0 && p.node % 2 === 0),
    };
    const two = (await put({ copies: 4, outstanding: 64 }, { ...both, paths }, 6000)).continuous;
    const single = (await put({ copies: 2, outstanding: 64 }, one, 6000)).continuous;
    expect(two.throughputGbps / single.throughputGbps / 2).toBeCloseTo(1, 9);
    for (const [k, share] of single.fractions.entries()) {
      expect(two.fractions[2 * k]).toBeCloseTo(share / 2, 6);
      expect(two.fractions[2 * k + 1]).toBeCloseTo(share / 2, 6);
    }
  });
});
