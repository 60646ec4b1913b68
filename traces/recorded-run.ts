import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { constants } from 'node:os';
import type { Readable } from 'node:stream';
import { isatty } from 'node:tty';
import { onFirstInterrupt } from './first-interrupt.ts';
import { ownEnvironment } from './own-environment.ts';

/** The file descriptor a recorder writes what it sees to, so that the program's own three stay untouched. */
export const RECORD_FD = 3;

/** How long after the program's end what it left may be silent: its children may hold the descriptor open for ever. */
const SILENCE_MS = 500;

/**
 * Runs a recorder, which runs the program, and hands what it writes to its descriptor 3 to `read` while it runs.
 *
 * The program keeps our stdin, stdout, stderr and environment (less what npm adds to it). Ctrl-C ends the program, and
 * what was recorded until then is kept; a second one aborts. What `read` leaves unread is thrown away; `unread` says how:
 * `close` the descriptor where the recorder bears that, else `drain` it.
 * Returns the program's exit code: 128 + signal number where a signal ended it, as a shell has it. Throws what `read`
 * throws; the program does not outlive that.
 */
export async function recordedRun(
  file: string,
  args: readonly string[],
  unread: 'close' | 'drain',
  read: (sent: AsyncIterable<Buffer>, pid: number) => Promise<void>,
): Promise<number> {
  const recorder = spawn(file, args, {
    stdio: ['inherit', 'inherit', 'inherit', 'pipe'],
    env: ownEnvironment(file),
  });
  const stop = () => recorder.kill('SIGKILL');
  process.once('exit', stop);
  // A terminal sends Ctrl-C to the program as well; a signal that came by other ways is passed on.
  const heedInterrupts = onFirstInterrupt(() => {
    if (![0, 1, 2].some(isatty)) recorder.kill('SIGINT');
  });
  try {
    await once(recorder, 'spawn');
    const ended = new Promise<number>((resolve) => {
      recorder.once('exit', (code, signal) =>
        resolve(code ?? 128 + constants.signals[signal ?? 'SIGKILL']),
      );
    });
    const sent = recorder.stdio[RECORD_FD] as Readable;
    const heard = untilEnd(sent, ended);
    await read(heard, recorder.pid as number);
    await heard.return(undefined);
    if (unread === 'close') sent.destroy();
    for await (const _ of untilEnd(sent, ended));
    return await ended;
  } finally {
    heedInterrupts();
    process.off('exit', stop);
    stop();
  }
}

/** A stream until it ends, or until the program has ended and the stream has been silent for a while. */
async function* untilEnd(sent: Readable, ended: Promise<unknown>): AsyncGenerator<Buffer> {
  let heard = false;
  let timer: NodeJS.Timeout | undefined;
  let over = false;
  void ended.then(() => {
    if (over) return;
    timer = setInterval(() => {
      if (!heard) sent.destroy();
      heard = false;
    }, SILENCE_MS);
  });
  try {
    for await (const chunk of sent.iterator({ destroyOnReturn: false })) {
      heard = true;
      yield chunk;
    }
  } catch (error) {
    if (!sent.destroyed) throw error;
  } finally {
    over = true;
    clearInterval(timer);
  }
}
