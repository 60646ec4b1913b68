import { readFileSync } from 'node:fs';
import { readLackey } from './formats/lackey.ts';
import { Mappings } from './mappings.ts';
import { procMaps } from './proc-maps.ts';
import { programFile } from './program-file.ts';
import { RECORD_FD, recordedRun } from './recorded-run.ts';
import { emptyRecordingTally, type Recorded } from './recording-tally.ts';
import { TouchedPages } from './touched-pages.ts';
import type { Trace } from './trace.ts';

/** How often the program's mappings are looked at while it runs. */
const LOOK_MS = 100;

/**
 * Runs a program under valgrind's lackey and hands its accesses to `store` while it runs.
 *
 * The program keeps our stdin, stdout, stderr and environment (less what npm adds to it); it inherits the log as file
 * descriptor 3, since valgrind does not hide it. Only the process started is traced, not its children. Its mappings are
 * read from `/proc/PID/smaps` ten times a second: what comes and goes between two looks is missed, all of a program
 * that is over sooner. Valgrind's own are among them; those the program did not touch are left out.
 * Throws where valgrind or the program cannot be found, and what `store` throws.
 */
export async function recordWithValgrind(
  command: readonly string[],
  store: (trace: Trace) => Promise<void>,
  { fetches = false }: Readonly<{ fetches?: boolean }> = {},
): Promise<Recorded> {
  const [program = '', ...args] = command;
  programFile(program);
  const mappings = new Mappings();
  const touched = new TouchedPages();
  const tally = emptyRecordingTally();
  const options = [
    '--tool=lackey',
    '--trace-mem=yes',
    `--log-fd=${RECORD_FD}`,
    '--child-silent-after-fork=yes',
  ];
  const exitCode = await recordedRun(
    valgrindFile(),
    [...options, program, ...args],
    'drain',
    async (log, pid) => {
      const look = () => lookAtMappings(pid, mappings);
      const looking = setInterval(look, LOOK_MS);
      try {
        const { trace, tally: lackey } = await readLackey(program, log, {
          command: command.join(' '),
          fetches,
        });
        look();
        await store({
          ...trace,
          batches: touched.of(trace.batches),
          learned: () => ({ vmas: mappings.touched(touched) }),
        });
        tally.instructions = lackey.instructions;
        tally.loads = lackey.loads + lackey.modifies;
        tally.stores = lackey.stores + lackey.modifies;
        tally.fetches = fetches ? lackey.instructions : 0;
        tally.finished = lackey.finished;
      } finally {
        clearInterval(looking);
      }
    },
  );
  return { exitCode, tally };
}

function lookAtMappings(pid: number, mappings: Mappings): void {
  const file = `/proc/${pid}/smaps`;
  let text = '';
  try {
    text = readFileSync(file, 'latin1');
  } catch {
    // The program is over.
  }
  // So it is where the file is empty, as that of a process nobody has waited for yet.
  if (text === '') return;
  for (const vma of procMaps(file, text)) mappings.map(vma);
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
