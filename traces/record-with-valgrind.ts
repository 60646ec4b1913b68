import { type ChildProcess, spawn } from 'node:child_process';
import { constants as access, accessSync, closeSync, openSync, readSync, statSync } from 'node:fs';
import { constants } from 'node:os';
import { delimiter, join } from 'node:path';
import type { Readable } from 'node:stream';
import { type LackeyTally, readLackey } from './formats/lackey.ts';
import type { Trace } from './trace.ts';

/** How a recorded program ended, and what was seen of it. */
export type Recorded = Readonly<{
  /** The program's exit code; 128 + signal number where a signal ended it, as a shell has it. */
  exitCode: number;
  tally: LackeyTally;
}>;

/** The file descriptor valgrind writes its log to, so that the program's own three stay untouched. */
const LOG_FD = 3;

/**
 * Runs a program under valgrind's lackey and hands its accesses to `store` while it runs.
 *
 * The program keeps our stdin, stdout, stderr and environment (less what npm adds to it); it inherits the log as file
 * descriptor 3, since valgrind does not hide it. Only the process started is traced, not its children.
 * Throws where valgrind or the program cannot be found, and what `store` throws.
 */
export async function recordWithValgrind(
  command: readonly string[],
  store: (trace: Trace) => Promise<void>,
): Promise<Recorded> {
  const [program = '', ...args] = command;
  programFile(program);
  const file = valgrindFile();
  const valgrind = spawn(
    file,
    [
      '--tool=lackey',
      '--trace-mem=yes',
      `--log-fd=${LOG_FD}`,
      '--child-silent-after-fork=yes',
      program,
      ...args,
    ],
    { stdio: ['inherit', 'inherit', 'inherit', 'pipe'], env: { ...ownEnvironment(), _: file } },
  );
  const stop = () => valgrind.kill('SIGKILL');
  process.once('exit', stop);
  try {
    await started(valgrind);
    const ended = new Promise<number>((resolve) => {
      valgrind.once('exit', (code, signal) =>
        resolve(code ?? 128 + constants.signals[signal ?? 'SIGKILL']),
      );
    });
    const log = valgrind.stdio[LOG_FD] as Readable;
    const { trace, tally } = await readLackey(program, untilEnd(log, ended), {
      command: command.join(' '),
    });
    await store(trace);
    return { exitCode: await ended, tally };
  } finally {
    process.off('exit', stop);
    stop();
  }
}

/** How long after the program's end its log may be silent: its children may hold the log open for ever. */
const SILENCE_MS = 500;

/** A log until it ends, or until the program has ended and the log has been silent for a while. */
async function* untilEnd(log: Readable, ended: Promise<unknown>): AsyncGenerator<Buffer> {
  let heard = false;
  let timer: NodeJS.Timeout | undefined;
  let over = false;
  void ended.then(() => {
    if (over) return;
    timer = setInterval(() => {
      if (!heard) log.destroy();
      heard = false;
    }, SILENCE_MS);
  });
  try {
    for await (const chunk of log) {
      heard = true;
      yield chunk;
    }
  } catch (error) {
    if (!log.destroyed) throw error;
  } finally {
    over = true;
    clearInterval(timer);
  }
}

/**
 * Our environment without what npm adds to it when it runs us (`npx numaweave`): a program's start-up reads all of it,
 * so what is recorded would not be what the program does by itself. `_` is set to valgrind's path, as a shell would.
 */
function ownEnvironment(): NodeJS.ProcessEnv {
  if (process.env.npm_execpath === undefined) return process.env;
  const added = ['COLOR', 'INIT_CWD', 'NODE', ...(process.env.EDITOR === 'vi' ? ['EDITOR'] : [])];
  const kept = Object.entries(process.env).filter(
    ([name]) => !name.startsWith('npm_') && !added.includes(name),
  );
  const folders = (process.env.PATH ?? '').split(delimiter);
  const own = folders.filter(
    (folder) => !/[/\\](node_modules[/\\]\.bin|node-gyp-bin)$/.test(folder),
  );
  return { ...Object.fromEntries(kept), PATH: own.join(delimiter) };
}

function started(valgrind: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    valgrind.once('spawn', resolve);
    valgrind.once('error', reject);
  });
}

function valgrindFile(): string {
  try {
    return programFile('valgrind');
  } catch {
    throw new Error(
      'valgrind: not found on PATH (install the Debian package: apt-get install valgrind)',
    );
  }
}

/** The file a shell would run for a program's name. Throws where there is none. */
export function programFile(program: string): string {
  const folders = program.includes('/') ? [''] : (process.env.PATH ?? '').split(delimiter);
  for (const folder of folders) {
    const path = folder === '' ? program : join(folder, program);
    try {
      accessSync(path, access.X_OK);
      if (statSync(path).isFile()) return path;
    } catch {
      // Not here; the next folder may have it.
    }
  }
  throw new Error(`${program}: command not found (expected a program on PATH or a path to one)`);
}

/** The interpreter line of a script, without `#!`; undefined for a binary. Valgrind then traces the interpreter. */
export function scriptInterpreter(file: string): string | undefined {
  const descriptor = openSync(file, 'r');
  try {
    const head = Buffer.alloc(128);
    const length = readSync(descriptor, head, 0, head.length, 0);
    const text = head.toString('latin1', 0, length);
    return text.startsWith('#!') ? text.slice(2).split('\n')[0]?.trim() : undefined;
  } finally {
    closeSync(descriptor);
  }
}
