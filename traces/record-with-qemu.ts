import { execFileSync } from 'node:child_process';
import { compiledPlugin } from './compiled-plugin.ts';
import { type Architecture, guestMappings } from './guest-mappings.ts';
import { fileHead, programFile, scriptInterpreter } from './program-file.ts';
import { readRecording } from './read-recording.ts';
import { RECORD_FD, recordedRun } from './recorded-run.ts';
import { emptyRecordingTally, type Recorded } from './recording-tally.ts';
import { TouchedPages } from './touched-pages.ts';
import type { Trace } from './trace.ts';

/** A recording under QEMU that has all it needs. */
export type QemuRecording = Readonly<{
  /** Runs the program and hands its accesses to `store` while it runs. Throws what `store` throws. */
  record: (store: (trace: Trace) => Promise<void>) => Promise<Recorded>;
}>;

/** `e_machine` of an ELF file, and what QEMU emulates it with. SVE's loads and stores would pass the plugin by. */
const MACHINES: ReadonlyMap<
  number,
  Readonly<{ architecture: Architecture; cpu: string }>
> = new Map([
  [62, { architecture: 'x86_64', cpu: 'max' }],
  [183, { architecture: 'aarch64', cpu: 'max,sve=off' }],
]);

/** QEMU's that load plugins of API version 1 and tell atomic accesses; 9.0 wants 2 (plugins/plugin.h, QEMU_PLUGIN_MIN_VERSION). */
const VERSIONS: readonly number[] = [7, 8];

/** Interpreters of interpreters the kernel follows (Linux, `fs/exec.c`, `exec_binprm`). */
const MAX_INTERPRETERS = 5;

/**
 * Prepares to run a program under QEMU's user-mode emulation with our plugin.
 *
 * The program keeps our stdin, stdout, stderr and environment (less what npm adds to it). Only the process started is
 * traced, all threads of it; programs it starts or becomes run by themselves, as does the program itself once `store` has
 * read enough. docs/recording.md says what the plugin sees.
 * Throws where the program, QEMU or a compiler is missing, and where the program is for a processor not in the table.
 */
export function prepareQemu(
  command: readonly string[],
  { fetches = false }: Readonly<{ fetches?: boolean }> = {},
): QemuRecording {
  const { file, args } = binaryOf(command);
  const { architecture, cpu } = machineOf(file);
  const qemu = qemuFile(architecture);
  const plugin = compiledPlugin();
  const options = [
    ...['-cpu', cpu, '-0', args[0]],
    ...[
      '-plugin',
      `file=${plugin.file.replaceAll(',', ',,')},fd=${RECORD_FD}${fetches ? ',fetches=on' : ''}`,
    ],
  ];
  const record = async (store: (trace: Trace) => Promise<void>): Promise<Recorded> => {
    const tally = emptyRecordingTally();
    const guest = guestMappings(architecture);
    const touched = new TouchedPages();
    const exitCode = await recordedRun(
      qemu,
      [...options, file, ...args.slice(1)],
      'close',
      async (sent) => {
        const batches = readRecording(command[0], sent, guest, tally);
        await store({
          metadata: {
            level: 'access',
            timeUnit: 'instructions',
            pageBytes: 4096,
            samplePeriod: 1,
            source: `qemu-${architecture} plugin`,
            command: command.join(' '),
          },
          batches: touched.of(batches),
          learned: () => ({ vmas: guest.mappings.touched(touched) }),
        });
      },
    ).finally(plugin.remove);
    return { exitCode, tally };
  };
  return { record };
}

/**
 * The binary that runs a command, scripts followed to their interpreters, and its arguments from argv[0] on. `env NAME` of an
 * interpreter line is passed over for the program it would become, which would not be traced.
 */
function binaryOf(command: readonly string[]): Readonly<{ file: string; args: readonly string[] }> {
  let file = programFile(command[0] ?? '');
  let args = command;
  for (let depth = 0; depth < MAX_INTERPRETERS; depth++) {
    const line = scriptInterpreter(file);
    if (line === undefined) return { file, args };
    const [, interpreter = '', argument = ''] = /^(\S*)\s*(.*)$/.exec(line) ?? [];
    const byEnv = /(^|\/)env$/.test(interpreter) && /^[^\s=-][^\s=]*$/.test(argument);
    const words = byEnv ? [argument] : [interpreter, ...(argument === '' ? [] : [argument])];
    args = [...words, file, ...args.slice(1)];
    file = programFile(words[0]);
  }
  throw new Error(`${command[0]}: script of a script (got more than ${MAX_INTERPRETERS} in a row)`);
}

function machineOf(file: string) {
  const head = fileHead(file, 20);
  const isElf = head.length === 20 && head.readUInt32BE(0) === 0x7f454c46;
  if (!isElf) throw new Error(`${file}: no program (expected an ELF file, or a script with #!)`);
  const number = head.readUInt16LE(18);
  const machine = MACHINES.get(number);
  if (machine !== undefined) return machine;
  const known = [...MACHINES].map(([key, { architecture }]) => `${key} ${architecture}`);
  throw new Error(`${file}: ELF machine (got ${number}, expected ${known.join(' or ')})`);
}

/** Where QEMU is. Throws where it is missing, or of a version that does not load plugins of API version 1. */
function qemuFile(architecture: Architecture): string {
  const name = `qemu-${architecture}`;
  let file: string;
  try {
    file = programFile(name);
  } catch {
    throw new Error(
      `${name}: not found on PATH (install the Debian packages: apt-get install qemu-user gcc)`,
    );
  }
  const said = execFileSync(file, ['--version'], { encoding: 'utf8' });
  const version = /version (\d+)\S*/.exec(said);
  if (version !== null && VERSIONS.includes(Number(version[1]))) return file;
  throw new Error(
    `${name}: version (got ${version?.[0].slice(8) ?? 'none'}, expected ${VERSIONS.join(' or ')}, which load our plugin)`,
  );
}
