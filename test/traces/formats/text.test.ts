import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { IMPORTERS, importTrace } from '../../../traces/import-trace.ts';
import type { Importer, ImportOptions } from '../../../traces/importer.ts';
import { rowsOf } from '../sample-trace.ts';
import { TEXT_SAMPLES } from './samples-text.ts';

async function* pieces(text: string, size: number): AsyncGenerator<Buffer> {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function imported(importer: Importer, text: string, options: ImportOptions = {}, size = 512) {
  const { trace, tally } = await importer.read('t', pieces(text, size), options);
  const rows = (await rowsOf(trace)).map(
    (r) => `${r.time} t${r.thread} ${'RWF'[r.op]} ${r.address.toString(16)} ${r.size}`,
  );
  return {
    ...tally,
    rows,
    leftOut: Object.fromEntries(tally.leftOut),
    metadata: { ...trace.metadata, ...trace.learned?.() },
  };
}

const importerOf = (name: string) => IMPORTERS.find((i) => i.name === name) as Importer;

describe.each(Object.entries(TEXT_SAMPLES))('%s', (name, sample) => {
  const { text, rows, records, leftOut = {}, metadata, wrong } = sample;
  const importer = importerOf(name);

  test('is recognised, by itself alone', () => {
    const head = Buffer.from(text);
    expect(IMPORTERS.filter(({ recognise }) => recognise(head)).map((i) => i.name)).toEqual([name]);
  });

  test('becomes these rows; every record is one, or left out with its reason', async () => {
    const got = await imported(importer, text);
    if (rows.length > 0) expect(got.rows).toEqual(rows);
    else expect(got.rows.length).toBeGreaterThan(0);
    expect(got).toMatchObject({ records, leftOut, metadata });
    const left = Object.values(got.leftOut).reduce((sum, n) => sum + n, 0);
    expect(got.records - left).toBeGreaterThan(0);
  });

  test('is the same with CRLF, blank lines and comments, in any pieces, without its last newline', async () => {
    const plain = await imported(importer, text);
    const lines = text.trimEnd().split('\n');
    const dressed = ['', '# a comment', ...lines.flatMap((line) => [line, '', '// another'])];
    for (const size of [1, 7, 4096]) {
      expect(await imported(importer, text.replaceAll('\n', '\r\n').trimEnd(), {}, size)).toEqual(
        plain,
      );
      expect(await imported(importer, dressed.join('\n'), {}, size)).toEqual(plain);
    }
    expect(importer.recognise(Buffer.from(dressed.join('\r\n')))).toBe(true);
  });

  test('refuses a wrong line, and says where it is', async () => {
    const [line, message] = wrong;
    await expect(imported(importer, `${text}${line}\n`)).rejects.toThrow(message);
    await expect(imported(importer, `${text}${line}\n`)).rejects.toThrow(/^t: line \d+: [^\n]+\)$/);
  });

  test('refuses a text without an access', async () => {
    await expect(imported(importer, '\n# nothing\n')).rejects.toThrow(/^t: no accesses/);
  });
});

describe('options', () => {
  const of = (name: string, options: ImportOptions) =>
    imported(importerOf(name), TEXT_SAMPLES[name].text, options);

  test('--level memory keeps what memory served, as whole lines', async () => {
    const perf = await of('perf-script', { level: 'memory' });
    expect(perf.rows).toEqual(['12000000500 t1234 R ffff888012345640 64']);
    expect(perf.leftOut).toEqual({
      'served by a cache, or by what is not said': 2,
      'without an address': 1,
    });
    const ibs = await of('amd-ibs', { level: 'memory' });
    expect(ibs.rows).toEqual(['200 t286258 R 7ffd459a5b80 64']);
  });

  test('--sample-period is instead of what the file says', async () => {
    expect((await of('perf-script', { samplePeriod: 5 })).metadata.samplePeriod).toBe(5);
    const damon = await of('damon-perf', { samplePeriod: 1 });
    expect(damon.rows).toHaveLength(1024 + 2 * 64);
    const pages = damon.rows.slice(0, 1024).map((row) => row.split(' ')[3]);
    expect(new Set(pages).size).toBeGreaterThan(850);
  });

  test('--fetches keeps instruction fetches', async () => {
    expect((await of('gem5-ascii', { fetches: true })).rows.at(-1)).toBe('3 t0 F 1000 4');
  });

  test('of no use to a format are refused', async () => {
    const folder = '../shared/traces/ramulator2_example_inst.trace';
    if (!existsSync(folder)) expect(existsSync(folder)).toBe(false);
    else
      await expect(importTrace(folder, undefined, { samplePeriod: 3 })).rejects.toThrow(
        /option samplePeriod: of no use to ramulator2-simpleo3 \(got 3, expected only level\)/,
      );
  });
});

test('rows out of order are put in order', async () => {
  const lines = [5, 3, 9, 7].map((time) => `${time},0x${time}000,R`);
  const { rows } = await imported(importerOf('csv'), `time,address,op\n${lines.join('\n')}\n`);
  expect(rows.map((row) => row.split(' ')[0])).toEqual(['3', '5', '7', '9']);
});

const folder = '../shared/traces';
test.skipIf(!existsSync(folder)).each([
  ['amd_ibs_op_1k.csv', 'amd-ibs', 999, 112, 67],
  ['dramsim3_example_head20000.trace', 'dramsim3', 20_000, 5097, 14_903],
  ['memgaze_minivite-v1-part1.trace', 'memgaze', 52_982, 52_982, 0],
  ['memgaze_ubench.trace', 'memgaze', 56_059, 56_059, 0],
  ['ramulator2_example_inst.trace', 'ramulator2-simpleo3', 8, 8, 2],
  ['damon_perf_script_head5000.txt', 'damon-perf', 5000, 2_167_619, 0],
  ['damo_report_raw_head4000.txt', 'damo-raw', 2843, 1_534_855, 0],
])(
  '%s has the counts it should (needs the shared samples)',
  async (file, name, records, loads, stores) => {
    const { format, trace, tally } = await importTrace(join(folder, file));
    const counts = [0, 0, 0];
    for await (const { length, op } of trace.batches)
      for (let i = 0; i < length; i++) counts[op[i]]++;
    expect([format, tally.records, ...counts]).toEqual([name, records, loads, stores, 0]);
  },
);
