import { expect, test } from 'vitest';
import { damoRaw } from '../../../traces/formats/damo-raw.ts';
import { imported } from '../imported.ts';

const text = `base_time_absolute: 8 m 59.809 s
data source: unknown

monitoring_start:                0 ns
monitoring_end:            100.000 ms
monitoring_duration:       100.000 ms
target_id: 18446623438842320000
nr_regions: 2
# start_addr     end_addr        length  nr_accesses   age
563ebaa00000-563ebaa40000 ( 256.000 KiB)           4    -1
7fff66b0a000-7fff66bb2000 ( 672.000 KiB)           0    -1
`;

test('touches of the regions, spread over their interval', async () => {
  const { rows, leftOut, metadata } = await imported(damoRaw, text, { samplePeriod: 1 });
  expect(rows).toHaveLength(64 * 4);
  expect(rows[0]).toMatch(/^539809000000 563ebaa/);
  expect(rows[255]).toMatch(/^539904000000 563ebaa/);
  expect(leftOut).toEqual({ 'regions found idle': 1 });
  expect(metadata).toMatchObject({ level: 'memory', timeUnit: 'ns', samplePeriod: 1 });
});

test('raw numbers read the same, and so do regions without an age', async () => {
  const raw = text
    .replace('8 m 59.809 s', '539809000000')
    .replace('0 ns', '0')
    .replaceAll('100.000 ms', '100000000')
    .replace('(   3.949 MiB)', '(262144)')
    .replaceAll('    -1', '');
  const one = await imported(damoRaw, text);
  expect((await imported(damoRaw, raw)).rows).toEqual(one.rows);
});

test('says where an interval was cut', async () => {
  const { tally } = await imported(damoRaw, text.replace('nr_regions: 2', 'nr_regions: 3'));
  expect(tally.notes[0]).toMatch(/1 interval has not as many regions as stated/);
});

test.each([
  ['0 ns', 'soon', /line 4: time \(got "soon"/],
  ['nr_regions: 2', 'nr_regions: x', /line 8: nr_regions/],
  ['data source: unknown', 'sheep: 3', /line 2: neither a region nor a heading/],
  ['563ebaa00000-', '563ebaa00000+', /line 10: neither a region/],
  ['563ebaa40000', '563ebaa00000', /line 10: region .*an end after its start/],
  ['563ebaa40000', '10000000000000000', /line 10: region .*64 bits/],
])('refuses %j made %j', async (from, to, message) => {
  await expect(imported(damoRaw, text.replace(from, to))).rejects.toThrow(message);
});
