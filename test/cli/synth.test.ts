import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { temporaryFolder } from '../temporary-folder.ts';
import { numaweave } from './run.ts';

const folder = temporaryFolder();
const synth = (...args: string[]) => numaweave(['trace', 'synth', ...args], { cwd: folder });
const info = (file: string) =>
  JSON.parse(numaweave(['trace', 'info', file, '--json'], { cwd: folder }).stdout);

describe('trace synth', () => {
  test('says what it will write, and how large it is', () => {
    const { status, stderr } = synth('random', '--accesses', '1000000', '--out', 't.arrow');
    expect(stderr).toBe(
      'Writing t.arrow: 1,000,000 accesses, about 21.9 MiB.\nWrote t.arrow (21.9 MiB).\n',
    );
    expect(status).toBe(0);
  });

  test.each([
    ['random --pages 256 --accesses 1000 --threads 2', { accesses: 1000, threads: 2 }],
    ['zipf --theta 0.8 --order contiguous --accesses 1000', { accesses: 1000 }],
    ['strided --stride 4KiB --pages 64 --accesses 1000', { footprintPages: 64 }],
    ['pointer-chase --pages 1 --accesses 100', { outstanding: 1, footprintPages: 1 }],
    ['stream add --array-bytes 64KiB', { accesses: 3072, loads: 2048, footprintPages: 48 }],
    ['mlc W3 --buffer-bytes 8KiB --threads 4 --accesses 4000', { loads: 3000, footprintPages: 8 }],
    ['gups --table-bytes 64KiB --updates 500', { loads: 500, stores: 500 }],
    ['matmul --n 16 --block 8', { accesses: 2 * 4096 + 1024, level: 'access' }],
    ['hash-join --build-rows 100 --probe-rows 200 --theta 0.5', { accesses: 700, stores: 100 }],
  ])('%s', (line, expected) => {
    const out = `${line.split(' ')[0]}.arrow`;
    const { status, stderr } = synth(...line.split(' '), '--out', out);
    expect(stderr).not.toContain('numaweave:');
    expect(status).toBe(0);
    expect(info(out)).toMatchObject(expected);
  });

  test('phases and mixes are of the same patterns with the same options', () => {
    const parts = ['stream triad --array-bytes 4KiB', '2 random --pages 4 --accesses 1000'];
    expect(synth('phases', parts[0], parts[1].slice(2), '--out', 'p.arrow').status).toBe(0);
    expect(info('p.arrow')).toMatchObject({ accesses: 192 + 1000, footprintPages: 3 + 4 });
    expect(synth('mix', ...parts, '--out', 'm.arrow').status).toBe(0);
    expect(info('m.arrow')).toMatchObject({
      accesses: 3 * 192,
      threads: 2,
      stores: 64,
      source:
        'numaweave trace synth mix "stream triad --array-bytes 4KiB" "2 random --pages 4 --accesses 1000"',
    });
  });

  test.each([
    'mlc W2 --buffer-bytes 8KiB --order random --accesses 999 --seed 3 --threads 2',
    'strided --stride 72 --pages 3 --accesses 999 --level access',
    'matmul --n 8 --block 4 --element-bytes 4',
  ])('the source of a trace is a command that makes the same bytes: %s', (made) => {
    expect(synth(...made.split(' '), '--out', 'a.arrow').status).toBe(0);
    const [, , , ...again] = info('a.arrow').source.split(' ');
    expect(synth(...again, '--out', 'b.arrow').status).toBe(0);
    expect(readFileSync(join(folder, 'b.arrow'))).toEqual(readFileSync(join(folder, 'a.arrow')));
  });
});

describe('what is refused', () => {
  test.each([
    [['stream', 'triad', '--accesses', '3'], 2, /unknown option '--accesses'/],
    [
      ['stream', 'copy', '--array-bytes', '64MB1'],
      2,
      /--array-bytes .*got "64MB1", expected bytes/,
    ],
    [['zipf', '--theta', '1'], 2, /--theta .*got "1", expected a number from 0 to 0.999/],
    [['gups', '--table-bytes', '3MiB'], 2, /--table-bytes .*a power of two/],
    [['matmul', '--n', '10', '--block', '3'], 2, /--block \(got 3, expected a divisor of 10\)/],
    [
      ['strided', '--pages', '2', '--threads', '3'],
      2,
      /--threads \(got 3, expected at most 2, one a page\)/,
    ],
    [['phases', ''], 2, /part "": no pattern/],
    [['phases', 'random --out x'], 2, /part "random --out x": unknown option '--out'/],
    [['phases', 'matmul', 'random'], 2, /levels of "matmul" and "random" \(got access and memory/],
    [
      ['mix', '0 random'],
      2,
      /0 random: weight \(got "0", expected a whole number from 1 to 1000\)/,
    ],
    [['mix', '9 random --accesses 3'], 2, /got 3, expected 9 or more/],
    [['gups', '--updates', '1099511627776'], 1, /x\.arrow: not enough space \(got \d+ bytes free/],
  ])('%j', (args, status, message) => {
    const before = readdirSync(folder);
    const result = synth(...args, '--out', 'x.arrow');
    expect(result.stderr).toMatch(message);
    expect(result.stderr.trimEnd().split('\n')).toHaveLength(1);
    expect(result.stdout).toBe('');
    expect(result.status).toBe(status);
    expect(readdirSync(folder)).toEqual(before);
  });
});
