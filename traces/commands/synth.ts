import { statSync } from 'node:fs';
import { Command, CommanderError } from 'commander';
import { wholeNumber } from '../cli-options.ts';
import { checkFreeSpace } from '../free-space.ts';
import { progress } from '../progress.ts';
import { synthMix } from '../synth/mix.ts';
import { synthPhases } from '../synth/phases.ts';
import type { SynthTrace } from '../synth/synth-trace.ts';
import type { TraceBatch } from '../trace.ts';
import { checkOutput } from '../whole-file.ts';
import { writeTrace } from '../write-trace.ts';
import { out } from './options.ts';
import { say, type TraceCommandParts } from './parts.ts';
import { synthPatterns } from './synth-patterns.ts';

/** Bytes of a row of a trace file; what else is in the file does not grow with it. */
const ROW_BYTES = 23;

/** `trace synth`: traces made by a pattern and a seed. */
export function synthCommand(parts: TraceCommandParts): Command {
  const synth = new Command('synth').description(
    'make a synthetic trace, the same for the same options',
  );
  const store = async (trace: SynthTrace, command: Command) => {
    const file: string = command.opts().out;
    const bytes = trace.accesses * ROW_BYTES;
    checkOutput(file);
    await checkFreeSpace(file, bytes);
    say(parts.writingText(file, trace.accesses, bytes));
    const shown = progress('accesses');
    await writeTrace(file, counted(trace, shown.update)).finally(shown.stop);
    say(parts.wroteText(file, statSync(file).size));
  };
  for (const pattern of synthPatterns(store)) synth.addCommand(pattern.addOption(out()));
  synth
    .command('phases')
    .description('patterns one after another, each in addresses of its own')
    .argument('<part...>', 'a pattern with its options: "stream triad --array-bytes 64MiB"')
    .addOption(out())
    .action((words: string[], _, command: Command) => {
      const parts = words.map((text) => partOf(text.trim().split(/\s+/), text, command));
      return store(
        usable(command, () => synthPhases(parts, words)),
        command,
      );
    });
  synth
    .command('mix')
    .description('patterns side by side, each in addresses and threads of its own')
    .argument(
      '<part...>',
      'a pattern with its options, and before it its weight, or 1: "3 random --pages 4096"',
    )
    .addOption(out())
    .action((words: string[], _, command: Command) => {
      const weighted = words.map((text) => weightedPartOf(text, command));
      const parts = weighted.map(({ trace }) => trace);
      const weights = weighted.map(({ weight }) => weight);
      return store(
        usable(command, () => synthMix(parts, weights, words)),
        command,
      );
    });
  return synth;
}

/** The pattern that the words of one part ask for; what is wrong with them is a usage error. */
function partOf(words: readonly string[], text: string, command: Command): SynthTrace {
  let trace: SynthTrace | undefined;
  const quiet = { writeOut: () => {}, writeErr: () => {} };
  const root = new Command('part').exitOverride().configureOutput(quiet).helpOption(false);
  const patterns = synthPatterns((made) => {
    trace = made;
  });
  for (const pattern of patterns) {
    root.addCommand(pattern.copyInheritedSettings(root).helpOption(false));
  }
  try {
    root.helpCommand(false).parse(
      words.filter((word) => word !== ''),
      { from: 'user' },
    );
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    const reason = error.code === 'commander.help' ? 'no pattern' : error.message;
    command.error(`error: part ${JSON.stringify(text)}: ${reason.replace(/^error: /, '')}`);
  }
  if (trace === undefined) command.error(`error: part ${JSON.stringify(text)}: no pattern`);
  return trace;
}

function weightedPartOf(text: string, command: Command) {
  const words = text.trim().split(/\s+/);
  if (!/^[0-9]/.test(words[0])) return { weight: 1, trace: partOf(words, text, command) };
  const [weight, ...rest] = words;
  const trace = partOf(rest, text, command);
  return usable(
    command,
    () => ({ weight: wholeNumber(1, 1000)(weight), trace }),
    `${text}: weight `,
  );
}

/** What `make` gives; what it throws, of values that do not go together, is a usage error. */
function usable<T>(command: Command, make: () => T, subject = ''): T {
  try {
    return make();
  } catch (error) {
    return command.error(`error: ${subject}${(error as Error).message}`);
  }
}

function counted(trace: SynthTrace, update: (done: number, of: number) => void): SynthTrace {
  async function* batches(): AsyncGenerator<TraceBatch> {
    let done = 0;
    for await (const batch of trace.batches) {
      yield batch;
      done += batch.length;
      update(done, trace.accesses);
    }
  }
  return { ...trace, batches: batches() };
}
