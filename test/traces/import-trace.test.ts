import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { IMPORTERS, importTrace } from '../../traces/import-trace.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { SAMPLES } from './formats/samples.ts';
import { disturbed, imported } from './imported.ts';

const folder = temporaryFolder();
const TEXTS = IMPORTERS.filter(({ name }) => name in SAMPLES);

describe.each(TEXTS)('$name', (importer) => {
  const text = SAMPLES[importer.name];

  test('is recognised by its own importer and no other', () => {
    const names = (head: string) =>
      IMPORTERS.filter(({ recognise }) => recognise(Buffer.from(head))).map(({ name }) => name);
    expect(names(text)).toEqual([importer.name]);
    expect(names(text.replaceAll('\n', '\r\n'))).toEqual([importer.name]);
    if (importer.name !== 'lackey') expect(names(disturbed(text))).toEqual([importer.name]);
  });

  test.skipIf(importer.name === 'lackey')(
    'reads the same with CRLF, blank lines, comments and a mark, in pieces of any size',
    async () => {
      const { rows, leftOut, tally } = await imported(importer, text);
      for (const size of [1, 7, 1 << 16]) {
        const other = await imported(importer, disturbed(text), {}, size);
        expect(other).toMatchObject({ rows, leftOut });
        expect(other.tally.records).toBe(tally.records);
      }
    },
  );

  test('refuses binary garbage and endless lines in one line', async () => {
    for (const garbage of ['\0\u0001\u0002'.repeat(9), 'x'.repeat(70_000), '1 '.repeat(40_000)]) {
      await expect(imported(importer, garbage)).rejects.toThrow(/^file: [^\n]*$/);
    }
  });
});

test('options of no use to a format are refused', async () => {
  const file = join(folder, 'a.trace');
  writeFileSync(file, SAMPLES.dramsim3);
  await expect(importTrace(file, undefined, { level: 'memory' })).rejects.toThrow(
    /a\.trace: option level: of no use to dramsim3 \(got memory, expected no option\)/,
  );
  await expect(importTrace(file, 'gem5-ascii', { samplePeriod: 3 })).rejects.toThrow(
    /expected only fetches, level/,
  );
  expect((await importTrace(file)).format).toBe('dramsim3');
});

// Counted with awk and grep in the files themselves.
const REAL = [
  ['dramsim3_example_head20000.trace', 'dramsim3', 20000, 20000, 0],
  ['memgaze_minivite-v1-part1.trace', 'memgaze', 52982, 52982, 0],
  ['memgaze_ubench.trace', 'memgaze', 56059, 56059, 0],
  ['ramulator2_example_inst.trace', 'ramulator2-simpleo3', 8, 10, 0],
  ['amd_ibs_op_1k.csv', 'amd-ibs', 999, undefined, 817],
  ['damo_report_raw_head4000.txt', 'damo-raw', 2843, Math.floor(98_230_759 / 64), 1339],
  ['damon_perf_script_head5000.txt', 'damon-perf', 5000, Math.floor(138_727_637 / 64), 2220],
] as const;

const shared = (name: string) => join('..', 'shared', 'traces', name);

describe.each(REAL)('%s', (name, format, records, rows, left) => {
  const missing = !existsSync(shared(name));
  if (missing) console.warn(`skipped: no ${shared(name)}`);

  test.skipIf(missing)(`is ${format}, and every record of it accounted for`, async () => {
    const { trace, tally, format: found } = await importTrace(shared(name));
    let length = 0;
    for await (const batch of trace.batches) length += batch.length;
    expect(found).toBe(format);
    expect(tally).toMatchObject({ records, rows: length });
    expect(length).toBe(rows ?? length);
    expect([0, ...tally.leftOut.values()]).toContain(left);
  });
});
