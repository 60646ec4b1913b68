import { expect, test } from 'vitest';
import { damonPerf } from '../../../traces/formats/damon-perf.ts';
import { imported } from '../imported.ts';

const text = `kdamond.0  4452 [000] 100.000001: damon:damon_aggregated: target_id=7 nr_regions=2 4096-266240: 4
kdamond.0  4452 [000] 100.000001: damon:damon_aggregated: target_id=7 nr_regions=2 18446744073709285376-18446744073709547520: 0
kdamond.0  4452 [000] 100.100001: damon:damon_aggregated: target_id=7 nr_regions=1 4096-266240: 8 3
`;

const event = (seconds: string, fields: string) =>
  `kdamond.0  4452 [000] ${seconds}: damon:damon_aggregated: ${fields}\n`;

test('touches are pages times nr_accesses over the period, read at memory', async () => {
  // 64 pages found accessed 4 and 8 times: 768 touches.
  const { rows, leftOut, tally, metadata } = await imported(damonPerf, text, { samplePeriod: 64 });
  expect(rows).toHaveLength(768 / 64);
  expect(tally.records).toBe(3);
  expect(leftOut).toEqual({ 'regions found idle': 1 });
  expect(metadata).toMatchObject({ level: 'memory', timeUnit: 'ns', samplePeriod: 64 });
  expect(rows[0]).toMatch(/^100000001000 [0-9a-f]+000 64 L 0$/);
});

test('with period 1 every touch is a row, alike for all pages, and none lies outside', async () => {
  const { rows } = await imported(damonPerf, text, { samplePeriod: 1 });
  expect(rows).toHaveLength(768);
  const counts = new Map<string, number>();
  for (const row of rows) {
    const page = row.split(' ')[1];
    counts.set(page, (counts.get(page) ?? 0) + 1);
  }
  expect(counts.size).toBe(64);
  expect(Math.min(...counts.values())).toBeGreaterThanOrEqual(10);
  expect(Math.max(...counts.values())).toBeLessThanOrEqual(14);
});

test('an interval lasts from the last one; its regions take turns; targets are threads', async () => {
  const both = (seconds: string) =>
    event(seconds, 'target_id=7 nr_regions=1 4096-8192: 20 5') +
    event(seconds, 'target_id=9 nr_regions=1 8192-12288: 20 5');
  const { rows, tally } = await imported(damonPerf, both('1.000000') + both('1.100000'), {
    samplePeriod: 1,
  });
  expect(rows).toHaveLength(80);
  expect(rows.slice(40, 44)).toEqual([
    '1000000000 1000 64 L 0',
    '1000000000 2000 64 L 1',
    '1005000000 1000 64 L 0',
    '1005000000 2000 64 L 1',
  ]);
  expect(tally.notes.join(' ')).toMatch(/Threads are the 2 targets/);
});

test('ftrace’s own text and other events beside it', async () => {
  const { rows, leftOut } = await imported(
    damonPerf,
    ` kdamond.0-4452 [000] ..... 1.000001: damon_aggregated: target_id=0 nr_regions=1 4096-8192: 1 0
 kdamond.0-4452 [000] ..... 1.000002: damos_before_apply: ctx_idx=0
`,
    { samplePeriod: 1 },
  );
  expect(rows).toEqual(['1000001000 1000 64 L 0']);
  expect(leftOut).toEqual({ 'events other than damon_aggregated': 1 });
});

test.each([
  ['target_id=7 nr_regions=1 8192-4096: 1', /line 1: region .*an end after its start/],
  ['target_id=7 nr_regions=1 -1-4096: 1', /line 1: not a region/],
  ['target_id=7 nr_regions=1 0-18446744073709551616: 1', /line 1: not a region/],
  ['target_id=7 nr_regions=1', /line 1: not a region/],
  [
    'target_id=7 nr_regions=1 0-18446744073709547520: 4294967295',
    /line 1: too many rows .*--sample-period/,
  ],
])('refuses %j', async (fields, message) => {
  await expect(imported(damonPerf, event('1.000000', fields))).rejects.toThrow(message);
});

test('terabytes are handed on in batches, in the middle of a line', async () => {
  const bytes = event('1.000000', 'target_id=7 nr_regions=1 0-1099511627776: 1');
  async function* once() {
    yield Buffer.from(bytes);
  }
  const { trace, tally } = await damonPerf.read('file', once(), {});
  const lengths: number[] = [];
  for await (const { length } of trace.batches) lengths.push(length);
  expect(lengths.length).toBeGreaterThan(3);
  expect(tally.rows).toBe(2 ** 28 / 64);
});
