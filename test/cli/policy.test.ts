import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { temporaryFolder } from '../temporary-folder.ts';
import { numaweave } from './run.ts';

const folder = temporaryFolder();
const at = (name: string) => join(folder, name);
const run = (...args: string[]) => numaweave(['policy', 'run', ...args], { cwd: folder });
const on = ['--machine', 'four-node'];

mkdirSync(at('sub'));
writeFileSync(
  at('good.txt'),
  '# comment\r\n\r\nset_mempolicy  6 3   64\r\nget_mempolicy 0 64 => 0  OK mode=6 mask=3 \r\n',
);
writeFileSync(
  at('bad.txt'),
  'set_mempolicy 6 3 64 => 0 OK\nget_mempolicy 0 64 => 0 OK mode=6 mask=1\n',
);
writeFileSync(at('unwritten.txt'), 'set_mempolicy 6 3 64\n');
writeFileSync(at('empty.txt'), '');
writeFileSync(at('binary.txt'), Buffer.from([0x7f, 0x45, 0, 1, 2, 0xff]));
for (const [name, line] of Object.entries({
  unknown: 'colour red',
  few: 'mbind 0x1000 4 6',
  number: 'set_mempolicy six 3 64',
  mask: 'set_mempolicy 6 xyz 64',
  address: 'touch here 1',
  pages: 'touch 0x1000 -1',
  many: 'where 0x1000 2000000',
  field: 'set_mempolicy2 mode=6 nodes=3',
  twice: 'set_mempolicy2 mode=6 mode=5',
  weights: 'set_mempolicy2 mode=6 interleave_weights=1,300',
  home: 'weight_home moon',
  cpu: 'task other cpu=99',
  again: 'task init uid=5',
  nobody: 'exit nobody',
})) {
  writeFileSync(at(`${name}.txt`), `weight 0 1\n${line}\n`);
}
writeFileSync(at('dead.txt'), 'exit\ntouch 0x1000 1\n');

describe('policy run', () => {
  test('answers a script by the script with results, which then checks', () => {
    const { status, stdout, stderr } = run('good.txt', ...on);
    expect([status, stderr]).toEqual([0, '']);
    expect(stdout).toBe(
      '# comment\n\nset_mempolicy 6 3 64 => 0 OK\nget_mempolicy 0 64 => 0 OK mode=6 mask=3\n',
    );
    writeFileSync(at('again-good.txt'), stdout);
    expect(run('--check', 'again-good.txt', ...on).stdout).toBe(
      'again-good.txt: 2 results agree, 0 differ\n',
    );
  });

  test('checks what is written, and says what differs', () => {
    const good = run('--check', 'good.txt', ...on);
    expect([good.status, good.stdout]).toEqual([
      0,
      'good.txt: 1 result agrees, 0 differ; 1 command without a result\n',
    ]);
    const bad = run('--check', 'good.txt', 'bad.txt', ...on);
    expect(bad.status).toBe(1);
    expect(bad.stderr).toBe('numaweave: 1 of 3 results differ\n');
    expect(bad.stdout).toContain(
      'bad.txt: line 2: get_mempolicy 0 64\n  got      0 OK mode=6 mask=3\n  expected 0 OK mode=6 mask=1\n',
    );
  });

  test('prints JSON', () => {
    const [{ file, results }] = JSON.parse(run('good.txt', ...on, '--json').stdout);
    expect(file).toBe('good.txt');
    expect(results[1]).toEqual({
      number: 4,
      text: 'get_mempolicy 0 64',
      got: '0 OK mode=6 mask=3',
      expected: '0 OK mode=6 mask=3',
      agrees: true,
    });
  });

  test('runs on any machine, under any kernel, home and discipline', () => {
    for (const machine of ['spr-1cxl', 'genoa-4cxl', 'four-node']) {
      const all = ['--kernel', '7.3', '--weight-home', 'ratio', '--discipline', 'first-touch'];
      expect(run('good.txt', '--machine', machine, ...all, '--extend-interleave').status).toBe(0);
    }
  });

  test.each<[string[], number, RegExp]>([
    [['good.txt'], 2, /required option '-m, --machine/],
    [[...on], 2, /missing required argument 'script'/],
    [['good.txt', '--machine', 'nope'], 1, /machine: unknown \(got "nope"/],
    [['good.txt', ...on, '--kernel', '5.4'], 2, /Allowed choices are 6\.12, 6\.18, 7\.3/],
    [['good.txt', ...on, '--weight-home', 'x'], 2, /Allowed choices are global, policy/],
    [['none.txt', ...on], 1, /none\.txt: no such file/],
    [['sub', ...on], 1, /sub: is a directory \(expected a script\)/],
    [['empty.txt', ...on], 1, /empty\.txt: no commands \(expected a script\)/],
    [['binary.txt', ...on], 1, /binary\.txt: not a script/],
    [['--check', 'unwritten.txt', ...on], 1, /unwritten\.txt: nothing to check \(got no results/],
    [['unknown.txt', ...on], 1, /unknown\.txt: line 2: unknown command \(got "colour"/],
    [
      ['few.txt', ...on],
      1,
      /few\.txt: line 2: wrong number of arguments \(got "mbind 0x1000 4 6", expected mbind ADDR/,
    ],
    [['number.txt', ...on], 1, /number\.txt: line 2: mode \(got "six", expected a number\)/],
    [['mask.txt', ...on], 1, /mask\.txt: line 2: nodemask \(got "xyz"/],
    [['address.txt', ...on], 1, /address\.txt: line 2: address \(got "here"/],
    [['pages.txt', ...on], 1, /pages\.txt: line 2: pages \(got "-1"/],
    [['many.txt', ...on], 1, /many\.txt: line 2: where: too many pages \(got 2000000/],
    [
      ['field.txt', ...on],
      1,
      /field\.txt: line 2: argument \(got "nodes", expected mode, mode_flags/,
    ],
    [['twice.txt', ...on], 1, /twice\.txt: line 2: argument \(got "mode", expected each once\)/],
    [['weights.txt', ...on], 1, /weights\.txt: line 2: weights \(got "1,300"/],
    [['home.txt', ...on], 1, /home\.txt: line 2: weight home \(got "moon", expected global/],
    [
      ['cpu.txt', ...on],
      1,
      /cpu\.txt: line 2: cpu: not on this machine \(got 99, expected one of 0, 1, 2, 3\)/,
    ],
    [['again.txt', ...on], 1, /again\.txt: line 2: task init: runs already/],
    [
      ['nobody.txt', ...on],
      1,
      /nobody\.txt: line 2: task: unknown \(got nobody, expected one of init\)/,
    ],
    [['dead.txt', ...on], 1, /dead\.txt: line 2: process init has ended/],
  ])('policy run %j', (args, status, message) => {
    const before = readdirSync(folder);
    const result = run(...args);
    expect(result.stdout).toBe('');
    expect(result.stderr.trimEnd()).toMatch(message);
    expect(result.stderr.trimEnd().split('\n')).toHaveLength(1);
    expect(result.status).toBe(status);
    expect(readdirSync(folder)).toEqual(before);
  });
});
