/**
 * Laws that a model of time keeps over random systems: one socket with 1 to 5 nodes, curves by two numbers or tables, with
 * up to three read shares, some paths over one or two links.
 *
 * The closed loop and the bound are held to them exactly, but for rounding (`EXACT`). The queue model is noisy, and its
 * channels are a whole number: it is held to the laws within `NOISE`, on few runs.
 */

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Bottleneck } from '../../../models/memory/bottleneck.ts';
import { BusyTimes } from '../../../models/memory/busy-times.ts';
import { ClosedLoop } from '../../../models/memory/closed-loop.ts';
import { isTabulated } from '../../../models/memory/curve.ts';
import type { MachinePath } from '../../../models/memory/machine.ts';
import type { MemorySystem } from '../../../models/memory/memory-system.ts';
import { replayed } from '../memory-system.ts';

/** Relative: roots are found to 1e-12 or better. */
const EXACT = 1e-9;
/** So near, relative, to a node's busy time the latency of its reads is known to no more than half its digits. */
const NEAR_POLE = 1e-6;
/** Relative: what random service times and rounded channels may add to or take from a run of `QUEUE_LINES`. */
const NOISE = 0.08;
const QUEUE_LINES = 40_000;
const QUEUE_RUNS = 12;

type Run = Readonly<{
  memory: MemorySystem;
  slots: number;
  reads: readonly number[];
  writes: readonly number[];
  computeNs: number;
}>;
type Curve = MachinePath['curve'];
type Answer = Readonly<{ time: number; loadNs: readonly number[]; busyNs: readonly number[] }>;

const EXACT_MODELS = { 'the closed loop': ClosedLoop, 'the bound': Bottleneck } as const;

function solved(Model: typeof ClosedLoop | typeof Bottleneck, run: Run): Answer {
  const model = new Model(run.memory, run.slots);
  const [reads, writes] = [Float64Array.from(run.reads), Float64Array.from(run.writes)];
  const time = model.solve(reads, writes, run.computeNs);
  return { time, loadNs: [...model.loadNs], busyNs: [...model.busyNs] };
}

function queued({ memory, slots, reads, writes, computeNs }: Run): number {
  return replayed(memory, [slots], reads.map(Math.round), writes.map(Math.round), computeNs).time;
}

const between = (min: number, max: number) => fc.double({ min, max, noNaN: true });

/** Up to three read shares, ascending. */
const shares = fc
  .uniqueArray(fc.constantFrom(0, 0.25, 0.5, 0.6, 0.75, 1), { minLength: 1, maxLength: 3 })
  .map((own) => own.sort((a, b) => a - b));

const parametric: fc.Arbitrary<Curve> = shares.chain((own) =>
  fc
    .tuple(
      between(0.01, 1),
      fc.array(fc.tuple(between(5, 400), fc.option(between(0.01, 1))), {
        minLength: own.length,
        maxLength: own.length,
      }),
    )
    .map(([queueing, rows]) => ({
      queueing,
      bandwidth: rows.map(([gbps, ownQueueing], i) => ({
        read_share: own[i],
        gbps,
        ...(ownQueueing === null ? {} : { queueing: ownQueueing }),
      })),
    })),
);

/** Points at ascending utilisations with latencies that never fall, some of them level. */
const tabulated = (idleNs: number): fc.Arbitrary<Curve> =>
  shares.chain((own) =>
    fc
      .array(
        fc.tuple(
          between(5, 400),
          fc.uniqueArray(fc.integer({ min: 1, max: 99 }), { minLength: 1, maxLength: 6 }),
          fc.array(fc.oneof(fc.constant(0), between(0, 1)), { minLength: 6, maxLength: 6 }),
        ),
        { minLength: own.length, maxLength: own.length },
      )
      .map((rows) => ({
        table: rows.map(([gbps, percents, rises], i) => {
          let excess = 0;
          const points = percents
            .sort((a, b) => a - b)
            .map((percent, j) => {
              excess += rises[j];
              return { gbps: (gbps * percent) / 100, ns: idleNs * (1 + excess) };
            });
          return { read_share: own[i], gbps, points };
        }),
      })),
  );

const LINKS = ['a', 'b'];
const path = between(50, 1000).chain((idle_ns) =>
  fc.record({
    idle_ns: fc.constant(idle_ns),
    curve: fc.oneof<fc.Arbitrary<Curve>[]>(parametric, tabulated(idle_ns)),
    via: fc.oneof(fc.constant<string[]>([]), fc.subarray(LINKS)),
  }),
);
const lines = fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 100_000 }));

/** Systems and demands; with nothing to do at all the time is the compute time, which is no test of anything here. */
const runs: fc.Arbitrary<Run> = fc
  .record({
    nodes: fc.array(fc.tuple(path, lines, lines), { minLength: 1, maxLength: 5 }),
    lanes: fc.array(fc.tuple(between(5, 400), between(5, 400)), { minLength: 2, maxLength: 2 }),
    slots: fc.integer({ min: 1, max: 2000 }),
    computeNs: fc.oneof(fc.constant(0), between(0, 1e6)),
  })
  .filter(({ nodes }) => nodes.some(([, reads, writes]) => reads + writes > 0))
  .map(({ nodes, lanes, slots, computeNs }) => ({
    memory: {
      lineBytes: 64,
      paths: nodes.map(([own], node) => ({ socket: 0, node, ...own })),
      links: LINKS.map((id, l) => ({ id, readGbps: lanes[l][0], writeGbps: lanes[l][1] })),
    },
    slots,
    reads: nodes.map(([, reads]) => reads),
    writes: nodes.map(([, , writes]) => writes),
    computeNs,
  }));

/** A run whose demand is brought to so many lines that the queue model's noise is small. */
const queueRuns = runs.map((run) => {
  const all = [...run.reads, ...run.writes].reduce((sum, own) => sum + own, 0);
  const scaled = (own: readonly number[]) => own.map((n) => Math.round((n * QUEUE_LINES) / all));
  const slots = 32 + (run.slots % 224);
  return { ...run, slots, reads: scaled(run.reads), writes: scaled(run.writes) };
});

/** One node and a factor: which is made faster, or gets more lines. */
const which = fc.nat({ max: 4 });
const factor = between(1, 4);

/** The curve with B so many times higher, at the same utilisations the same excess over the idle latency. */
function wider(curve: Curve, by: number): Curve {
  if (!isTabulated(curve))
    return { ...curve, bandwidth: curve.bandwidth.map((row) => ({ ...row, gbps: row.gbps * by })) };
  return {
    table: curve.table.map(({ read_share, gbps, points }) => ({
      read_share,
      gbps: gbps * by,
      points: points.map((point) => ({ ...point, gbps: point.gbps * by })),
    })),
  };
}

/** The curve of a node that answers so many times sooner, with the same excess, relative to its idle latency. */
function sooner(curve: Curve, by: number): Curve {
  if (!isTabulated(curve)) return curve;
  return {
    table: curve.table.map((row) => ({
      ...row,
      points: row.points.map((point) => ({ ...point, ns: point.ns / by })),
    })),
  };
}

/** The run with one node's path changed. */
function withPath(run: Run, node: number, change: (p: MachinePath) => Partial<MachinePath>): Run {
  const at = node % run.reads.length;
  const paths = run.memory.paths.map((p, k) => (k === at ? { ...p, ...change(p) } : p));
  return { ...run, memory: { ...run.memory, paths } };
}

/** The run with the lines of one node changed. */
function withLines(
  run: Run,
  node: number,
  change: (reads: number, writes: number) => readonly [number, number],
): Run {
  const at = node % run.reads.length;
  const [reads, writes] = change(run.reads[at], run.writes[at]);
  return { ...run, reads: run.reads.with(at, reads), writes: run.writes.with(at, writes) };
}

/** The run with its nodes in another order. */
function permuted(run: Run, order: readonly number[]): Run {
  return {
    ...run,
    memory: {
      ...run.memory,
      paths: order.map((from, node) => ({ ...run.memory.paths[from], node })),
    },
    reads: order.map((from) => run.reads[from]),
    writes: order.map((from) => run.writes[from]),
  };
}

/** What makes a run faster: each takes a run, a node and a factor above 1. */
const faster: Record<string, (run: Run, node: number, by: number) => Run> = {
  'a node of more bandwidth': (run, node, by) =>
    withPath(run, node, ({ curve }) => ({ curve: wider(curve, by) })),
  'a node of less idle latency': (run, node, by) =>
    withPath(run, node, ({ idle_ns, curve }) => ({
      idle_ns: idle_ns / by,
      curve: sooner(curve, by),
    })),
  'more slots': (run, _, by) => ({ ...run, slots: Math.ceil(run.slots * by) }),
  'less to compute': (run, _, by) => ({ ...run, computeNs: run.computeNs / by }),
  'links of more bandwidth': (run, _, by) => ({
    ...run,
    memory: {
      ...run.memory,
      links: run.memory.links.map(({ id, readGbps, writeGbps }) => ({
        id,
        readGbps: readGbps * by,
        writeGbps: writeGbps * by,
      })),
    },
  }),
};

/**
 * Demand that grows. Lines of both kinds are added in the proportion the node has, so that its read share stays: where B is
 * larger at another share, lines of one kind alone may make the node faster by more than they take (a write beside
 * reads on a full-duplex link), and no law forbids that. Where every B is the same at all shares, either kind alone may grow.
 */
const growing: Record<
  string,
  Readonly<{ change: (run: Run, node: number, by: number) => Run; flat: boolean }>
> = {
  'more lines of a node, in proportion': {
    flat: false,
    change: (run, node, by) => withLines(run, node, (reads, writes) => [reads * by, writes * by]),
  },
  'more lines of all nodes, in proportion': {
    flat: false,
    change: (run, _, by) => ({
      ...run,
      reads: run.reads.map((n) => n * by),
      writes: run.writes.map((n) => n * by),
    }),
  },
  'more reads of a node, at one B': {
    flat: true,
    change: (run, node, by) => withLines(run, node, (reads, writes) => [reads * by + 1, writes]),
  },
  'more writes of a node, at one B': {
    flat: true,
    change: (run, node, by) => withLines(run, node, (reads, writes) => [reads, writes * by + 1]),
  },
};

/** The run with each curve's first read share only. */
function oneShare(run: Run): Run {
  const only = (curve: Curve): Curve =>
    isTabulated(curve)
      ? { table: curve.table.slice(0, 1) }
      : { ...curve, bandwidth: curve.bandwidth.slice(0, 1) };
  const paths = run.memory.paths.map((p) => ({ ...p, curve: only(p.curve) }));
  return { ...run, memory: { ...run.memory, paths } };
}

/** Runs, each with an order of its nodes. */
function inOtherOrder(of: fc.Arbitrary<Run>): fc.Arbitrary<[Run, number[]]> {
  return of.chain((run) => {
    const nodes = run.reads.map((_, k) => k);
    const order = fc.shuffledSubarray(nodes, { minLength: nodes.length });
    return fc.tuple(fc.constant(run), order);
  });
}

/** The run with one more node, which has no lines, at a place among the others. */
function withIdle(run: Run, own: Omit<MachinePath, 'socket' | 'node'>, at: number): Run {
  const paths = run.memory.paths.toSpliced(at, 0, { socket: 0, node: at, ...own });
  return {
    ...run,
    memory: { ...run.memory, paths },
    reads: run.reads.toSpliced(at, 0, 0),
    writes: run.writes.toSpliced(at, 0, 0),
  };
}

/** The closed loop's time by bisection of its equation and of every bound on it. */
function bisected({ memory, slots, reads, writes, computeNs }: Run): number {
  const busy = new BusyTimes(memory, 1);
  busy.update(Float64Array.from(reads), Float64Array.from(writes));
  const nodes = reads.length;
  const latencyAt = (k: number, time: number) => {
    busy.latencies[k].evaluate(busy.nodes[k] / time);
    return memory.paths[k].idle_ns * (1 + busy.latencies[k].excess);
  };
  const readNodes = reads.map((_, k) => k).filter((k) => reads[k] > 0);
  const loop = (time: number) => {
    let slotNs = 0;
    for (const k of readNodes) slotNs += reads[k] * latencyAt(k, time);
    for (const [l, { readGbps }] of memory.links.entries()) {
      const lane = busy.all[nodes + l];
      const wait = ((memory.lineBytes / readGbps) * lane) / (time - lane);
      if (lane > 0) slotNs += busy.readLines[l] * wait;
    }
    return computeNs + slotNs / slots;
  };
  const least = Math.max(...busy.all, ...busy.writeLanes);
  const poles = readNodes.map((k) => busy.nodes[k]);
  const lanes = [...busy.all.subarray(nodes)];
  return Math.max(
    least,
    fixedPoint(loop, Math.max(...poles, ...lanes, 0)),
    ...readNodes.map((k) => fixedPoint((time) => latencyAt(k, time), busy.nodes[k])),
  );
}

/** Where `time = f(time)` above a pole, for an `f` that never rises. */
function fixedPoint(f: (time: number) => number, pole: number): number {
  let low = pole;
  let high = 2 * pole + 1;
  while (f(high) > high) {
    low = high;
    high *= 2;
  }
  for (let i = 0; i < 200; i++) {
    const middle = (low + high) / 2;
    if (f(middle) > middle) low = middle;
    else high = middle;
  }
  return high;
}

/** One node and one table: its root is far above the node's busy time, whatever a solver begins with. */
function oneTable(reads: number, writes: number): Run {
  const curve = { table: [{ read_share: 0, gbps: 5, points: [{ gbps: 0.05, ns: 50 }] }] };
  const paths = [{ socket: 0, node: 0, idle_ns: 50, curve, via: [] }];
  const memory = { lineBytes: 64, paths, links: [] };
  return { memory, slots: 1, reads: [reads], writes: [writes], computeNs: 0 };
}

describe('the closed loop', () => {
  test('takes the time that bisection of its equation finds', () => {
    fc.assert(
      fc.property(runs, (run) => {
        expect(solved(ClosedLoop, run).time / bisected(run)).toBeCloseTo(1, 9);
      }),
      { numRuns: 1000, examples: [[oneTable(1, 3)], [oneTable(10, 30)]] },
    );
  });

  test('takes no less than the bound', () => {
    fc.assert(
      fc.property(runs, (run) => {
        const bound = solved(Bottleneck, run).time;
        expect(bound).toBeLessThanOrEqual(solved(ClosedLoop, run).time * (1 + EXACT));
      }),
      { numRuns: 1000 },
    );
  });
});

describe.each(Object.entries(EXACT_MODELS))('%s', (_, Model) => {
  test.each(Object.entries(faster))('%s: never slower', (_, change) => {
    fc.assert(
      fc.property(runs, which, factor, (run, node, by) => {
        const { time } = solved(Model, run);
        const changed = solved(Model, change(run, node, by)).time;
        expect(changed).toBeLessThanOrEqual(time * (1 + EXACT));
      }),
      { numRuns: 500 },
    );
  });

  test.each(Object.entries(growing))('%s: never sooner done', (_, { change, flat }) => {
    fc.assert(
      fc.property(runs, which, factor, (run, node, by) => {
        const own = flat ? oneShare(run) : run;
        const { time } = solved(Model, own);
        const changed = solved(Model, change(own, node, by)).time;
        expect(changed).toBeGreaterThanOrEqual(time * (1 - EXACT));
      }),
      { numRuns: 500 },
    );
  });

  test('nodes in another order: the same time and latencies', () => {
    fc.assert(
      fc.property(inOtherOrder(runs), ([run, order]) => {
        const [here, there] = [solved(Model, run), solved(Model, permuted(run, order))];
        expect(there.time / here.time).toBeCloseTo(1, 9);
        for (const [k, from] of order.entries()) {
          expect(there.busyNs[k]).toBe(here.busyNs[from]);
          // At its pole the last bits of the time decide on a latency.
          if (here.busyNs[from] > (1 - NEAR_POLE) * here.time) continue;
          expect(Math.abs(there.loadNs[k] - here.loadNs[from])).toBeLessThanOrEqual(
            1e-6 * here.loadNs[from],
          );
        }
      }),
      { numRuns: 500 },
    );
  });

  test('a node without lines changes nothing, to the last bit', () => {
    fc.assert(
      fc.property(runs, path, which, (run, own, node) => {
        const at = node % (run.reads.length + 1);
        const [without, beside] = [solved(Model, run), solved(Model, withIdle(run, own, at))];
        expect(beside.time).toBe(without.time);
        expect(beside.loadNs.toSpliced(at, 1)).toEqual(without.loadNs);
      }),
      { numRuns: 500 },
    );
  });
});

describe('the queue model, within its noise', () => {
  test.each(Object.entries(faster))('%s: never slower', (_, change) => {
    fc.assert(
      fc.property(queueRuns, which, factor, (run, node, by) => {
        const time = queued(run);
        expect(queued(change(run, node, by))).toBeLessThanOrEqual(time * (1 + NOISE));
      }),
      { numRuns: QUEUE_RUNS },
    );
  });

  test.each(Object.entries(growing))('%s: never sooner done', (_, { change, flat }) => {
    fc.assert(
      fc.property(queueRuns, which, factor, (run, node, by) => {
        const own = flat ? oneShare(run) : run;
        const time = queued(own);
        expect(queued(change(own, node, by))).toBeGreaterThanOrEqual(time * (1 - NOISE));
      }),
      { numRuns: QUEUE_RUNS },
    );
  });

  test('nodes in another order: the same time', () => {
    fc.assert(
      fc.property(inOtherOrder(queueRuns), ([run, order]) => {
        const ratio = queued(permuted(run, order)) / queued(run);
        expect(Math.abs(ratio - 1)).toBeLessThan(NOISE);
      }),
      { numRuns: QUEUE_RUNS },
    );
  });

  test('a node without lines changes nothing', () => {
    fc.assert(
      fc.property(queueRuns, path, which, (run, own, node) => {
        const beside = queued(withIdle(run, own, node % (run.reads.length + 1)));
        expect(Math.abs(beside / queued(run) - 1)).toBeLessThan(NOISE);
      }),
      { numRuns: QUEUE_RUNS },
    );
  });
});
