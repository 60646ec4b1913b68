import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { tableFromArrays, tableToIPC } from 'apache-arrow';
import { describe, expect, test } from 'vitest';
import { readMachine } from '../../models/memory/read-machine.ts';
import { synthRandom } from '../../traces/synth/random.ts';
import { writeTrace } from '../../traces/write-trace.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { numaweave } from './run.ts';

const folder = temporaryFolder();
const inputs = [
  't.arrow',
  'text.arrow',
  'other.arrow',
  'empty',
  'bad.json',
  'two.json',
  'log.txt',
  'sub',
];
await writeTrace(
  join(folder, 't.arrow'),
  synthRandom({ pages: 64, accesses: 5000, seed: 1, level: 'memory', readShare: 0.5 }),
);
writeFileSync(join(folder, 'text.arrow'), 'not arrow at all');
writeFileSync(
  join(folder, 'other.arrow'),
  tableToIPC(tableFromArrays({ a: new Int32Array(3) }), 'file'),
);
writeFileSync(join(folder, 'empty'), '');
writeFileSync(join(folder, 'bad.json'), '{"name": "x"}');
writeFileSync(join(folder, 'log.txt'), 'I  1,1\n L 10,4\noops\n');
const spr = readMachine('spr-1cxl');
writeFileSync(
  join(folder, 'two.json'),
  JSON.stringify({ ...spr, sockets: [...spr.sockets, ...spr.sockets] }),
);
mkdirSync(join(folder, 'sub'));

const sweep = ['sweep', 't.arrow', '--machine', 'spr-1cxl'];
const filter = (...flags: string[]) => ['trace', 'filter', 't.arrow', ...flags];
const evaluate = (weights: string) => [
  'evaluate',
  't.arrow',
  '--machine',
  'spr-1cxl',
  '--weights',
  weights,
];

describe('bad input gives one line, a non-zero exit and no output', () => {
  test.each<[string[], number, RegExp]>([
    [
      ['sweep', 'none.arrow', '--machine', 'spr-1cxl', '--out', 'o'],
      1,
      /^numaweave: none\.arrow: no such file or directory$/,
    ],
    [
      ['sweep', 'text.arrow', '--machine', 'spr-1cxl', '--out', 'o'],
      1,
      /text\.arrow: not an Arrow file \(got "not ar", expected "ARROW1"\)/,
    ],
    [
      ['sweep', 'other.arrow', '--machine', 'spr-1cxl', '--out', 'o'],
      1,
      /other\.arrow: not a trace: column 1/,
    ],
    [
      ['sweep', 'empty', '--machine', 'spr-1cxl', '--out', 'o'],
      1,
      /empty: not an Arrow file \(got an empty file/,
    ],
    [['sweep', 'sub', '--machine', 'spr-1cxl', '--out', 'o'], 1, /sub: is a directory/],
    [
      ['sweep', 't.arrow', '--machine', 'nope', '--out', 'o'],
      1,
      /machine: unknown \(got "nope", expected a file or one of spr-1cxl/,
    ],
    [
      ['sweep', 't.arrow', '--machine', 'bad.json', '--out', 'o'],
      1,
      /bad\.json: line_bytes: invalid input/,
    ],
    [['sweep', 't.arrow', '--machine', 'sub', '--out', 'o'], 1, /sub: .*directory/],
    [
      ['sweep', 't.arrow', '--machine', 'two.json', '--out', 'o'],
      1,
      /paths: no path from socket 1 to node 0/,
    ],
    [
      ['sweep', 't.arrow', '--out', 'o'],
      2,
      /required option '-m, --machine <machine>' not specified/,
    ],
    [[...sweep, '--copies', '0'], 2, /--copies.*\(got "0", expected a whole number from 1/],
    [[...sweep, '--copies', 'x'], 2, /got "x"/],
    [[...sweep, '--epochs', '0'], 2, /expected a whole number from 1 to 65536/],
    [[...sweep, '--colour', 'red'], 2, /unknown option '--colour'/],
    [[...sweep, '--out', 't.arrow'], 1, /t\.arrow/],
    [['sweep', '--machine', 'spr-1cxl'], 2, /missing required argument 'file'/],
    [[...evaluate('9:1'), 't.arrow'], 2, /too many arguments/],
    [
      [...sweep, '--compute-share', '0.5'],
      1,
      /--compute-share: no use \(got a trace timed in instructions/,
    ],
    [filter(), 2, /caches: none \(expected --machine, --caches or --cachegrind\)/],
    [
      filter('--caches', 'X1=1,2,64'),
      2,
      /--caches.*\(got "X1=1,2,64", expected NAME=BYTES,WAYS,LINE\[,inclusive\]/,
    ],
    [filter('--caches', 'L1=32768,8,60'), 2, /expected a power of two from 16 to 1024/],
    [filter('--caches', 'L1=256,8,64'), 2, /expected one way at least and from 512 bytes/],
    [filter('--caches', 'L1=512,8,64', '--machine', 'spr-1cxl'), 2, /cannot be used with/],
    [filter('--caches', 'L1=512,8,64'), 1, /level \(got memory, expected access/],
    [filter('--cachegrind', 'I1=512,8,64'), 1, /--cachegrind: levels \(got 1, expected one each/],
    [
      filter('--cachegrind', 'I1=512,8,64', 'D1=512,8,64', 'LL=1536,8,64'),
      1,
      /--cachegrind: sets \(got 3 in 1536 bytes of 8 ways, expected a power of two/,
    ],
    [evaluate('0:0'), 1, /weights 0:0: no node \(got all zero/],
    [evaluate('300:1'), 1, /weights 300:1: out of range \(got 300, expected 0 to 255\)/],
    [evaluate('a:b'), 1, /weights: not weights \(got "a:b"/],
    [evaluate('1:1:1'), 1, /weights 1:1:1: wrong number \(got 3, expected 2/],
    [
      evaluate('1:1/1:0'),
      1,
      /weights 1:1\/1:0: wrong number of vectors \(got 2, expected 1, the weights of all nodes for the whole machine\)/,
    ],
    [
      [...evaluate('1:1/1:0/2:1'), '--weight-home', 'cgroup', '--copies', '2'],
      1,
      /wrong number of vectors \(got 3, expected 1 or 2, one for each cgroup/,
    ],
    [
      [...evaluate('1:1:1'), '--weight-home', 'memtier'],
      1,
      /weights 1:1:1: wrong number \(got 3, expected 2, one for each memory tier/,
    ],
    [
      [...evaluate('1:1'), '--weight-home', 'nowhere'],
      2,
      /Allowed choices are global, policy, node, memtier, cgroup, ratio/,
    ],
    [[...evaluate('1:1'), '--discipline', 'random'], 2, /Allowed choices are address, first-touch/],
    [[...evaluate('1:1'), '--kernel', '2.4'], 2, /Allowed choices are 6\.12, 6\.18, 7\.3/],
    [
      [
        'evaluate',
        't.arrow',
        '--machine',
        'four-node',
        '--weights',
        '1:1:1:1',
        '--copies',
        '20000',
      ],
      1,
      /machine four-node: out of memory \(got 20000 copies that need 4\.88 GiB, expected at most 3\.74 GiB/,
    ],
    [
      ['sweep', 't.arrow', '--machine', 'four-node', '--copies', '20000', '--out', 'o'],
      1,
      /machine four-node: out of memory/,
    ],
    [
      ['sweep', 't.arrow', '--machine', 'four-node', '--weight-home', 'node', '--max-total', '40'],
      1,
      /sweep: too many vectors \(got \d+ up to total 40/,
    ],
    [[...sweep, '--budget', '9v'], 2, /--budget.*expected seconds such as 30, 30s or 5min/],
    [[...sweep, '--budget', '0'], 2, /--budget.*or 100v to 500000v/],
    [[...sweep, '--within', '101'], 2, /--within.*expected a number from 0 to 100/],
    [['trace', 'info', 'none.arrow'], 1, /none\.arrow: no such file/],
    [
      ['trace', 'import', 'log.txt', '--out', 'o.arrow'],
      1,
      /log\.txt: line 3: not a lackey record \(got "oops"/,
    ],
    [
      ['trace', 'import', 't.arrow', '--out', 'o.arrow'],
      1,
      /t\.arrow: format \(got unrecognised content, expected drmemtrace, gem5-protobuf, lackey, /,
    ],
    [
      ['trace', 'import', 'log.txt', '--format', 'pdf', '--out', 'o.arrow'],
      2,
      /Allowed choices are drmemtrace, /,
    ],
    [['trace', 'synth', 'random', '--pages', '0', '--out', 'o.arrow'], 2, /--pages/],
    [
      ['trace', 'synth', 'random', '--out', 'sub'],
      1,
      /sub: is a directory \(expected a file to write\)/,
    ],
    [
      ['trace', 'filter', 't.arrow', '--machine', 'spr-1cxl', '--out', 'o.arrow'],
      1,
      /level \(got memory, expected access/,
    ],
    [
      ['trace', 'record', '--out', 'o.arrow', '--', 'no-such-program'],
      1,
      /no-such-program: command not found/,
    ],
    [['trace', 'record', '--out', 'o.arrow'], 2, /missing required argument 'program'/],
    [['machine', 'check', 'bad.json'], 1, /bad\.json: line_bytes/],
    [['machine', 'show', 'nope'], 1, /machine: unknown/],
    [['report', 'sub'], 1, /sub\/sweep\.json: no such file/],
    [['colour'], 2, /unknown command 'colour'/],
  ])('numaweave %j', (args, status, message) => {
    const result = numaweave(args, { cwd: folder });
    expect(result.stdout).toBe('');
    expect(result.stderr.trimEnd()).toMatch(message);
    expect(result.stderr.trimEnd().split('\n')).toHaveLength(1);
    expect(result.status).toBe(status);
    expect(readdirSync(folder).sort()).toEqual([...inputs].sort());
    expect(readdirSync(join(folder, 'sub'))).toEqual([]);
  });

  test('without valgrind, recording names the package', () => {
    const args = ['trace', 'record', '--out', 'o.arrow', '--', process.execPath, '--version'];
    const { status, stderr } = numaweave(args, { cwd: folder, env: { PATH: '/nowhere' } });
    expect(status).toBe(1);
    expect(stderr.trimEnd().split('\n').at(-1)).toBe(
      'numaweave: valgrind: not found on PATH (install the Debian package: apt-get install valgrind)',
    );
    expect(readdirSync(folder)).not.toContain('o.arrow');
  });
});

test('help and version go to stdout and exit 0', () => {
  const help = numaweave(['--help']);
  expect(help.status).toBe(0);
  expect(help.stdout).toContain('Usage: numaweave');
  expect(help.stderr).toBe('');
  expect(numaweave(['sweep', '--help']).stdout).toContain('--max-total');
  expect(numaweave(['--version']).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
});
