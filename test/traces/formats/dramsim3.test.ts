import { expect, test } from 'vitest';
import { dramsim3 } from '../../../traces/formats/dramsim3.ts';
import { imported } from '../imported.ts';

const SAMPLE =
  '0x2000D5C7 READ  30\n0x1FF96FC0 WRITE   160\nffffffffffffffff P_MEM_WR 200\n0x40 BOFF 9\n';

test('requests become whole lines at memory, put in order of their cycles', async () => {
  const { rows, metadata, leftOut } = await imported(dramsim3, SAMPLE);
  expect(rows).toEqual([
    '9 40 64 S 0',
    '30 2000d5c0 64 L 0',
    '160 1ff96fc0 64 S 0',
    '200 ffffffffffffffc0 64 S 0',
  ]);
  expect(metadata).toMatchObject({ level: 'memory', timeUnit: 'cycles', physical: true });
  expect(leftOut).toEqual({});
});

test.each([
  ['0x1 READ', 'no cycle'],
  ['0x1 PEEK 3', 'unknown operation'],
  ['0x10000000000000000 READ 3', 'more than 64 bits'],
  ['0x1 READ -3', 'negative cycle'],
  ['0x1 READ 3 4', 'a field too many'],
  ['', 'no request at all'],
])('refuses %j: %s', async (line) => {
  await expect(imported(dramsim3, `${line}\n`)).rejects.toThrow(
    line === '' ? 'file: no accesses' : /^file: line 1: not a request \(got ".*", expected like/,
  );
});
