import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { delimiter, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { programFile } from '../../traces/program-file.ts';
import { readTrace } from '../../traces/read-trace.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { qemu } from '../traces/qemu.ts';
import { rowsOf } from '../traces/sample-trace.ts';
import { valgrind } from '../traces/valgrind.ts';
import { CLI, numaweave } from './run.ts';

const folder = temporaryFolder();
const at = (name: string) => join(folder, name);
const cache = { XDG_CACHE_HOME: at('cache') };

const record = (options: readonly string[], command: readonly string[], env = {}) =>
  numaweave(['trace', 'record', ...options, '--', ...command], {
    cwd: folder,
    env: { ...cache, ...env },
  });
const info = (file: string) =>
  JSON.parse(numaweave(['trace', 'info', file, '--json'], { cwd: folder }).stdout);

writeFileSync(
  at('lines.txt'),
  Array.from({ length: 2000 }, (_, i) => `${(i * 7919) % 10007}\n`).join(''),
);

describe.skipIf(!qemu)('recording under QEMU (needs qemu-user and a C compiler)', () => {
  test.each([
    ['a program', ['sort', 'lines.txt']],
    ['two threads', ['sort', '--parallel=2', '-S', '1M', 'lines.txt']],
    ['lines on stderr and a failure', ['ls', 'lines.txt', 'no-such-file']],
    ['an exit code', ['sh', '-c', 'echo out; echo err >&2; exit 7']],
    ['children', ['sh', '-c', 'ls lines.txt | cat; (exit 3) || echo $?']],
    ['a segmentation fault', ['sh', '-c', 'echo out; kill -SEGV $$']],
    ['the end by a signal', ['sh', '-c', 'echo out; kill -TERM $$']],
    ['another program', ['sh', '-c', 'exec echo became']],
  ])('%s: output and exit code are those of the program', async (_, command) => {
    const plain = spawn(command[0], command.slice(1), { cwd: folder, stdio: 'pipe' });
    const texts = [plain.stdout, plain.stderr].map(async (stream) => {
      let all = '';
      for await (const piece of stream) all += piece;
      return all;
    });
    const [code, signal] = await once(plain, 'close');
    const [stdout, stderr] = await Promise.all(texts);
    const recorded = record(['--out', 'p.arrow'], command);
    expect(recorded.stdout).toBe(stdout);
    for (const line of stderr.split('\n')) expect(recorded.stderr).toContain(line);
    expect(recorded.status).toBe(code ?? 128 + ({ SIGSEGV: 11, SIGTERM: 15 }[String(signal)] ?? 0));
    expect(info('p.arrow').accesses).toBeGreaterThan(10_000);
  });

  test.skipIf(!valgrind)('counts loads and stores as lackey does, up to start-up', () => {
    const command = ['sort', 'lines.txt'];
    record(['--out', 'q.arrow'], command);
    record(['--with', 'valgrind', '--out', 'v.arrow'], command);
    const [ours, theirs] = [info('q.arrow'), info('v.arrow')];
    expect(Math.abs(ours.loads / theirs.loads - 1)).toBeLessThan(0.05);
    expect(Math.abs(ours.stores / theirs.stores - 1)).toBeLessThan(0.05);
    expect(Math.abs(ours.duration / theirs.duration - 1)).toBeLessThan(0.05);
  });

  test('threads are told apart, also where one begins after another has ended', async () => {
    writeFileSync(
      at('threads.c'),
      `#include <pthread.h>
       static volatile long sums[3];
       static void *add(void *sum) { for (int i = 0; i < 20000; i++) ++*(volatile long *)sum; return 0; }
       int main(void) {
         for (int i = 0; i < 3; i++) {
           pthread_t thread;
           pthread_create(&thread, 0, add, (void *)&sums[i]);
           pthread_join(thread, 0);
         }
         return sums[0] + sums[1] + sums[2] == 60000 ? 0 : 1;
       }`,
    );
    const made = spawnSync('cc', ['-O1', '-pthread', '-o', 'threads', 'threads.c'], {
      cwd: folder,
    });
    expect(made.status).toBe(0);
    expect(record(['--out', 'threads.arrow'], ['./threads']).status).toBe(0);
    const rows = await rowsOf(await readTrace(at('threads.arrow')));
    const stores = new Map<number, number[]>();
    for (const { op, thread, time } of rows) {
      if (op !== 1) continue;
      if (!stores.has(thread)) stores.set(thread, []);
      stores.get(thread)?.push(time);
    }
    expect(stores.size).toBe(4);
    const adding = [...stores.values()].filter((of) => of.length >= 20_000);
    expect(adding).toHaveLength(3);
    // A joined thread's stores are all before the next one's.
    for (const [i, of] of adding.slice(1).entries())
      expect(of[0]).toBeGreaterThan(adding[i].at(-1) ?? 0);
  });

  test('the mappings hold every access', async () => {
    record(['--out', 'm.arrow'], ['sort', 'lines.txt']);
    const trace = await readTrace(at('m.arrow'));
    const { vmas = [] } = trace.metadata;
    const kinds = new Set(vmas.map(({ kind }) => kind));
    expect([...kinds]).toEqual(expect.arrayContaining(['heap', 'stack', 'file', 'anonymous']));
    let outside = 0;
    for await (const { length, address } of trace.batches) {
      for (let i = 0; i < length; i++) {
        const byte = address[2 * i + 1] * 2 ** 32 + address[2 * i];
        if (!vmas.some(({ start, end }) => byte >= start && byte < end)) outside++;
      }
    }
    expect(outside).toBe(0);
  });

  test('fetches are rows: one for each instruction', async () => {
    const { stderr } = record(['--fetches', '--out', 'f.arrow'], ['true']);
    const rows = await rowsOf(await readTrace(at('f.arrow')));
    const fetched = rows.filter(({ op }) => op === 2);
    expect(stderr.replace(/\s+/g, ' ')).toContain(
      `${fetched.length.toLocaleString('en-US')} instruction fetches`,
    );
    expect(fetched.slice(0, 1000).map(({ time }) => time)).toEqual(
      Array.from({ length: 1000 }, (_, i) => i + 1),
    );
  });

  test('the caches of a machine leave what reaches memory', () => {
    const level = ['--level', 'memory', '--machine', 'spr-1cxl'];
    record([...level, '--out', 'l.arrow'], ['sort', 'lines.txt']);
    record(['--out', 'a.arrow'], ['sort', 'lines.txt']);
    const [lines, accesses] = [info('l.arrow'), info('a.arrow')];
    expect(lines).toMatchObject({ level: 'memory', command: 'sort lines.txt' });
    expect(lines.accesses).toBeLessThan(accesses.accesses / 20);
    expect(lines.footprintPages).toBeGreaterThan(accesses.footprintPages * 0.9);
  });

  test('skip, limit and sample bound the rows; the program runs on to its end', () => {
    const bounded = ['--skip', '100', '--limit', '50', '--sample', '10/1000', '--out', 'b.arrow'];
    const { stdout, stderr, status } = record(bounded, ['sort', 'lines.txt']);
    expect(stderr).toContain('Wrote b.arrow');
    expect(stdout.split('\n')).toHaveLength(2001);
    expect(status).toBe(0);
    expect(info('b.arrow')).toMatchObject({ accesses: 50, samplePeriod: 100 });
  });

  test('a script is run by its interpreter, also one that env finds', () => {
    const scripts = { 'own.sh': '#!/bin/sh -e', 'env.sh': '#!/usr/bin/env sh' };
    for (const [name, line] of Object.entries(scripts)) {
      writeFileSync(at(name), `${line}\necho "$0" "$@" $-\nexit 4\n`);
      chmodSync(at(name), 0o755);
      const expected = spawnSync(`./${name}`, ['a b', 'c'], { cwd: folder, encoding: 'utf8' });
      const recorded = record(['--out', 's.arrow'], [`./${name}`, 'a b', 'c']);
      expect(recorded.stdout).toBe(expected.stdout);
      expect(recorded.status).toBe(4);
      expect(recorded.stderr).toContain(`./${name} is a script`);
      expect(recorded.stderr).not.toContain('not seen');
    }
  });

  test('an interrupt ends the program and keeps what there is; a second one leaves nothing', async () => {
    const loop = 'i=0; while [ $i -lt 100000000 ]; do i=$((i+1)); done';
    async function interrupted(script: string, file: string, times: number) {
      const args = ['trace', 'record', '--limit', '1000', '--out', file, '--', 'sh', '-c', script];
      const process_ = spawn(process.execPath, [CLI, ...args], {
        cwd: folder,
        env: { ...process.env, ...cache },
        stdio: ['ignore', 'pipe', 'ignore'],
      });
      await once(process_.stdout, 'data');
      for (let i = 0; i < times; i++) {
        process_.kill('SIGINT');
        await new Promise((resolve) => setTimeout(resolve, 300));
      }
      const ended = process_.exitCode ?? (await once(process_, 'exit'))[0];
      return ended;
    }
    expect(await interrupted(`echo; ${loop}`, 'i.arrow', 1)).toBe(130);
    expect(info('i.arrow').accesses).toBe(1000);
    expect(await interrupted(`trap : INT; echo; ${loop}`, 'j.arrow', 2)).toBe(130);
    expect(readdirSync(folder).filter((name) => name.includes('.partial'))).toEqual([]);
  });

  test('the compiled plugin is kept, and lies elsewhere where it cannot be', () => {
    record(['--out', 'p.arrow'], ['true']);
    const kept = readdirSync(at('cache/numaweave'));
    expect(kept).toHaveLength(1);
    expect(kept[0]).toMatch(/^qemu-plugin-[0-9a-f]{16}\.so$/);
    writeFileSync(at('no-folder'), '');
    const elsewhere = record(['--with', 'qemu', '--out', 'e.arrow'], ['true'], {
      XDG_CACHE_HOME: at('no-folder'),
    });
    expect(elsewhere.status).toBe(0);
    expect(existsSync(at('e.arrow'))).toBe(true);
  });

  test('without a compiler it says so, and valgrind takes its place', () => {
    const env = { CC: 'no-such-cc', XDG_CACHE_HOME: at('empty') };
    const asked = record(['--with', 'qemu', '--out', 'n.arrow'], ['true'], env);
    expect(asked.status).toBe(1);
    expect(asked.stderr).toBe(
      "numaweave: no-such-cc: not found on PATH (QEMU's plugin is compiled at first use: apt-get install gcc, or set CC)\n",
    );
    if (!valgrind) return;
    const other = record(['--out', 'n.arrow'], ['true'], env);
    expect(other.status).toBe(0);
    expect(other.stderr.replace(/\s+/g, ' ')).toMatch(/Not with QEMU: no-such-cc: .* lackey/);
  });

  test('a program for another processor, and a file that is none, are named', () => {
    const elf = Buffer.from(readFileSync(programFile('true')));
    elf.writeUInt16LE(243, 18);
    writeFileSync(at('riscv'), elf, { mode: 0o755 });
    writeFileSync(at('text'), 'hello\n', { mode: 0o755 });
    expect(record(['--with', 'qemu', '--out', 'n.arrow'], ['./riscv']).stderr).toContain(
      './riscv: ELF machine (got 243, expected 62 x86_64 or 183 aarch64)',
    );
    expect(record(['--with', 'qemu', '--out', 'n.arrow'], ['./text']).stderr).toContain(
      './text: no program (expected an ELF file, or a script with #!)',
    );
  });

  test('without QEMU the packages are named, and a version that will not do', () => {
    mkdirSync(at('bin'), { recursive: true });
    symlinkSync(programFile('true'), at('bin/true'));
    const env = { PATH: at('bin') + delimiter };
    expect(record(['--with', 'qemu', '--out', 'n.arrow'], ['true'], env).stderr).toBe(
      'numaweave: qemu-x86_64: not found on PATH (install the Debian packages: apt-get install qemu-user gcc)\n',
    );
    const later = '#!/bin/sh\necho "qemu-x86_64 version 10.0.2 (Debian)"\n';
    writeFileSync(at('bin/qemu-x86_64'), later, { mode: 0o755 });
    expect(record(['--with', 'qemu', '--out', 'n.arrow'], ['true'], env).stderr).toBe(
      'numaweave: qemu-x86_64: version (got 10.0.2, expected 7 or 8, which load our plugin)\n',
    );
  });
});

test.each([
  [['--level', 'memory'], /--level memory: no caches \(expected --machine M as well\)/],
  [['--machine', 'spr-1cxl'], /--machine: no use for its caches \(expected --level memory/],
  [['--sample', '3/10'], /got "3\/10", expected n\/m with m a multiple of n/],
  [['--with', 'perf'], /Allowed choices are qemu, valgrind/],
])('record %j is a usage error', (options, message) => {
  const { status, stderr } = record([...options, '--out', 'u.arrow'], ['true']);
  expect(stderr).toMatch(message);
  expect(status).toBe(2);
});

test('import --maps attaches mappings to a trace', async () => {
  writeFileSync(at('log.txt'), ' L 1000,8\n');
  writeFileSync(at('maps.txt'), '1000-3000 rw-p 00000000 00:00 0 [heap]\n');
  const args = ['trace', 'import', 'log.txt', '--maps', 'maps.txt', '--out', 'maps.arrow'];
  expect(numaweave(args, { cwd: folder }).status).toBe(0);
  expect((await readTrace(at('maps.arrow'))).metadata.vmas).toEqual([
    { start: 0x1000, end: 0x3000, pgoff: 1, kind: 'heap', huge: false },
  ]);
});
