import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { presets } from '../../models/memory/presets.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { valgrind } from '../traces/valgrind.ts';
import { numaweave } from './run.ts';

const folder = temporaryFolder();
const at = (name: string) => join(folder, name);

function done(args: readonly string[]): string {
  const { status, stdout, stderr } = numaweave(args, { cwd: folder });
  expect(stderr).not.toContain('numaweave:');
  expect(status).toBe(0);
  return stdout;
}

const json = (args: readonly string[]) => JSON.parse(done([...args, '--json']));

describe('from a synthetic trace to a report', () => {
  test('synth, info, demand, evaluate, sweep and report agree with each other', () => {
    done([
      'trace',
      'synth',
      'random',
      '--pages',
      '4096',
      '--accesses',
      '50000',
      '--read-share',
      '0.7',
      '--out',
      't.arrow',
    ]);
    const info = json(['trace', 'info', 't.arrow']);
    expect(info).toMatchObject({ kind: 'trace', accesses: 50_000, threads: 1 });
    done(['trace', 'demand', 't.arrow', '--machine', 'spr-1cxl', '--out', 't.demand.arrow']);
    expect(json(['trace', 'info', 't.demand.arrow'])).toMatchObject({
      kind: 'demand',
      linesRead: info.loads,
    });

    const run = ['--machine', 'spr-1cxl', '--copies', '64'];
    const swept = json(['sweep', 't.arrow', ...run, '--out', 'out']);
    expect(readdirSync(at('out')).sort()).toEqual(['report.html', 'sweep.arrow', 'sweep.json']);
    expect(JSON.parse(readFileSync(at('out/sweep.json'), 'utf8'))).toEqual(swept);
    const { evaluation } = json(['evaluate', 't.arrow', ...run, '--weights', '9:1']);
    expect(swept.evaluations).toContainEqual(evaluation);
    const pages = evaluation.nodes.reduce((sum: number, n: { pages: number }) => sum + n.pages, 0);
    expect(pages).toBe(info.footprintPages);
    expect(json(['sweep', 't.demand.arrow', ...run]).evaluations).toEqual(swept.evaluations);

    const page = readFileSync(at('out/report.html'), 'utf8');
    writeFileSync(at('out/report.html'), '');
    done(['report', 'out']);
    expect(readFileSync(at('out/report.html'), 'utf8')).toBe(page);
  });

  test('the same sweep.json on one thread and on two', () => {
    const sweep = ['sweep', 't.arrow', '--machine', 'genoa-4cxl', '--max-total', '8'];
    done([...sweep, '--threads', '1', '--out', 'one']);
    done([...sweep, '--threads', '2', '--out', 'two']);
    for (const file of ['sweep.json', 'sweep.arrow', 'report.html']) {
      expect(readFileSync(at(`one/${file}`)).equals(readFileSync(at(`two/${file}`)))).toBe(true);
    }
  });

  test('for people: the recommendation, the commands that set it, at most 80 columns', () => {
    const text = done(['sweep', 't.arrow', '--machine', 'spr-1cxl']);
    expect(text).toMatch(/Recommended weights \d+:\d+: /);
    expect(text).toMatch(/echo \d+ > \/sys\/kernel\/mm\/mempolicy\/weighted_interleave\/node0/);
    expect(text).toContain('numactl --weighted-interleave=0,1 PROGRAM');
    for (const name of ['fastest node only', 'kernel auto weights', 'by bandwidth'])
      expect(text).toContain(name);
    expect(Math.max(...text.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80);
  });

  test('filter counts what demand then has, and as cachegrind does where it is told to', () => {
    const random = ['trace', 'synth', 'random', '--pages', '256', '--accesses', '20000'];
    done([...random, '--read-share', '0.7', '--level', 'access', '--out', 'a.arrow']);
    const counted = json(['trace', 'filter', 'a.arrow', '--machine', 'spr-1cxl']);
    expect(counted.caches.map((c: { name: string }) => c.name)).toEqual(['I1', 'D1', 'L2', 'L3']);
    done(['trace', 'demand', 'a.arrow', '--machine', 'spr-1cxl', '--out', 'a.demand.arrow']);
    expect(json(['trace', 'info', 'a.demand.arrow'])).toMatchObject(counted.memory);

    const sizes = ['I1=32768,8,64', 'D1=32768,8,64', 'LL=262144,16,64'];
    const { caches, memory } = json(['trace', 'filter', 'a.arrow', '--caches', ...sizes]);
    const { cachegrind } = json(['trace', 'filter', 'a.arrow', '--cachegrind', ...sizes]);
    expect(cachegrind).toMatchObject({
      Ir: 0,
      D1mr: caches[1].misses.loads,
      D1mw: caches[1].misses.stores,
      DLmr: caches[2].misses.loads,
      DLmw: caches[2].misses.stores,
    });
    done(['trace', 'filter', 'a.arrow', '--caches', ...sizes, '--out', 'a.memory.arrow']);
    expect(json(['trace', 'info', 'a.memory.arrow'])).toMatchObject({
      level: 'memory',
      loads: memory.linesRead,
      stores: memory.linesWritten,
    });
    for (const mode of ['--caches', '--cachegrind']) {
      const text = done(['trace', 'filter', 'a.arrow', mode, ...sizes]);
      expect(Math.max(...text.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80);
    }
  });

  test('a machine shown as JSON is a machine file', () => {
    writeFileSync(at('m.json'), done(['machine', 'show', 'genoa-4cxl', '--json']));
    expect(done(['machine', 'check', 'm.json'])).toContain(
      'machine genoa-4cxl with 5 nodes is valid',
    );
    expect(json(['machine', 'list'])).toEqual([...presets.keys()]);
    expect(done(['machine', 'show', 'three-tier', '--svg', 'm.svg'])).toContain('Wrote m.svg.');
    expect(readFileSync(at('m.svg'), 'utf8')).toMatch(/^<svg /);
    expect(json(['machine', 'show', 'm.json', '--svg', 'n.svg']).name).toBe('genoa-4cxl');
    expect(existsSync(at('n.svg'))).toBe(true);
    const weights = ['--weights', '16:1:1:1:1'];
    expect(json(['evaluate', 't.arrow', '--machine', 'm.json', ...weights]).evaluation).toEqual(
      json(['evaluate', 't.arrow', '--machine', 'genoa-4cxl', ...weights]).evaluation,
    );
  });
});

describe('interrupted', () => {
  test('leaves nothing behind and exits 130', async () => {
    const cli = new URL('../../dist/cli.js', import.meta.url).pathname;
    const args = [
      cli,
      'trace',
      'synth',
      'random',
      '--accesses',
      '200000000',
      '--out',
      'big/big.arrow',
    ];
    const child = spawn(process.execPath, args, { cwd: folder });
    while (!existsSync(at('big')) || readdirSync(at('big')).length === 0) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    child.kill('SIGINT');
    expect((await once(child, 'close'))[0]).toBe(130);
    expect(existsSync(at('big'))).toBe(false);
  });

  test('a reader that closes the pipe is no error', async () => {
    const cli = new URL('../../dist/cli.js', import.meta.url).pathname;
    const args = [
      cli,
      'sweep',
      't.arrow',
      '--machine',
      'genoa-4cxl',
      '--max-total',
      '14',
      '--json',
    ];
    const child = spawn(process.execPath, args, { cwd: folder });
    child.stdout.once('data', () => child.stdout.destroy());
    let stderr = '';
    child.stderr.on('data', (chunk) => {
      stderr += chunk;
    });
    expect((await once(child, 'close'))[0]).toBe(0);
    expect(stderr).toBe('');
  });
});

describe.skipIf(!valgrind)('recording (needs valgrind)', () => {
  /** Loads and stores in a log, counted without our parser. */
  function counted(log: string) {
    const kinds = { L: 0, S: 0, M: 0 };
    for (const [, kind] of log.matchAll(/^ ([LSM]) /gm)) kinds[kind as keyof typeof kinds]++;
    return { loads: kinds.L + kinds.M, stores: kinds.S + kinds.M };
  }

  test("the trace holds what lackey's own log of the same run holds", async () => {
    writeFileSync(
      at('lines.txt'),
      Array.from({ length: 400 }, (_, i) => `${(i * 7919) % 1000}\n`).join(''),
    );
    // The same environment for both: recording drops what npm adds, if npm has run it.
    const env = { ...process.env, npm_execpath: undefined };
    const logging = ['--tool=lackey', '--trace-mem=yes', '--log-file=log.txt', 'sort', 'lines.txt'];
    const logged = spawn('valgrind', logging, { cwd: folder, stdio: 'ignore', env });
    await once(logged, 'close');
    done(['trace', 'import', 'log.txt', '--out', 'imported.arrow']);
    const expected = counted(readFileSync(at('log.txt'), 'latin1'));
    expect(json(['trace', 'info', 'imported.arrow'])).toMatchObject(expected);

    const record = [
      ...['trace', 'record', '--with', 'valgrind', '--out', 'r.arrow'],
      ...['--', 'sort', 'lines.txt'],
    ];
    const recorded = numaweave(record, { cwd: folder, env: { npm_execpath: undefined } });
    const lines = readFileSync(at('lines.txt'), 'utf8').trim().split('\n');
    expect(recorded.stdout.trim().split('\n')).toEqual(lines.sort());
    expect(recorded.stderr).toContain('about 0.4 million accesses a second');
    const info = json(['trace', 'info', 'r.arrow']);
    expect(info.command).toBe('sort lines.txt');
    // Another run of the same program: the environment may differ by a few bytes, and with it a few accesses.
    expect(Math.abs(info.loads / expected.loads - 1)).toBeLessThan(0.001);
    expect(Math.abs(info.stores / expected.stores - 1)).toBeLessThan(0.001);
    done(['sweep', 'r.arrow', '--machine', 'spr-1cxl', '--copies', '64', '--out', 'recorded']);
    expect(existsSync(at('recorded/report.html'))).toBe(true);
  });

  test('stdin, stdout and the exit code are those of the program', () => {
    const cat = numaweave(
      ['trace', 'record', '--with', 'valgrind', '--out', 'c.arrow', '--', 'cat'],
      {
        cwd: folder,
        input: 'through\n',
      },
    );
    expect(cat.stdout).toBe('through\n');
    const failing = numaweave(
      ['trace', 'record', '--with', 'valgrind', '--out', 'f.arrow', '--', 'sh', '-c', 'exit 7'],
      {
        cwd: folder,
      },
    );
    expect(failing.status).toBe(7);
    expect(existsSync(at('f.arrow'))).toBe(true);
    const killed = numaweave(
      ['trace', 'record', '--with', 'valgrind', '--out', 'k.arrow', '--', 'sh', '-c', 'kill -9 $$'],
      { cwd: folder },
    );
    expect(killed.status).toBe(137);
    const become = numaweave(
      ['trace', 'record', '--with', 'valgrind', '--out', 'b.arrow', '--', 'sh', '-c', 'exec true'],
      { cwd: folder },
    );
    expect(become.stderr).toMatch(/not\s+seen\s+to\s+its\s+end\s+under\s+valgrind/);
  });
});
