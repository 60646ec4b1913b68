import { expect, test } from 'vitest';
import { ramulator2Ldst } from '../../../traces/formats/ramulator2-ldst.ts';
import { imported } from '../imported.ts';

const SAMPLE = 'LD 0x7f001047\nST 18446744073709551615\nLD 64\n';

test('loads and stores are numbered, for there is no time', async () => {
  const { rows, metadata } = await imported(ramulator2Ldst, SAMPLE);
  expect(rows).toEqual(['0 7f001040 64 L 0', '1 ffffffffffffffc0 64 S 0', '2 40 64 L 0']);
  expect(metadata).toMatchObject({ level: 'memory', timeUnit: 'accesses', physical: true });
});

test.each(['LD', 'XX 5', 'LD -5', 'LD 18446744073709551616', 'LD 5 6'])(
  'refuses %j',
  async (line) => {
    await expect(imported(ramulator2Ldst, `LD 1\n${line}\n`)).rejects.toThrow(
      /^file: line 2: not a request/,
    );
  },
);
