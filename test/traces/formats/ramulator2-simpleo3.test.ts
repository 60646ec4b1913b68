import { expect, test } from 'vitest';
import { ramulator2Simpleo3 } from '../../../traces/formats/ramulator2-simpleo3.ts';
import { imported } from '../imported.ts';

const SAMPLE = '3 20734016\n8 20841280 20841344\n0 20734144\n';

test('time is instructions: the bubbles, and the load itself', async () => {
  const { rows, metadata, tally } = await imported(ramulator2Simpleo3, SAMPLE);
  expect(rows).toEqual([
    '4 13c6040 64 L 0',
    '13 13e0340 64 L 0',
    '13 13e0380 64 S 0',
    '14 13c60c0 64 L 0',
  ]);
  expect(tally.records).toBe(3);
  expect(metadata).toMatchObject({ level: 'memory', timeUnit: 'instructions' });
  const asked = await imported(ramulator2Simpleo3, '1 64\n', { level: 'access' });
  expect(asked.metadata.level).toBe('access');
});

test.each(['3', '3 4 5 6', '-1 4', '2147483648 4', '3 0x40', '3 18446744073709551616'])(
  'refuses %j',
  async (line) => {
    await expect(imported(ramulator2Simpleo3, `${line}\n`)).rejects.toThrow(/^file: line 1: not a/);
  },
);
