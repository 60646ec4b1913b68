import { describe, expect, test } from 'vitest';
import { resultContext } from '../../evaluator/result-context.ts';
import { evaluate, scenario } from '../../evaluator/scenario.ts';
import type { EvaluationResult, SweepResult } from '../../evaluator/sweep-result.ts';
import { presets } from '../../models/memory/presets.ts';
import { readMachine } from '../../models/memory/read-machine.ts';
import type { WeightHome } from '../../models/mempolicy/weight-home.ts';
import type { WeightVectors } from '../../models/mempolicy/weights.ts';
import { evaluationText } from '../../reports/evaluation-text.ts';
import { machineListText, machineText } from '../../reports/machine-text.ts';
import {
  bytesText,
  countOf,
  countText,
  gainText,
  gbpsText,
  percentText,
  timeText,
} from '../../reports/quantity.ts';
import { instructionsFor, setCommands } from '../../reports/set-commands.ts';
import { paragraph, textTable } from '../../reports/text-table.ts';
import { demandOfTrace } from '../../traces/demand-of-trace.ts';
import { machineOf } from '../evaluator/two-node-machine.ts';
import { sampleTrace } from '../traces/sample-trace.ts';

test('quantities read well', () => {
  expect(countText(1234567)).toBe('1,234,567');
  expect([countOf(1, 'page'), countOf(2, 'copy', 'copies')]).toEqual(['1 page', '2 copies']);
  expect([512, 1024, 35.5 * 2 ** 20, 2 ** 40].map(bytesText)).toEqual([
    '512 B',
    '1.0 KiB',
    '35.5 MiB',
    '1.0 TiB',
  ]);
  expect([4.126, 205.83].map(gbpsText)).toEqual(['4.13', '205.8']);
  expect(percentText(0.9734)).toBe('97.3 %');
  expect(gainText(104.4, 100)).toBe('+4.4 %');
  expect(gainText(90, 100)).toBe('-10.0 %');
  expect([gainText(100, 100), gainText(99.999, 100)]).toEqual(['0.0 %', '0.0 %']);
  expect(gainText(900, 100)).toBe('9.0 x');
  expect([5, 1500, 2.5e6, 3e9].map(timeText)).toEqual(['5.00 ns', '1.50 us', '2.50 ms', '3.00 s']);
});

test('a machine says what memory policy sees of its nodes, in 80 columns', () => {
  for (const machine of presets.values()) {
    const lines = machineText(machine).split('\n');
    expect(lines.filter((line) => line.length > 80)).toEqual([]);
  }
  const shown = machineText(readMachine('four-node'));
  expect(shown).toContain('   1     0  2-3      154.5 MiB  21 10 24 14  3 0 2');
  const tiers = machineText(readMachine('three-tier'));
  expect(tiers).toMatch(/ 0 {5}1 {2}hbm .* 128 +640\.8 +769\.9 +837\.6 {2}table +0\.2 %/);
  expect(tiers).toMatch(/ 0 {5}0 {2}dram .* parametric {2}0\.7 %/);
  expect(tiers.indexOf('Sources:')).toBeGreaterThan(tiers.indexOf('when full'));
  const list = machineListText(presets.values()).split('\n');
  expect(list.filter((line) => line.length > 80)).toEqual([]);
  expect(list[0]).toBe('machine           sockets  nodes           read GB/s  description');
  expect(list.some((line) => /^three-tier +1 {2}hbm, dram, cxl +640\.8 {2}HBM2e/.test(line))).toBe(
    true,
  );
});

describe('commands that set weights', () => {
  const { nodes } = readMachine('genoa-4cxl');
  test('name only the nodes used', () => {
    expect(setCommands(nodes, [9, 0, 1, 0, 0])).toEqual([
      'echo 9 > /sys/kernel/mm/mempolicy/weighted_interleave/node0',
      'echo 1 > /sys/kernel/mm/mempolicy/weighted_interleave/node2',
      'numactl --weighted-interleave=0,2 PROGRAM',
    ]);
  });
  test('one node alone needs no interleave', () => {
    expect(setCommands(nodes, [1, 0, 0, 0, 0])).toEqual(['numactl --preferred=0 PROGRAM']);
  });
});

/** A result of the bundled schema on a machine of two tiers of two nodes, with this weight home and recommendation. */
function recommending(weightHome: WeightHome, weights: WeightVectors): SweepResult {
  const machine = readMachine('four-node');
  const options = { copies: 4, cpi: 0.5, computeShare: 0, weightHome, discipline: 'address' };
  return { machine, options, optimum: { weights } } as unknown as SweepResult;
}

describe('commands under other weight homes', () => {
  test('global weights are set as ever', () => {
    const { commands, notes } = instructionsFor(recommending('global', [4, 4, 1, 1]));
    expect(commands).toContain('numactl --weighted-interleave=0,1,2,3 PROGRAM');
    expect(notes.join()).not.toContain('No kernel');
  });
  test('weights of tiers have the same shares as global weights', () => {
    const { commands, notes } = instructionsFor(recommending('memtier', [3, 2]));
    expect(commands[0]).toBe('echo 3 > /sys/kernel/mm/mempolicy/weighted_interleave/node0');
    expect(commands[3]).toBe('echo 2 > /sys/kernel/mm/mempolicy/weighted_interleave/node3');
    expect(notes.slice(0, 2)).toEqual([
      'No kernel keeps weights of memory tiers (proposed in 2023).',
      'Global weights 3:3:2:2, as above, give every node the same share of the pages.',
    ]);
  });
  test('several vectors that differ only in their nodes are one table with several masks', () => {
    const vectors = [
      [4, 0, 1, 0],
      [0, 4, 0, 1],
    ];
    const { commands, notes } = instructionsFor(recommending('node', vectors));
    expect(commands).toEqual([
      'echo 4 > /sys/kernel/mm/mempolicy/weighted_interleave/node0',
      'echo 4 > /sys/kernel/mm/mempolicy/weighted_interleave/node1',
      'echo 1 > /sys/kernel/mm/mempolicy/weighted_interleave/node2',
      'echo 1 > /sys/kernel/mm/mempolicy/weighted_interleave/node3',
      'numactl --cpunodebind=0 --weighted-interleave=0,2 PROGRAM',
      'numactl --cpunodebind=1 --weighted-interleave=1,3 PROGRAM',
    ]);
    expect(notes[0]).toBe('No kernel keeps weights for each socket (proposed in 2023).');
    expect(notes[1]).toContain("each socket's programs name their own");
    const alone = instructionsFor(
      recommending('node', [
        [1, 0, 0, 0],
        [0, 1, 0, 0],
      ]),
    );
    expect(alone.commands).toEqual([
      'numactl --cpunodebind=0 --preferred=0 PROGRAM',
      'numactl --cpunodebind=1 --preferred=1 PROGRAM',
    ]);
    const groups = instructionsFor(recommending('cgroup', vectors));
    expect(groups.commands.slice(4)).toEqual([
      'numactl --weighted-interleave=0,2 PROGRAM',
      'numactl --weighted-interleave=1,3 PROGRAM',
    ]);
  });
  test('others cannot be set', () => {
    const vectors = [
      [3, 1, 0, 0],
      [1, 3, 0, 0],
    ];
    for (const home of ['node', 'cgroup', 'policy'] as const) {
      const { commands, notes } = instructionsFor(recommending(home, vectors));
      expect(commands).toEqual([]);
      expect(notes.join()).toMatch(/^No kernel (keeps|takes) weights .*\.$/);
    }
  });
});

describe('an evaluation', () => {
  const machine = machineOf([
    { gbps: 200, idleNs: 100 },
    { gbps: 50, idleNs: 250, tier: 1 },
  ]);
  async function textOf(op: number, options: object = {}): Promise<string> {
    const rows = Array.from({ length: 1200 }, (_, i) => ({ address: i * 4096, size: 64, op }));
    const trace = sampleTrace(rows, { level: 'memory' });
    const units = { caches: [], lineBytes: 64, pageBytes: 4096 };
    const demand = await demandOfTrace('t', trace, units);
    const run = { copies: 2, cpi: 0.5, computeShare: 0, ...options };
    const made = scenario(demand, machine, run);
    const context = resultContext(made, { file: 't', sha256: '0', machine: 'm' });
    const evaluation = evaluate(made, [3, 1]) as EvaluationResult['evaluation'];
    return evaluationText({ ...context, evaluation });
  }

  test('says the weights, what they give and how long a load takes', async () => {
    const text = (await textOf(0)).replace(/\s+/g, ' ');
    expect(text).toMatch(
      /Weights 3:1: [\d.]+ GB\/s, [\d.]+ % of the continuous optimum \([\d.]+ GB\/s\), [\d.]+ us, mean load latency \d+ ns\./,
    );
    expect(text).toContain('0 dram');
  });
  test('without loads says so', async () => {
    const text = (await textOf(1)).replace(/\s+/g, ' ');
    expect(text).toMatch(/Weights 3:1: [\d.]+ GB\/s, .* ns, no loads\./);
  });
  test('counts huge pages in their size', async () => {
    const text = await textOf(0, { huge: true, discipline: 'first-touch' });
    expect(text.replace(/\s+/g, ' ')).toContain('pages in first-touch order, pages of 2 MiB');
    expect(text).toMatch(/total .* 3 {4}12\.0 MiB$/m);
  });
});

test('tables line up, and prose fits a terminal', () => {
  expect(
    textTable(
      [{ name: 'a' }, { name: 'n', right: true }],
      [
        ['x', '1'],
        ['long', '22'],
      ],
    ),
  ).toBe('a      n\nx      1\nlong  22');
  expect(
    paragraph('word '.repeat(40), 4)
      .split('\n')
      .every((line) => line.length <= 80),
  ).toBe(true);
});
