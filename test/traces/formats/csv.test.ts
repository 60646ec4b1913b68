import { expect, test } from 'vitest';
import { csv } from '../../../traces/formats/csv.ts';
import { imported } from '../imported.ts';

const SAMPLE = `time_ns,Address,"size",op,tid,latency
5,0x7f001040,8,R,1,30
6,18446744073709551615,65535,"store",2,"a ""b"", c"
`;

test('columns are found by name, fields may be quoted', async () => {
  const { rows, metadata, tally } = await imported(csv, SAMPLE);
  expect(rows).toEqual(['5 7f001040 8 L 1', '6 ffffffffffffffff 65535 S 2']);
  expect(metadata).toMatchObject({ timeUnit: 'ns', level: 'access', samplePeriod: 1 });
  expect(tally).toMatchObject({ records: 2, notes: ['Not used: latency.'] });
});

test('without a time accesses are numbered, without an op they are loads', async () => {
  const { rows, metadata } = await imported(csv, 'addr\n64\n0x80\n');
  expect(rows).toEqual(['0 40 1 L 0', '1 80 1 L 0']);
  expect(metadata.timeUnit).toBe('accesses');
});

test.each([
  ['time_s;addr\n1.5;64\n', '1500000000 40 1 L 0', 'ns'],
  ['time_us\taddr\n7\t64\n', '7000 40 1 L 0', 'ns'],
  ['time_ms,addr\n7,64\n', '7000000 40 1 L 0', 'ns'],
  ['cycle,vaddr,paddr\n7,64,128\n', '7 40 1 L 0', 'cycles'],
  ['time_instructions,addr\n7,64\n', '7 40 1 L 0', 'instructions'],
  ['time,addr\n1700000000000000001,64\n', '1000000000000001 40 1 L 0', 'ns'],
])('%j', async (text, row, unit) => {
  const { rows, metadata } = await imported(csv, text);
  expect(rows).toEqual([row]);
  expect(metadata.timeUnit).toBe(unit);
});

test('a physical address makes a physical trace; level and period are the user’s', async () => {
  const { metadata } = await imported(csv, 'paddr\n64\n', { level: 'memory', samplePeriod: 9 });
  expect(metadata).toMatchObject({ physical: true, level: 'memory', samplePeriod: 9 });
});

test.each([
  ['a,b\n1,2\n', /line 1: header/],
  ['addr,size\n64\n', /line 2: fields \(got "1 of them", expected 2 as in the header\)/],
  ['addr,size\n64,0\n', /line 2: size \(got "0", expected 1 to 65535 bytes\)/],
  ['addr,size\n64,65536\n', /line 2: size/],
  ['addr,size\n64,-1\n', /line 2: size/],
  ['addr\n18446744073709551616\n', /line 2: address/],
  ['addr\n-1\n', /line 2: address/],
  ['addr,op\n1,x\n', /line 2: op \(got "x"/],
  ['addr,tid\n1,4294967296\n', /line 2: thread/],
  ['addr,time\n1,-4\n', /line 2: time/],
  ['addr,time\n1,\n', /line 2: time/],
  ['addr,op\n1,"r\n', /line 2: quotes/],
  ['addr,op\n', /no accesses \(got 0 records/],
])('refuses %j', async (text, message) => {
  await expect(imported(csv, text)).rejects.toThrow(message);
});
