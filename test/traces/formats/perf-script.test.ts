import { expect, test } from 'vitest';
import { perfScript } from '../../../traces/formats/perf-script.ts';
import { imported } from '../imported.ts';

const text = `           a.out  1234 [003] 12345.678901:       4001    cpu/mem-loads,ldlat=30/P:     7f1234560047         5080021 |OP LOAD|LVL L1 hit|SNP None|TLB L1 or L2 hit|LCK No|BLK  N/A                7     55d0c0ffee00 main+0x10 (/bin/a.out)        123456047
     Web Content  1235 [001] 12345.678902:       4003            cpu/mem-stores/P:     7f1234560148         5080022 |OP STORE|LVL L1 hit|SNP N/A|TLB N/A|LCK N/A|BLK  N/A                0     55d0c0ffee04 main+0x14 (/bin/a.out)        123456148
           a.out  1234 [003] 12345.678903:       4001    cpu/mem-loads,ldlat=30/P:     7f1234560250        1068100142 |OP LOAD|LVL Local RAM hit|SNP None or Hit|TLB L1 or L2 hit|LCK No|BLK  N/A              312     55d0c0ffee00 main+0x10 (/bin/a.out)        123456250
           a.out  1234 [003] 12345.678904:       4001    cpu/mem-loads,ldlat=30/P:                0                1 |OP N/A|LVL N/A|SNP N/A|TLB N/A|LCK N/A|BLK  N/A                0     55d0c0ffee00 main+0x10 (/bin/a.out)                0
`;

test('loads and stores by data_src; periods are averaged, which is said', async () => {
  const { rows, leftOut, metadata, tally } = await imported(perfScript, text);
  expect(rows).toEqual([
    '12345678901000 7f1234560047 1 L 1234',
    '12345678902000 7f1234560148 1 S 1235',
    '12345678903000 7f1234560250 1 L 1234',
  ]);
  expect(leftOut).toEqual({ 'without an address': 1 });
  expect(metadata).toMatchObject({ level: 'access', timeUnit: 'ns', samplePeriod: 4002 });
  expect(tally.notes.join(' ')).toMatch(/Periods run from 4001 to 4003: .*mean.*4002/);
});

test('at memory only what memory served, in whole lines', async () => {
  const { rows, leftOut, metadata } = await imported(perfScript, text, { level: 'memory' });
  expect(rows).toEqual(['12345678903000 7f1234560240 64 L 1234']);
  expect(leftOut).toMatchObject({ 'served by a cache, or by what is not said': 2 });
  expect(metadata).toMatchObject({ level: 'memory', samplePeriod: 4001 });
});

test.each([
  [
    '20402 13115.959746: cpu/mem-stores/P:     7f1234560047 \n',
    '13115959746000 7f1234560047 1 S 20402',
  ],
  ['a b 7/8 1.000001: mem_load_retired.l3_miss:pp:  7f00 123400\n', '1000001000 7f00 1 L 8'],
  ['1.000001002: mem-loads:  7f00     55d0 main+0x1 (/a)\n', '1000001002 7f00 1 L 0'],
  [
    '9 1.000001: ibs_op//:  7f00  1a2 |OP STORE|LVL N/A|SNP N/A|TLB N/A|LCK N/A\n',
    '1000001000 7f00 1 S 9',
  ],
  [
    '9 1.000001: memory:  7f00  1a2 |OP LOAD|LVL L1 hit|SNP N/A|TLB N/A|LCK N/A\n',
    '1000001000 7f00 1 L 9',
  ],
])('with -F: %j', async (line, row) => {
  const { rows, tally, metadata } = await imported(perfScript, line);
  expect(rows).toEqual([row]);
  expect(metadata.samplePeriod).toBe(1);
  expect(tally.notes.join(' ')).toMatch(/--sample-period/);
  expect((await imported(perfScript, line, { samplePeriod: 7 })).metadata.samplePeriod).toBe(7);
});

test('what is no sample of an access is left out or passed over, and counted', async () => {
  const { leftOut, tally } = await imported(
    perfScript,
    `a 9 [000] 1.000001: 1 mem-loads: 7f00
\t    7f2b3a21862a handle_amd+0xa (/ld.so)
a 9 [000] 1.000002: PERF_RECORD_LOST lost 3
a 9 [000] 1.000003: 1 l1d-access: 7f00 1a2 |OP LOAD|LVL L1 hit|SNP N/A|TLB N/A|LCK N/A
a 9 [000] 1.000004: 1 cycles: 7f00 55d0
`,
  );
  expect(leftOut).toEqual({
    'records that are no samples': 1,
    'events that repeat an SPE memory event': 1,
    'neither load nor store': 1,
  });
  expect(tally.notes).toContain('1 lines of call chains were passed over.');
});

test.each([
  ['a 9 [000] mem-loads: 7f00\n', /line 1: not a sample/],
  ['a 9 1.000001: 1 mem-loads:   55d0c0ffee00 main+0x10 (/bin/a)\n', /line 1: no addr .*-F \+addr/],
  ['a 9 1.000001: 0 mem-loads: 7f00\n', /line 1: period/],
  ['a 9 1.000001: 1 mem-loads: 17f00000000000000\n', /line 1: addr/],
  ['a 99999999999 1.000001: 1 mem-loads: 7f00\n', /line 1: tid/],
])('refuses %j', async (line, message) => {
  await expect(imported(perfScript, line)).rejects.toThrow(message);
});

test('needs data_src for the level memory', async () => {
  await expect(
    imported(perfScript, '9 1.000001: mem-loads: 7f00\n', { level: 'memory' }),
  ).rejects.toThrow(/line 1: no data_src .*-F \+data_src/);
});
