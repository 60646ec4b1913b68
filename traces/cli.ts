import { existsSync, realpathSync, statSync } from 'node:fs';
import { Command, Option } from 'commander';
import type { CacheGeometry } from './cache-filter.ts';
import { anyNumber, epochCount, wholeNumber } from './cli-options.ts';
import { demandFromArrow, isDemand, writeDemand } from './demand-file.ts';
import { DEFAULT_EPOCHS, demandOfTrace } from './demand-of-trace.ts';
import { filterTrace } from './filter-trace.ts';
import type { LackeyTally } from './formats/lackey.ts';
import { FORMATS, importTrace } from './import-trace.ts';
import { print } from './print.ts';
import { progress } from './progress.ts';
import { readArrow } from './read-arrow.ts';
import { readTrace, traceFromArrow } from './read-trace.ts';
import { programFile, recordWithValgrind, scriptInterpreter } from './record-with-valgrind.ts';
import { synthPointerChase } from './synth/pointer-chase.ts';
import { synthRandom } from './synth/random.ts';
import type { Trace } from './trace.ts';
import { infoOfDemand, infoOfTrace, type TraceInfo } from './trace-info.ts';
import { checkOutput } from './whole-file.ts';
import { writeTrace } from './write-trace.ts';

/** How this folder's results become text, and what it needs of a machine: both are provided from its right. */
export type TraceCommandParts = Readonly<{
  infoText: (info: TraceInfo) => string;
  recordingText: (program: string, interpreter: string | undefined) => string;
  recordedText: (file: string, tally: LackeyTally, bytes: number) => string;
  wroteText: (file: string, bytes: number) => string;
  /** The caches one of several copies has on a machine (a preset or a file), and the machine's line and page. */
  cachesOf: (
    machine: string,
    copies: number | undefined,
  ) => Readonly<{ caches: readonly CacheGeometry[]; lineBytes: number; pageBytes: number }>;
}>;

const out = () => new Option('-o, --out <file>', 'file to write').makeOptionMandatory();
const machine = () =>
  new Option(
    '-m, --machine <machine>',
    'preset or machine file whose caches filter the trace',
  ).makeOptionMandatory();
const copies = () =>
  new Option('--copies <n>', 'copies that share the caches (default: one for each core)').argParser(
    wholeNumber(1, 65536),
  );

/** Throws where a command would write over the file it reads. */
function refuseSame(input: string, output: string): void {
  if (existsSync(output) && existsSync(input) && realpathSync(input) === realpathSync(output)) {
    throw new Error(`${output}: is the input (expected another file to write)`);
  }
}

/** The `trace` command: record, import, synth, info, filter, demand. */
export function traceCommand(parts: TraceCommandParts): Command {
  const trace = new Command('trace')
    .description('record, import, make and look into memory-access traces')
    .enablePositionalOptions();

  const say = (text: string) => process.stderr.write(`${text}\n`);
  const store = async (file: string, made: Trace) => {
    await writeTrace(file, made);
    say(parts.wroteText(file, statSync(file).size));
  };

  trace
    .command('record')
    .description("run a program under valgrind's lackey and write every load and store it makes")
    .argument('<program...>', 'program and its arguments, after --')
    .addOption(out())
    .passThroughOptions()
    .action(async (command: string[], options: { out: string }) => {
      const [program] = command;
      checkOutput(options.out);
      say(parts.recordingText(program, scriptInterpreter(programFile(program))));
      const { exitCode, tally } = await recordWithValgrind(command, (made) =>
        writeTrace(options.out, made),
      );
      say(parts.recordedText(options.out, tally, statSync(options.out).size));
      process.exitCode = exitCode;
    });

  trace
    .command('import')
    .description("turn another tool's trace into ours")
    .argument('<file>', 'trace to import')
    .addOption(out())
    .addOption(
      new Option('--format <name>', 'its format (default: recognised by content)').choices([
        ...FORMATS.keys(),
      ]),
    )
    .action(async (file: string, options: { out: string; format?: string }) => {
      refuseSame(file, options.out);
      await store(options.out, await importTrace(file, options.format));
    });

  const synth = trace
    .command('synth')
    .description('make a synthetic trace, the same for the same options');
  const pattern = (name: string, description: string) =>
    synth
      .command(name)
      .description(description)
      .option('--pages <n>', 'footprint in pages of 4 KiB', wholeNumber(1, 2 ** 25), 65536)
      .option(
        '--accesses <n>',
        'number of accesses',
        wholeNumber(1, Number.MAX_SAFE_INTEGER),
        1_000_000,
      )
      .option('--seed <n>', 'seed of the random numbers', wholeNumber(0, 2 ** 31 - 1), 1)
      .addOption(
        new Option(
          '--level <level>',
          'memory: whole lines behind the caches; access: 8 bytes before them',
        )
          .choices(['memory', 'access'])
          .default('memory'),
      )
      .addOption(out());
  pattern('random', 'accesses spread uniformly over all lines of the footprint')
    .option('--read-share <share>', 'share of loads, 0 to 1', anyNumber(0, 1), 1)
    .action(({ out, ...options }) => store(out, synthRandom(options)));
  pattern('pointer-chase', 'dependent loads along one random cycle through all lines').action(
    ({ out, ...options }) => store(out, synthPointerChase(options)),
  );

  trace
    .command('info')
    .description('what is in a trace or demand file')
    .argument('<file>')
    .option('--json', 'print one JSON document')
    .action(async (file: string, { json = false }: { json?: boolean }) => {
      const info = await readArrow(file, async (source) =>
        isDemand(source.schema)
          ? infoOfDemand(file, await demandFromArrow(file, source))
          : infoOfTrace(file, traceFromArrow(file, source)),
      );
      await print(json, info, () => parts.infoText(info));
    });

  trace
    .command('filter')
    .description(
      "pass an access-level trace through a machine's caches and write what reaches memory",
    )
    .argument('<file>', 'access-level trace')
    .addOption(machine())
    .addOption(copies())
    .addOption(out())
    .action(async (file: string, options: { machine: string; copies?: number; out: string }) => {
      refuseSame(file, options.out);
      const { caches } = parts.cachesOf(options.machine, options.copies);
      await store(options.out, filterTrace(file, await readTrace(file), caches));
    });

  trace
    .command('demand')
    .description(
      'reduce a trace to lines read and written per epoch and page, all that a sweep needs',
    )
    .argument('<file>', 'trace')
    .addOption(machine())
    .addOption(copies())
    .option('--epochs <n>', 'most epochs to cut it into: 1 or even', epochCount, DEFAULT_EPOCHS)
    .addOption(out())
    .action(
      async (
        file: string,
        options: { machine: string; copies?: number; epochs: number; out: string },
      ) => {
        refuseSame(file, options.out);
        const made = await readTrace(file);
        const units = parts.cachesOf(options.machine, options.copies);
        const shown = progress('accesses');
        const demand = await demandOfTrace(file, made, {
          ...units,
          maxEpochs: options.epochs,
          onProgress: (done) => shown.update(done),
        }).finally(shown.stop);
        await writeDemand(options.out, demand);
        say(parts.wroteText(options.out, statSync(options.out).size));
      },
    );

  return trace;
}
