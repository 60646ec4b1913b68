import { describe, expect, test } from 'vitest';
import type { Evaluation } from '../../evaluator/evaluation.ts';
import { chooseOptimum } from '../../evaluator/optimum.ts';
import { placementCounts } from '../../evaluator/placement-counts.ts';
import { resultContext } from '../../evaluator/result-context.ts';
import { evaluate, type Scenario, scenario } from '../../evaluator/scenario.ts';
import { sweep } from '../../evaluator/sweep.ts';
import { type SweepResult, sweepResultSchema } from '../../evaluator/sweep-result.ts';
import type { Machine } from '../../models/memory/machine.ts';
import { readMachine } from '../../models/memory/read-machine.ts';
import { type Weights, weightsText } from '../../models/mempolicy/weights.ts';
import {
  lossSentence,
  placementSentence,
  whySentences,
  withinText,
} from '../../reports/choice-text.ts';
import { kernelCommands, kernelWeightsTitle } from '../../reports/kernel-commands.ts';
import { reportHtml } from '../../reports/report.ts';
import { headline, sweepText } from '../../reports/sweep-text.ts';
import { demandOfTrace } from '../../traces/demand-of-trace.ts';
import { synthRandom } from '../../traces/synth/random.ts';
import { machineOf } from './two-node-machine.ts';

const UNITS = { caches: [], lineBytes: 64, pageBytes: 4096, maxEpochs: 2 };
const [FAST, SLOW] = [
  { gbps: 200, idleNs: 100 },
  { gbps: 50, idleNs: 100, tier: 1 },
];

async function put(machine: Machine, options: object = {}, pages = 16384): Promise<Scenario> {
  const trace = synthRandom({ pages, accesses: 200_000, seed: 1, level: 'memory', readShare: 1 });
  return scenario(await demandOfTrace('t', trace, UNITS), machine, {
    copies: 64,
    cpi: 0.5,
    computeShare: 0,
    ...options,
  });
}

async function resultOf(made: Scenario, within?: number, maxTotal = 12): Promise<SweepResult> {
  const given = within === undefined ? {} : { within };
  const swept = await sweep(made, { ...given, maxTotal, threads: 2 });
  const context = resultContext(made, { file: 't', sha256: '0', machine: 'm', ...given });
  return { ...context, ...swept } as SweepResult;
}

describe('the plateau', () => {
  test('is what lies within so many percent, 1 where none are asked for', async () => {
    const made = await put(machineOf([FAST, SLOW]));
    const unasked = await resultOf(made);
    const five = await resultOf(made, 5);
    const evaluations = five.evaluations as Evaluation[];
    const tiers = made.setup.tiers;
    const [none, one, wide, all] = [0, 1, 5, 100].map((within) =>
      chooseOptimum(evaluations, 'global', tiers, within),
    );
    expect([unasked.optimum, five.optimum]).toEqual([one, wide]);
    const lengths = [none, one, wide, all].map(({ plateau }) => plateau.length);
    expect(lengths).toEqual(lengths.toSorted((a, b) => a - b));
    expect([lengths[0], lengths[3]]).toEqual([1, evaluations.length]);
    expect(weightsText(none.weights)).toBe(weightsText(none.best.weights));
    expect(weightsText(all.weights)).toBe('1:0');
    const near = evaluations.filter((e) => e.throughputGbps >= 0.95 * wide.best.throughputGbps);
    expect(wide.plateau.length).toBe(near.length);
    expect([unasked.options.within, five.options.within]).toEqual([undefined, 5]);
    expect(withinText(unasked)).toBe('within 1 % of the best');
    const alone = { ...five, optimum: { ...all, throughputGbps: 150 } } as SweepResult;
    expect(headline(alone)).toMatch(/one node alone; interleaving gains 50\.\d % at best \(4:1\),/);
    const words = sweepText(five, []).replaceAll('\n', ' ');
    const page = (await reportHtml(five)).replaceAll('\u00a0', ' ');
    for (const said of [words, page]) {
      expect(said.includes('within 5 % of the best')).toBe(true);
      expect(said.includes('within 1 %')).toBe(false);
    }
    expect(page.includes('--within 5')).toBe(true);
    sweepResultSchema.parse(five);
  });
});

describe("what firmware's figures come to", () => {
  const hmat = (mbps: number) => ({ read_mbps: mbps, write_mbps: mbps });
  const told = (machine: Machine, mbps: number[]): Machine => ({
    ...machine,
    nodes: machine.nodes.map((n, k) => ({ ...n, hmat: hmat(mbps[k]) })),
  });

  test('307200 and 65536 MB/s on a node each: 26:5 for the kernel, 5:1 for the script', async () => {
    const machine = told(machineOf([FAST, SLOW]), [307200, 65536]);
    const { baselines } = await sweep(await put(machine), { maxTotal: 6 });
    // floor(32 * 307200 / 372736) = 26, floor(32 * 65536 / 372736) = 5, no common divisor.
    expect(weightsText(baselines.kernelAuto.weights)).toBe('26:5');
    // 307.2 / 32 = 9.6, 65.536 / 32 = 2.05: 10:2.
    expect(weightsText(baselines.vendorScript.weights)).toBe('5:1');
  });

  test('on two nodes each 13:13:2:2, which text and report say how to set', async () => {
    const made = await put(readMachine('four-node'), { copies: 8 }, 4096);
    const machine = told(made.machine, [307200, 307200, 65536, 65536]);
    const result = await resultOf(await put(machine, { copies: 8 }, 4096), undefined, 6);
    expect(weightsText(result.baselines.kernelAuto.weights)).toBe('13:13:2:2');
    expect(kernelWeightsTitle(result)).toBe(
      "For the kernel's auto weights instead (13:13:2:2, Linux 6.16 or later):",
    );
    const commands = [
      'echo true > /sys/kernel/mm/mempolicy/weighted_interleave/auto',
      'numactl --weighted-interleave=0,1,2,3 PROGRAM',
    ];
    expect(kernelCommands(result)).toEqual(commands);
    const text = sweepText(result, []);
    expect(text).toContain(commands.map((line) => `  ${line}`).join('\n'));
    expect(text.split('\n').filter((line) => line.length > 80)).toEqual([]);
    expect((await reportHtml(result)).includes('weighted_interleave/auto')).toBe(true);
    const old = { ...result, options: { ...result.options, kernel: '6.12' } };
    expect(kernelCommands(old)[0]).toBe(
      'echo 0 > /sys/kernel/mm/mempolicy/weighted_interleave/node0',
    );
  });
});

test('what others lose is said against the recommended weights', async () => {
  const result = await resultOf(await put(machineOf([FAST, SLOW])));
  const { optimum, baselines } = result;
  const less = ({ throughputGbps }: Evaluation) =>
    `${((1 - throughputGbps / optimum.throughputGbps) * 100).toFixed(1)} % less`;
  expect(weightsText(optimum.weights)).toBe('4:1');
  const { kernelAuto, vendorScript, equal } = baselines;
  expect(lossSentence(result)).toBe(
    `The kernel's own weights 25:6 give ${less(kernelAuto as Evaluation)}; the vendor script's 3:1 give ${less(vendorScript as Evaluation)}; ` +
      `1:1 gives ${less(equal as Evaluation)}.`,
  );
  expect(sweepText(result, []).replaceAll('\n', ' ')).toContain(lossSentence(result));
  const same = {
    ...result,
    baselines: { ...baselines, vendorScript: equal, kernelAuto: baselines.bandwidthProportional },
  };
  expect(lossSentence(same)).toBe(
    `The kernel's own weights 4:1 are those recommended; the vendor script's 1:1 give ${less(equal as Evaluation)}.`,
  );
  const options = { ...result.options, kernel: '6.12' };
  const old = { ...same, options, baselines: { ...same.baselines, kernelAuto: equal } };
  expect(lossSentence(old)).toBe(
    `The weights of Linux 6.12 and the vendor script's 1:1 give ${less(equal as Evaluation)}.`,
  );
});

describe('why', () => {
  test('a node, where its bandwidth is used up; its neighbours are what evaluate says', async () => {
    const made = await put(machineOf([FAST, SLOW]));
    const { why, optimum, ...rest } = await resultOf(made);
    expect(why.bound).toBe('node');
    expect(why.utilisation).toBe(why.nodeUtilisation);
    expect(why.utilisation).toBeGreaterThan(0.9);
    expect(why.next.map(({ weights }) => weightsText(weights))).toEqual([
      '5:1',
      '3:1',
      '4:2',
      '4:0',
    ]);
    for (const { weights, change } of why.next) {
      const { throughputGbps } = evaluate(made, weights);
      expect(change).toBeCloseTo(throughputGbps / optimum.throughputGbps - 1, 12);
      expect(change).toBeLessThan(0.011);
    }
    const [bound, next] = whySentences({ why, optimum, ...rest } as SweepResult);
    expect(bound).toMatch(
      /^Node [01] \(dram\) saturates first: 9\d\.\d % of its bandwidth is used\.$/,
    );
    expect(next).toMatch(/^One unit of weight more or less: 5:1 [-+]\d.* %, 4:0 -\d+\.\d %\.$/);
  });

  test('latency, where one read is in flight', async () => {
    const made = await put(machineOf([FAST, SLOW]), { copies: 1, outstanding: 1 });
    const result = await resultOf(made);
    expect(result.why).toMatchObject({ bound: 'latency', node: 0 });
    expect(result.why.utilisation).toBeGreaterThan(0.99);
    // 2:0 and 0:0 are no neighbours of 1:0.
    expect(result.why.next.map(({ weights }) => weightsText(weights as Weights))).toEqual(['1:1']);
    expect(whySentences(result)[0]).toMatch(
      /^Latency bounds it: .*; node 0 \(dram\), the busiest, uses \d\.\d % of its bandwidth\.$/,
    );
  });

  test('computing, where instructions take most of the time', async () => {
    const made = await put(machineOf([FAST, SLOW]), { copies: 1 });
    const { setup } = made;
    const computeNs = setup.computeNs.map(() => 1e9);
    const result = await resultOf({ ...made, setup: { ...setup, computeNs } });
    expect(result.why.bound).toBe('compute');
    expect(result.why.utilisation).toBeCloseTo(1, 2);
    expect(whySentences(result)[0]).toMatch(/^Computing bounds it: it needs \d/);
  });

  test('a link, where it carries less than the nodes behind it', async () => {
    const machine = machineOf([FAST, FAST]);
    const via = { ...machine.paths[1], via: ['bridge'] };
    const narrow: Machine = {
      ...machine,
      links: [{ id: 'bridge', read_gbps: 20, write_gbps: 20 }],
      paths: [{ ...machine.paths[0], via: ['bridge'] }, via],
    };
    const result = await resultOf(await put(narrow));
    expect(result.why).toMatchObject({ bound: 'link', link: 'bridge' });
    expect(whySentences(result)[0]).toMatch(/^Link bridge saturates first: 9\d\.\d %/);
    sweepResultSchema.parse({ ...result, machine });
  });

  test('every socket has neighbours of its own under weights of each socket', async () => {
    const made = await put(readMachine('four-node'), { copies: 8, weightHome: 'node' }, 4096);
    const { why, optimum } = await resultOf(made, undefined, 2);
    expect(weightsText(optimum.weights)).toBe('1:0:0:0/0:1:0:0');
    // One more of the node a socket has means the same, so three of each.
    expect(why.next.length).toBe(6);
    for (const { weights, change } of why.next) {
      const { throughputGbps } = evaluate(made, weights);
      expect(change).toBeCloseTo(throughputGbps / optimum.throughputGbps - 1, 12);
    }
  });
});

describe('how it was computed', () => {
  test('from residue sums while all fits, page by page where a node fills up', async () => {
    const fits = await resultOf(await put(machineOf([FAST, SLOW])));
    const count = fits.evaluations.length;
    expect(fits.placement).toEqual({ from: 'residues', residues: count, pages: 0 });
    expect(placementSentence(fits)).toBe(`All ${count} vectors from residue sums.`);
    const machine = machineOf([FAST, SLOW]);
    const [fast, slow] = machine.nodes;
    // 64 copies of 64 MiB need 4 GiB; the fast node has room for 3.
    const small = { ...machine, nodes: [{ ...fast, capacity_bytes: 3 * 2 ** 30 }, slow] };
    const full = await resultOf(await put(small));
    const missing = full.evaluations.filter((e) => e.missedPages > 0).length;
    expect(missing).toBeGreaterThan(5);
    expect(full.placement).toEqual({
      from: 'both',
      residues: full.evaluations.length - missing,
      pages: missing,
    });
    expect(sweepText(full, []).replaceAll('\n', ' ')).toContain(
      `from residue sums, ${missing} placed page by page (a full node, or a long cycle).`,
    );
  });

  test('is counted', () => {
    const evaluations = [{}, {}] as Evaluation[];
    expect(placementCounts(evaluations, new Set(evaluations))).toEqual({
      from: 'pages',
      residues: 0,
      pages: 2,
    });
    const none = { placement: { from: 'pages', residues: 0, pages: 1 } } as SweepResult;
    expect(placementSentence(none)).toMatch(/^The one vector placed page by page/);
  });
});
