import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { evaluate, type Scenario, scenario } from '../../evaluator/scenario.ts';
import { demandFromArrow, writeDemand } from '../../traces/demand-file.ts';
import { demandOfTrace } from '../../traces/demand-of-trace.ts';
import { type Pinning, parsePinning } from '../../traces/pinning.ts';
import { readArrow } from '../../traces/read-arrow.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { type Access, sampleTrace } from '../traces/sample-trace.ts';
import { twoSockets } from './two-socket-machine.ts';

const folder = temporaryFolder();
const units = { caches: [], lineBytes: 64, pageBytes: 4096 };

/** So many pages read by each of these threads, in turn; every third is written. `apart` keeps their pages apart. */
function rowsOf(threads: readonly number[], pages: number, apart = 2 ** 30): Access[] {
  return Array.from({ length: pages }, (_, i) =>
    threads.map((thread, t) => ({
      time: i,
      address: t * apart + i * 4096,
      size: 64,
      op: i % 3 === 0 ? 1 : 0,
      thread,
    })),
  ).flat();
}

async function put(rows: readonly Access[], options: object, pinning?: Pinning): Promise<Scenario> {
  const trace = sampleTrace(rows, { level: 'memory' });
  const pin = pinning === undefined ? {} : { pinning };
  const demand = await demandOfTrace('t', trace, { ...units, maxEpochs: 4, ...pin });
  return scenario(demand, twoSockets(), { copies: 1, cpi: 0, computeShare: 0, ...options });
}

describe('threads pinned to sockets', () => {
  test('one on each is a copy on each, where their pages fall on the same nodes', async () => {
    const weights = [3, 2, 1, 2];
    // Pages of the two lie a multiple of the cycle apart.
    const pinned = await put(rowsOf([5, 9], 6000), {}, parsePinning(['0=5', '1=9']));
    const copies = await put(rowsOf([5], 6000), { copies: 2 });
    const [one, other] = [evaluate(pinned, weights), evaluate(copies, weights)];
    expect(one.timeNs).toBeCloseTo(other.timeNs, 6);
    expect(one.throughputGbps).toBeCloseTo(other.throughputGbps, 9);
    expect(one.shareOfOptimum).toBeCloseTo(other.shareOfOptimum, 6);
    expect(one.nodes.map((n) => n.pages)).toEqual(other.nodes.map((n) => 2 * n.pages));
    expect(pinned.concurrency.sockets.map((s) => s.runningThreads)).toEqual([1, 1]);
  });

  test('in turn deals them as they first come', async () => {
    const dealt = await put(rowsOf([7, 3, 8], 500), {}, { sockets: 2, of: 'in turn' });
    const named = await put(rowsOf([7, 3, 8], 500), {}, parsePinning(['0=7-8', '1=3']));
    expect(dealt.demand).toEqual(named.demand);
    expect(dealt.demand.metadata.pinned).toEqual([
      { socket: 0, threads: 2 },
      { socket: 1, threads: 1 },
    ]);
  });

  test('all on one socket are a program that is not pinned', async () => {
    const pinned = await put(rowsOf([1, 2], 3000), {}, parsePinning(['0=1-2']));
    const free = await put(rowsOf([1, 2], 3000), {});
    expect(evaluate(pinned, [1, 1, 1, 1])).toEqual(evaluate(free, [1, 1, 1, 1]));
    expect(pinned.continuous).toEqual(free.continuous);
  });

  test('a page both touch is one page, and near for one of them only', async () => {
    const pinned = await put(rowsOf([1, 2], 400, 0), {}, parsePinning(['0=1', '1=2']));
    const local = evaluate(pinned, [1, 0, 0, 0]);
    expect(local.nodes.map((n) => n.pages)).toEqual([400, 0, 0, 0]);
    const near = await put(rowsOf([1, 2], 400, 0), {}, parsePinning(['0=1-2']));
    expect(local.timeNs).toBeGreaterThan(evaluate(near, [1, 0, 0, 0]).timeNs);
  });

  test('a thread that only computes for a while leaves the nodes to the other', async () => {
    const rows = [...rowsOf([1], 5000), ...rowsOf([2], 5000).map((r) => ({ ...r, time: 5000 }))];
    const pinned = await put(rows, {}, parsePinning(['0=1', '1=2']));
    expect(evaluate(pinned, [2, 2, 1, 1]).shareOfOptimum).toBeLessThanOrEqual(1 + 1e-9);
    expect(pinned.continuous.fractions.reduce((sum, x) => sum + x, 0)).toBeCloseTo(1, 9);
  });

  test('go to a demand file and come back the same, in first-touch order', async () => {
    const rows = rowsOf([2, 1], 9000, 4096 * 7);
    const { demand } = await put(rows, {}, { sockets: 2, of: 'in turn' });
    const file = join(folder, 'pinned.demand.arrow');
    await writeDemand(file, demand);
    expect(await readArrow(file, (source) => demandFromArrow(file, source))).toEqual(demand);
    const free = await put(rows, {});
    expect(demand.pages).toEqual(free.demand.pages);
  });

  test.each([
    [['0=1'], {}, /t: --pin: thread 2 has no socket \(got 1\)/],
    [['0=1', '2=2'], {}, /--pin: socket \(got 2, expected below 2, what two-sockets has\)/],
    [['1=1-2'], {}, /--pin: socket 0 has no threads \(got 1 as the last/],
    [['0=1', '1=2'], { weightHome: 'node' }, /--weight-home node: no use with pinned threads/],
    [['0=1', '1=1-2'], {}, /--pin: thread 1 \(got it twice/],
    [['0=4-2'], {}, /expected an ascending range/],
    [['0:1'], {}, /--pin: \(got "0:1", expected like/],
  ])('%j is refused', async (pins, options, message) => {
    const made = async () => put(rowsOf([1, 2], 10), options, parsePinning(pins));
    await expect(made()).rejects.toThrow(message);
  });
});
