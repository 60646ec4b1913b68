import { statSync } from 'node:fs';
import { Command, InvalidArgumentError, Option } from 'commander';
import { wholeNumber } from '../cli-options.ts';
import { filterTrace } from '../filter-trace.ts';
import { programFile, scriptInterpreter } from '../program-file.ts';
import { prepareQemu, type QemuRecording } from '../record-with-qemu.ts';
import { recordWithValgrind } from '../record-with-valgrind.ts';
import type { Recorded } from '../recording-tally.ts';
import { sampleTrace } from '../sample-trace.ts';
import type { Level, Trace } from '../trace.ts';
import { checkOutput } from '../whole-file.ts';
import { writeTrace } from '../write-trace.ts';
import { copies, machine, out } from './options.ts';
import { type Recorder, say, type TraceCommandParts } from './parts.ts';

const MOST = Number.MAX_SAFE_INTEGER;

type RecordOptions = Readonly<{
  out: string;
  with?: Recorder;
  level: Level;
  machine?: string;
  copies?: number;
  fetches?: boolean;
  skip: number;
  limit?: number;
  sample: Readonly<{ length: number; period: number }>;
}>;

/** `trace record`: run a program and write every load and store it makes. */
export function recordCommand(parts: TraceCommandParts): Command {
  return new Command('record')
    .description(
      'run a program and write every load and store it makes, or what of them reaches memory',
    )
    .argument('<program...>', 'program and its arguments, after --')
    .addOption(out())
    .addOption(
      new Option('--with <recorder>', 'what runs it (default: qemu, where that is there)').choices([
        'qemu',
        'valgrind',
      ]),
    )
    .addOption(
      new Option('--level <level>', "access: all of them; memory: through --machine's caches")
        .choices(['access', 'memory'])
        .default('access'),
    )
    .addOption(machine())
    .addOption(copies())
    .option('--fetches', 'write instruction fetches as well (op 2)')
    .option('--skip <n>', 'leave out the first n rows', wholeNumber(0, MOST), 0)
    .option('--limit <n>', 'write n rows at most; the program runs on', wholeNumber(1, MOST))
    .addOption(
      new Option('--sample <n/m>', 'write n rows of every m, a multiple of n')
        .argParser(sample)
        .default({ length: 1, period: 1 }, 'all'),
    )
    .passThroughOptions()
    .action(async (command: string[], options: RecordOptions) => {
      const store = storeOf(command[0], options, parts);
      checkOutput(options.out);
      const interpreter = scriptInterpreter(programFile(command[0]));
      const { fetches = false } = options;
      const { qemu, why } = options.with === 'valgrind' ? {} : qemuOrWhyNot(command, options);
      const recorder = qemu === undefined ? 'valgrind' : 'qemu';
      say(
        parts.recordingText({
          program: command[0],
          interpreter,
          recorder,
          level: options.level,
          why,
        }),
      );
      let rows = 0;
      const counted = (trace: Trace) => store(trace, (more) => (rows += more));
      const { exitCode, tally }: Recorded =
        qemu === undefined
          ? await recordWithValgrind(command, counted, { fetches })
          : await qemu.record(counted);
      const bytes = statSync(options.out).size;
      say(parts.recordedText({ file: options.out, recorder, tally, rows, bytes }));
      process.exitCode = exitCode;
    });
}

/** QEMU ready to record, or why it cannot be; that is an error where it was asked for. */
function qemuOrWhyNot(
  command: readonly string[],
  options: RecordOptions,
): Readonly<{ qemu?: QemuRecording; why?: string }> {
  try {
    return { qemu: prepareQemu(command, { fetches: options.fetches ?? false }) };
  } catch (error) {
    if (options.with === 'qemu') throw error;
    return { why: (error as Error).message };
  }
}

/** What becomes of the recorded trace: it goes through the caches, is sampled, counted and written. */
function storeOf(program: string, options: RecordOptions, parts: TraceCommandParts) {
  const { level, skip, limit, sample } = options;
  if (level === 'memory' && options.machine === undefined) {
    throw new InvalidArgumentError('--level memory: no caches (expected --machine M as well)');
  }
  if (level === 'access' && options.machine !== undefined) {
    throw new InvalidArgumentError(
      '--machine: no use for its caches (expected --level memory as well)',
    );
  }
  const caches =
    options.machine === undefined
      ? undefined
      : parts.cachesOf(options.machine, options.copies).caches;
  return async (trace: Trace, count: (rows: number) => void) => {
    const filtered = caches === undefined ? trace : filterTrace(program, trace, caches);
    const kept = sampleTrace(filtered, {
      skip,
      ...(limit === undefined ? {} : { limit }),
      ...sample,
    });
    async function* counted() {
      for await (const batch of kept.batches) {
        count(batch.length);
        yield batch;
      }
    }
    await writeTrace(options.out, { ...kept, batches: counted() });
  };
}

function sample(text: string): RecordOptions['sample'] {
  const [, length = 0, period = 0] = (/^([1-9]\d*)\/([1-9]\d*)$/.exec(text) ?? []).map(Number);
  const whole = Number.isSafeInteger(period) && Number.isInteger(period / length);
  if (whole && period / length <= 999_999_999 && length <= 999_999_999) return { length, period };
  throw new InvalidArgumentError(
    `(got ${JSON.stringify(text)}, expected n/m with m a multiple of n, as 1000/100000)`,
  );
}
