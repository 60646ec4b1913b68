import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { importTraces } from '../../traces/import-traces.ts';
import { mergeTraces } from '../../traces/merge-traces.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { type Access, rowsOf, sampleTrace } from './sample-trace.ts';

const folder = temporaryFolder();

/** Merges drawn files: `time:address` a row, thread as given, in batches of `batchRows`. */
async function merged(files: readonly (readonly Access[])[], batchRows?: number) {
  const { trace, renumbered } = mergeTraces(
    files.map((accesses, i) => ({ file: `f${i}`, trace: sampleTrace(accesses, {}, batchRows) })),
  );
  return { rows: await rowsOf(trace), renumbered };
}

const drawn = (rows: readonly Access[]) =>
  rows.map(({ time, address, thread }) => `${time}:${address}@${thread}`).join(' ');

describe('traces merged', () => {
  test('are ordered by time, the first file first where times are equal; instructions add up', async () => {
    const { rows } = await merged([
      [
        { time: 1, address: 1 },
        { time: 5, address: 2 },
        { time: 5, address: 3 },
      ],
      [
        { time: 0, address: 4, thread: 9 },
        { time: 5, address: 5, thread: 9 },
      ],
      [],
      [{ time: 2 ** 33, address: 6, thread: 8 }],
    ]);
    expect(drawn(rows)).toBe('0:4@9 1:1@0 5:2@0 5:3@0 10:5@9 8589934602:6@8');
  });

  test('keep the threads that no other file has; the others get the lowest number free', async () => {
    const { rows, renumbered } = await merged([
      [
        { time: 0, address: 1, thread: 7 },
        { time: 3, address: 2, thread: 0 },
      ],
      [
        { time: 1, address: 3, thread: 7 },
        { time: 4, address: 4, thread: 7 },
      ],
      [{ time: 2, address: 5, thread: 2 }],
    ]);
    expect(drawn(rows)).toBe('0:1@7 1:3@0 3:5@2 6:2@1 9:4@0');
    expect(renumbered).toEqual([
      { file: 'f1', thread: 7, as: 0 },
      { file: 'f0', thread: 0, as: 1 },
    ]);
  });

  test('lose nothing, whatever the batches; rows of one thread stay in order and together', async () => {
    const file = fc.array(
      fc.record({ gap: fc.integer({ min: 0, max: 3 }), thread: fc.integer({ min: 0, max: 2 }) }),
      { maxLength: 30 },
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(file, { minLength: 1, maxLength: 5 }),
        fc.integer({ min: 1, max: 9 }),
        async (gaps, batchRows) => {
          let address = 0;
          const files = gaps.map((rows) => {
            let time = 2 ** 32 - 20;
            return rows.map(({ gap, thread }) => {
              time += gap;
              return { time, thread, address: address++ };
            });
          });
          const { rows } = await merged(files, batchRows);
          // Stable sorting keeps files, and rows within each, in order where times are equal.
          const sorted = files.flat().sort((a, b) => a.time - b.time);
          expect(rows.map((row) => Number(row.address))).toEqual(sorted.map((row) => row.address));
          const numbers = files.map((of) => {
            const pairs = of.map(({ address, thread }) => {
              const row = rows.find((one) => Number(one.address) === address);
              return `${thread}>${row?.thread}`;
            });
            return new Set(pairs);
          });
          const threads = numbers.map((pairs) => [...pairs].map((pair) => pair.split('>')));
          for (const [i, pairs] of threads.entries())
            expect(pairs.length).toBe(new Set(files[i].map(({ thread }) => thread)).size);
          const given = threads.flat().map(([, as]) => as);
          expect(new Set(given).size).toBe(given.length);
          expect((await merged(files)).rows).toEqual(rows);
        },
      ),
      { numRuns: 60 },
    );
  });

  test('say of themselves what all agree on', () => {
    const { trace } = mergeTraces([
      { file: 'a', trace: sampleTrace([], { command: 'sort', outstanding: 1 }) },
      { file: 'b', trace: sampleTrace([], { command: 'sort', outstanding: 4 }) },
    ]);
    expect(trace.metadata).toEqual({
      level: 'access',
      timeUnit: 'instructions',
      pageBytes: 4096,
      samplePeriod: 1,
      source: 'test',
      command: 'sort',
    });
  });

  test.each([
    [{ level: 'memory' }, 'b: level (got memory, expected access as in a)'],
    [{ timeUnit: 'ns' }, 'b: time unit (got ns, expected instructions as in a)'],
    [{ samplePeriod: 7 }, 'b: sample period (got 7, expected 1 as in a)'],
    [{ physical: true }, 'b: physical addresses (got true, expected none as in a)'],
  ] as const)('are refused where they differ: %j', (other, message) => {
    expect(() =>
      mergeTraces([
        { file: 'a', trace: sampleTrace([]) },
        { file: 'b', trace: sampleTrace([], other) },
      ]),
    ).toThrow(message);
  });
});

describe('several files imported', () => {
  const first = join(folder, 'a.log');
  const second = join(folder, 'b.log.gz');
  writeFileSync(first, 'I  1,1\n L 10,8\nI  1,1\nI  1,1\n S 20,8\n');
  writeFileSync(second, gzipSync('I  1,1\nI  1,1\n M 30,8\n'));

  test('are one trace, their tallies added up, and say which threads have other numbers', async () => {
    const { trace, tally, format } = await importTraces([first, second]);
    expect(drawn(await rowsOf(trace))).toBe('1:16@0 3:48@1 3:48@1 5:32@0');
    expect(format).toBe('lackey');
    expect(tally).toEqual({
      records: 8,
      rows: 4,
      leftOut: new Map([['instruction fetches', 5]]),
      notes: [
        `Threads of ${second} numbered anew, as another file has threads of these numbers: 0 is 1.`,
      ],
    });
  });

  test('may be all files of a folder, by name', async () => {
    const inside = join(folder, 'parts');
    mkdirSync(join(inside, 'more'), { recursive: true });
    writeFileSync(join(inside, '2'), ' L 20,8\n');
    writeFileSync(join(inside, '1'), ' L 10,8\n');
    const { trace } = await importTraces([inside]);
    expect(drawn(await rowsOf(trace))).toBe('0:16@0 0:32@1');
    await expect(importTraces([join(inside, 'more')])).rejects.toThrow('more: no files in it');
  });

  test('name the file that is wrong', async () => {
    const wrong = join(folder, 'wrong.log');
    writeFileSync(wrong, ' L 10,8\n L 10,x\n');
    const imported = importTraces([first, wrong]);
    await expect(imported.then(({ trace }) => rowsOf(trace))).rejects.toThrow(
      'wrong.log: line 2: not a lackey record',
    );
    await expect(importTraces([first, join(folder, 'none')])).rejects.toThrow('ENOENT');
  });
});
