import { describe, expect, test } from 'vitest';
import { readMachine } from '../../models/memory/read-machine.ts';
import {
  bytesText,
  countOf,
  countText,
  gainText,
  gbpsText,
  percentText,
  timeText,
} from '../../reports/quantity.ts';
import { setCommands } from '../../reports/set-commands.ts';
import { paragraph, textTable } from '../../reports/text-table.ts';

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
