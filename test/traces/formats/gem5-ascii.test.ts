import { expect, test } from 'vitest';
import { gem5Ascii } from '../../../traces/formats/gem5-ascii.ts';
import { imported } from '../imported.ts';

const SAMPLE = `5,r,2147483712,64,0,4500
w,2147483720,8,4999
u,64,64,0,5000
r,128,4,256,6000,4194304
7,r,18446744073709551615,1,512,7000
`;

test('ticks become nanoseconds; other commands and fetches are left out', async () => {
  const { rows, leftOut, metadata } = await imported(gem5Ascii, SAMPLE);
  expect(rows).toEqual(['4 80000040 64 L 0', '4 80000048 8 S 0', '7 ffffffffffffffff 1 L 0']);
  expect(leftOut).toEqual({ 'neither ReadReq nor WriteReq': 1, 'instruction fetches': 1 });
  expect(metadata).toMatchObject({ level: 'access', timeUnit: 'ns', physical: true });
});

test('fetches are kept when asked for, whatever other flags they have', async () => {
  const flags = 18446744073709551360n;
  const { rows } = await imported(gem5Ascii, `r,128,4,${flags},6000\n`, { fetches: true });
  expect(rows).toEqual(['6 80 4 F 0']);
});

test('says where all packets are lines, as below caches', async () => {
  const { tally } = await imported(gem5Ascii, 'r,128,64,1000\n');
  expect(tally.notes.join(' ')).toMatch(/lines of 64 bytes/);
});

test.each(['r,1,0,5', 'r,1,65536,5', 'x,1,4,5', 'r,18446744073709551616,4,5', 'r,-1,4,5', 'r,1,4'])(
  'refuses %j',
  async (line) => {
    await expect(imported(gem5Ascii, `${line}\n`)).rejects.toThrow(/^file: line 1: not a packet/);
  },
);
