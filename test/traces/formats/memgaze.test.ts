import { expect, test } from 'vitest';
import { memgaze } from '../../../traces/formats/memgaze.ts';
import { imported } from '../imported.ts';

const SAMPLE = `0x40b21f 0x7ffec7780340 0 100.121160038 1
0x40b1c2 0x7ffec7780338 1 100.121160037 1
0x40b21f 0xffffffffffffffff 0 100.2 4
`;

test('loads in bursts, in the order of their times', async () => {
  const { rows, metadata, tally } = await imported(memgaze, SAMPLE);
  expect(rows).toEqual([
    '100121160037 7ffec7780338 1 L 1',
    '100121160038 7ffec7780340 1 L 0',
    '100200000000 ffffffffffffffff 1 L 0',
  ]);
  expect(metadata).toMatchObject({ samplePeriod: 1, sampleLength: 2, timeUnit: 'ns' });
  expect(tally.notes.join(' ')).toMatch(/--sample-period/);
  const told = await imported(memgaze, SAMPLE, { samplePeriod: 5000 });
  expect(told.metadata.samplePeriod).toBe(5000);
  expect(told.tally.notes.join(' ')).not.toMatch(/--sample-period/);
});

test('times too large for a float are counted from a base, to the nanosecond', async () => {
  const { rows, tally } = await imported(
    memgaze,
    '0x1 0x2 0 1700000000.123456789 1\n0x1 0x3 0 1700000000.123456790 1\n',
  );
  expect(rows).toEqual(['1000000123456789 2 1 L 0', '1000000123456790 3 1 L 0']);
  expect(tally.notes).toContain('Times are counted from 1699000000000000000 ns on.');
});

test.each([
  '0x1 0x2 0 1.5',
  '0x1 0x2 0 15 1',
  '1 2 0 1.5 1',
  '0x1 0x2 -1 1.5 1',
  '0x1 0x10000000000000000 0 1.5 1',
])('refuses %j', async (line) => {
  await expect(imported(memgaze, `${line}\n`)).rejects.toThrow(/^file: line 1: not a MemGaze/);
});
