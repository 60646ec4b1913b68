import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { rowLength } from '../../evaluator/epoch-runner.ts';
import { placedPages } from '../../evaluator/placed-pages.ts';
import { evaluate, evaluationIn, type Scenario, scenario } from '../../evaluator/scenario.ts';
import { VectorEvaluator } from '../../evaluator/vector-evaluator.ts';
import { warningsFor } from '../../evaluator/warnings.ts';
import { readMachine } from '../../models/memory/read-machine.ts';
import { usablePages } from '../../models/mempolicy/watermarks.ts';
import type { WeightHome } from '../../models/mempolicy/weight-home.ts';
import type { Weights } from '../../models/mempolicy/weights.ts';
import { topologyOf } from '../../models/topology-of.ts';
import type { Demand } from '../../traces/demand.ts';
import { demandOfTrace } from '../../traces/demand-of-trace.ts';
import { type Access, sampleTrace } from '../traces/sample-trace.ts';
import { twoSockets } from './two-socket-machine.ts';

const RUN = { copies: 4, cpi: 0.5, computeShare: 0 };

function demandOf(accesses: readonly Access[]): Promise<Demand> {
  const trace = sampleTrace(accesses, { level: 'memory' });
  return demandOfTrace('t', trace, { caches: [], lineBytes: 64, pageBytes: 4096, maxEpochs: 2 });
}

const touching = (pages: readonly number[]) =>
  demandOf(pages.map((page) => ({ address: page * 4096, size: 64 })));

const pagesOf = (made: Scenario, weights: Weights) =>
  evaluate(made, weights).nodes.map((n) => n.pages);

describe('first touch', () => {
  test("hands 65,793 pages out at 5:1 as the patch's own selftest counts them, whatever their addresses", async () => {
    const pages = Array.from({ length: 65_793 }, (_, i) => ((i * 7919) % 65_793) * 6);
    const machine = readMachine('spr-1cxl');
    const demand = await touching(pages);
    const made = scenario(demand, machine, { ...RUN, discipline: 'first-touch' });
    expect(pagesOf(made, [5, 1])).toEqual([54_828, 10_965]);
    // By address all of them, multiples of 6, are on the first node.
    expect(pagesOf(scenario(demand, machine, RUN), [5, 1])).toEqual([65_793, 0]);
    expect(warningsFor(made, evaluate(made, [5, 1])).join()).not.toContain('aliasing');
  });

  test('counts pages, not addresses: in order of first touch', async () => {
    const made = scenario(await touching([9, 3, 9, 7, 1]), twoSockets(), {
      ...RUN,
      discipline: 'first-touch',
    });
    expect(pagesOf(made, [2, 0, 1, 1])).toEqual([2, 0, 1, 1]);
  });
});

describe('mappings', () => {
  test('place by offset and distance: a file from its own beginning, anonymous memory by address', async () => {
    const vmas = [
      { start: 0x10000, end: 0x13000, pgoff: 0x10, kind: 'anonymous', huge: false },
      { start: 0x20000, end: 0x23000, pgoff: 1, kind: 'file', huge: false },
      { start: 0x23000, end: 0x24000, pgoff: 0, kind: 'shared', huge: false },
    ] as const;
    const rows = [0x12000, 0x20000, 0x22fc0, 0x23000, 0x24000].map((address) => ({ address }));
    const trace = sampleTrace(rows, { level: 'memory', vmas });
    const demand = await demandOfTrace('t', trace, {
      ...{ caches: [], lineBytes: 64, pageBytes: 4096 },
    });
    const { ilx, numbers } = placedPages(demand, 'address', false);
    expect([...ilx]).toEqual([0x12, 1, 3, 0, 0x24]);
    expect([...numbers]).toEqual([0x12, 0x20, 0x22, 0x23, 0x24]);
    expect([...placedPages(demand, 'first-touch', false).ilx]).toEqual([0, 1, 2, 3, 4]);
  });
});

describe('huge pages', () => {
  test('are placed by their own number, and by first touch of any of their base pages', async () => {
    const demand = await touching([512, 513, 1023, 0, 5, 1024, 513, 4096]);
    expect([...placedPages(demand, 'address', true).ilx]).toEqual([1, 0, 2, 8]);
    expect([...placedPages(demand, 'first-touch', true).ilx]).toEqual([0, 1, 2, 3]);
    // Each of the base pages in first-touch order, and the huge page it is in.
    const { page } = placedPages(demand, 'address', true);
    expect([...page].slice(0, 7).sort()).toEqual([0, 0, 0, 1, 1, 2, 3]);
    const made = scenario(demand, twoSockets(), { ...RUN, huge: true });
    expect(made.placed.bytes).toBe(2 ** 21);
    expect(pagesOf(made, [1, 1, 0, 0])).toEqual([3, 1, 0, 0]);
    const lines = evaluate(made, [0, 1, 0, 0]);
    expect(lines.nodes[1].readGbps).toBeCloseTo(lines.throughputGbps, 12);
  });

  test('need base pages smaller than they are', async () => {
    const demand = await touching([1]);
    const large = { ...demand, metadata: { ...demand.metadata, pageBytes: 2 ** 21 } };
    expect(() => placedPages(large, 'address', true)).toThrow(
      '--huge: no use (got pages of 2097152 bytes, expected below 2 MiB)',
    );
  });
});

describe('nodes that fill up', () => {
  /** Room for this many pages on each of the four nodes. */
  const withRoom = async (room: readonly number[], made: Promise<Demand>, options: object = {}) => {
    const full = scenario(await made, twoSockets(), { ...RUN, ...options });
    return { ...full, setup: { ...full.setup, usable: room } };
  };
  const run = Array.from({ length: 10 }, (_, i) => i);

  test('a hand-computed fill: along the zonelist, also to nodes of weight 0', async () => {
    // Two copies a socket: a page of a group is two pages. Node 0 takes 3 pages of each socket's copies, node 1 the next 2.
    const made = await withRoom([12, 8, 100, 100], touching(run));
    expect(made.setup.zonelists[0]).toEqual([0, 1, 2, 3]);
    const evaluation = evaluate(made, [1, 0, 0, 0]);
    expect(evaluation.nodes.map((n) => n.pages)).toEqual([3, 2, 5, 0]);
    expect(evaluation.nodes.map((n) => n.missed)).toEqual([7, 0, 0, 0]);
    expect(evaluation.missedPages).toBe(7);
    expect(warningsFor(made, evaluation)).toContain(
      'Node 0 fills up: of the 10 pages of a copy, 7 pages (70 %) that 1:0:0:0 meant for it go elsewhere: ' +
        '2 pages to node 1, 5 pages to node 2.',
    );
  });

  test('what a group of copies finds depends on who came before, and pages are averaged', async () => {
    const made = await withRoom([8, 100, 100, 100], touching(run), {
      copies: 3,
      weightHome: 'cgroup',
    });
    // Socket 0 has a copy of each cgroup, socket 1 one of the first: pages in steps of 1, 1, 1 of which two want node 0.
    const evaluation = evaluate(made, [
      [1, 0, 0, 0],
      [0, 1, 0, 0],
    ]);
    expect(evaluation.nodes[0].pages * 3).toBeCloseTo(8, 12);
    expect(evaluation.nodes[0].missed * 3).toBeCloseTo(12, 12);
    expect(evaluation.nodes[1].missed).toBe(0);
    expect(evaluation.nodes.reduce((sum, n) => sum + n.pages, 0)).toBeCloseTo(10, 12);
  });

  test('usable pages are what the kernel leaves above the low watermark', async () => {
    const machine = twoSockets(50_000);
    const made = scenario(await touching(run), machine, { ...RUN, huge: true });
    const base = usablePages(topologyOf(machine), true);
    expect(made.setup.usable).toEqual(base.map((pages) => Math.floor(pages / 512)));
    expect(base[0]).toBeLessThan(50_000);
  });

  test('run out: at once where copies need more than there is, else where no node holds a page', async () => {
    const demand = touching(Array.from({ length: 1000 }, (_, i) => i));
    const small = twoSockets(1000);
    const made = await demand;
    expect(() => scenario(made, small, RUN)).toThrow(
      /^machine two-sockets: out of memory \(got 4 copies that need 0\.02 GiB, expected at most 0\.01 GiB on all nodes together\)$/,
    );
    const tight = await withRoom([1001, 1001, 1001, 997], demand);
    expect(() => evaluate(tight, [1, 1, 1, 1])).toThrow(
      /out of memory .* and room for a page of all copies\)$/,
    );
  });
});

describe('page by page', () => {
  const home = fc.constantFrom<WeightHome>('global', 'node', 'memtier', 'cgroup', 'ratio');
  const weight = fc.integer({ min: 0, max: 7 });
  const vector = (n: number) =>
    fc.array(weight, { minLength: n, maxLength: n }).filter((w) => w.some((x) => x > 0));

  test('is, to the last bit, what residues give, under every home and discipline', async () => {
    const access = fc.record({
      address: fc.integer({ min: 0, max: 2 ** 24 }).map((a) => a * 61),
      op: fc.constantFrom(0, 1),
      size: fc.constant(1),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.array(access, { minLength: 1, maxLength: 200 }),
        home,
        fc.array(vector(4), { minLength: 2, maxLength: 2 }),
        fc.constantFrom<'address' | 'first-touch'>('address', 'first-touch'),
        fc.boolean(),
        fc.integer({ min: 2, max: 9 }),
        async (rows, weightHome, fours, discipline, huge, copies) => {
          const long = Array.from({ length: 30 }, () => rows).flat();
          const made = scenario(await demandOf(long), twoSockets(), {
            ...RUN,
            copies,
            discipline,
            huge,
            weightHome,
          });
          const several = weightHome === 'node' || (weightHome === 'cgroup' && copies > 2);
          const tiers = weightHome === 'memtier' || weightHome === 'ratio';
          const first = tiers ? [fours[0][0], fours[0][1] + 1] : fours[0];
          const vectors = several ? fours : [first];
          const rowsOf = (everyPage: boolean) => {
            const row = new Float64Array(rowLength(4, 0));
            new VectorEvaluator(made.setup, everyPage).evaluate(weightHome, vectors, row, 0);
            return evaluationIn(made, vectors, row, 0);
          };
          expect(rowsOf(true)).toEqual(rowsOf(false));
          expect(rowsOf(true).missedPages).toBe(0);
        },
      ),
      { numRuns: 60 },
    );
  });
});
