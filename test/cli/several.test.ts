import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { severalResultSchema } from '../../evaluator/several/result.ts';
import { traceFolders, traceWeights } from '../../evaluator/several/trace-weights.ts';
import { synthPointerChase } from '../../traces/synth/pointer-chase.ts';
import { synthRandom } from '../../traces/synth/random.ts';
import { writeTrace } from '../../traces/write-trace.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { numaweave } from './run.ts';

const folder = temporaryFolder();
const at = (path: string) => join(folder, path);
mkdirSync(at('sub'));
const seeded = { accesses: 20_000, seed: 1, level: 'memory' } as const;
await writeTrace(at('a.arrow'), synthRandom({ ...seeded, pages: 2048, readShare: 1 }));
await writeTrace(at('b.arrow'), synthPointerChase({ ...seeded, pages: 512 }));
await writeTrace(at('sub/b.arrow'), synthRandom({ ...seeded, pages: 512, readShare: 0.5 }));

const FILES = ['a.arrow', 'b.arrow', 'sub/b.arrow'];
const run = (...args: string[]) =>
  numaweave(['sweep', ...args, '--machine', 'spr-1cxl', '--max-total', '12'], { cwd: folder });
const THREE = ['report.html', 'sweep.arrow', 'sweep.json'];

describe('sweep of several traces', () => {
  test('writes a result for all and one for each, on any number of threads', () => {
    const one = run(...FILES, '--weight', 'a.arrow=2', '--threads', '1', '--out', 'one', '--json');
    const two = run(...FILES, '--weight', 'a.arrow=2', '--threads', '2', '--out', 'two');
    expect([one.stderr, two.stderr]).toEqual(['', '']);
    expect(readdirSync(at('one')).sort()).toEqual([
      'a.arrow',
      'b.arrow',
      'b.arrow-2',
      'several.json',
    ]);
    for (const sub of ['a.arrow', 'b.arrow', 'b.arrow-2']) {
      expect(readdirSync(at(`one/${sub}`)).sort()).toEqual(THREE);
      for (const file of THREE)
        expect(readFileSync(at(`two/${sub}/${file}`))).toEqual(
          readFileSync(at(`one/${sub}/${file}`)),
        );
    }
    const text = readFileSync(at('one/several.json'), 'utf8');
    expect(one.stdout).toBe(text);
    expect(readFileSync(at('two/several.json'), 'utf8')).toBe(text);
    const result = JSON.parse(text);
    expect(result.traces.map((t: { weight: number }) => t.weight)).toEqual([2, 1, 1]);
    const valid = new Ajv2020().compile(
      JSON.parse(readFileSync('docs/several.schema.json', 'utf8')),
    );
    valid(result);
    expect(valid.errors ?? []).toEqual([]);
    for (const line of two.stdout.split('\n')) expect(line.length).toBeLessThanOrEqual(80);
    expect(two.stdout).toContain('Least regret: ');
    expect(two.stdout).toMatch(/^a\.arrow +2 +\d+:\d+ /m);
  });

  test("a trace's own sweep is that of the trace alone, byte for byte", () => {
    run(...FILES, '--out', 'three');
    run('b.arrow', '--out', 'alone');
    for (const file of THREE)
      expect(readFileSync(at(`three/b.arrow/${file}`))).toEqual(readFileSync(at(`alone/${file}`)));
  });

  test('together, copies are of each and divide the cores', () => {
    const { stdout } = run(...FILES, '--together', '--json');
    const result = JSON.parse(stdout);
    expect(result.mode).toBe('together');
    expect(result.options.copies).toBe(18);
    expect(result.concurrency.threads).toBe(54);
    const shares = result.traces.map((t: { shareOfLines: number }) => t.shareOfLines);
    expect(shares.reduce((a: number, b: number) => a + b, 0)).toBeCloseTo(1, 12);
    const text = run(...FILES, '--together').stdout;
    expect(text).toContain('3 traces at the same time, 18 copies of each');
    for (const line of text.split('\n')) expect(line.length).toBeLessThanOrEqual(80);
  });

  test('what cannot be written leaves nothing behind', () => {
    mkdirSync(at('blocked/b.arrow/sweep.json'), { recursive: true });
    const { status, stderr } = run(...FILES, '--out', 'blocked');
    expect(status).toBe(1);
    expect(stderr).toMatch(/^numaweave: blocked\/b\.arrow\/sweep\.json: is a directory/);
    expect(readdirSync(at('blocked'))).toEqual(['b.arrow']);
    expect(readdirSync(at('blocked/b.arrow'))).toEqual(['sweep.json']);
  });
});

test('text fits 80 columns, long names and several vectors too', () => {
  const long = `${'x/'.repeat(60)}trace.arrow`;
  mkdirSync(at('x/'.repeat(60)), { recursive: true });
  copyFileSync(at('a.arrow'), at(long));
  for (const how of [[], ['--together']]) {
    const machine = ['--machine', 'four-node', '--weight-home', 'node', '--max-total', '3'];
    const { stdout } = numaweave(['sweep', long, 'b.arrow', ...machine, ...how], { cwd: folder });
    expect(stdout).toMatch(/^…[x/]+trace\.arrow /m);
    for (const line of stdout.split('\n')) expect(line.length).toBeLessThanOrEqual(80);
  }
});

describe('refused with one line', () => {
  test.each<[string[], RegExp]>([
    [['a.arrow', '--together'], /--together: no use \(got one trace, expected several\)/],
    [['a.arrow', '--weight', 'a.arrow=1'], /--weight: no use \(got one trace/],
    [[...FILES, '--weight', 'a.arrow=1', '--together'], /--weight: no use \(got --together/],
    [[...FILES, '--weight', 'c.arrow=1'], /--weight c\.arrow: no such trace/],
    [[...FILES, '--together', '--pin', '0-1:0'], /--together: no use with pinned threads/],
    [[...FILES, '--compute-share', '1'], /--compute-share: no use \(got traces timed in/],
    [[...FILES, 'none.arrow', '--out', 'o'], /none\.arrow: no such file/],
    [[...FILES, '--together', '--copies', '2000000'], /--copies/],
  ])('%j', (args, message) => {
    const { status, stdout, stderr } = run(...args);
    expect(status).toBeGreaterThan(0);
    expect(stdout).toBe('');
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
    expect(stderr).toMatch(message);
    expect(existsSync(at('o'))).toBe(false);
  });
});

describe('weights by name', () => {
  test('the file as given, or its base name', () => {
    expect(traceWeights(['x/a=2', 'b=0.5'], ['x/a', 'y/b', 'c'])).toEqual([2, 0.5, 1]);
    // As given comes first: b is one of the files, though another is called so.
    expect(traceWeights(['b=3'], ['b', 'sub/b'])).toEqual([3, 1]);
    expect(traceWeights(['k=v.arrow=3'], ['k=v.arrow', 'b'])).toEqual([3, 1]);
  });

  test.each([
    ['b', /--weight: no weight \(got "b", expected FILE=W\)/],
    ['b=0', /--weight b: weight \(got "0", expected a number above 0\)/],
    ['b=', /got ""/],
    ['b=-1', /got "-1"/],
    ['b=x', /got "x"/],
    ['b=Infinity', /got "Infinity"/],
    ['b=1', /--weight b: ambiguous \(got x\/b, y\/b, expected one file\)/],
    ['d=1', /--weight d: no such trace \(got d, expected x\/b, y\/b, c\)/],
  ])('%s', (option, message) => {
    expect(() => traceWeights([option], ['x/b', 'y/b', 'c'])).toThrow(message);
  });

  test('a file has one', () => {
    expect(() => traceWeights(['c=1', 'x/c=2'], ['x/c', 'b'])).toThrow(/twice \(got 1 and 2/);
    expect(() => traceWeights(['c=1'], ['c', 'c'])).toThrow(/ambiguous/);
  });
});

test('folders are called after the files, each one by itself', () => {
  expect(traceFolders(['x/a', 'y/a', 'a-2', 'a'])).toEqual(['a', 'a-3', 'a-2', 'a-4']);
  expect(traceFolders(['several.json', 'b'])).toEqual(['several.json-2', 'b']);
});

test('docs/several.schema.json is in step with the code', async () => {
  const schema = z.toJSONSchema(severalResultSchema, { io: 'input', reused: 'ref' });
  await expect(`${JSON.stringify(schema, null, 2)}\n`).toMatchFileSnapshot(
    '../../docs/several.schema.json',
  );
});
