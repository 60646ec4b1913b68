import { expect, test } from 'vitest';
import { pinatrace } from '../../../traces/formats/pinatrace.ts';
import { imported } from '../imported.ts';
import { SAMPLES } from './samples.ts';

test('reads and writes are numbered; the size is kept where it is there', async () => {
  const { rows, metadata, tally } = await imported(pinatrace, SAMPLES.pinatrace);
  expect(rows).toEqual(['0 7ffd8c0a1b40 1 L 0', '1 0 1 S 0', '2 ffffffffffffffff 8 S 0']);
  expect(metadata).toMatchObject({ level: 'access', timeUnit: 'accesses' });
  expect(tally.notes.join(' ')).not.toMatch(/cut short/);
});

test('says where the end is missing', async () => {
  const { tally } = await imported(pinatrace, '0x1: R 0x2\n');
  expect(tally.notes.join(' ')).toMatch(/no #eof at the end: the trace was cut short/);
});

test.each([
  '0x1: X 0x2',
  '0x1 R 0x2',
  '0x1: R',
  '0x1: R 0x2 0',
  '0x1: R 0x2 65536',
  '0x1: R 0x10000000000000000',
])('refuses %j', async (line) => {
  await expect(imported(pinatrace, `${line}\n`)).rejects.toThrow(/^file: line 1: not a pinatrace/);
});
