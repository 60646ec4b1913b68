import { statSync } from 'node:fs';
import { Command } from 'commander';
import { programFile, recordWithValgrind, scriptInterpreter } from '../record-with-valgrind.ts';
import { checkOutput } from '../whole-file.ts';
import { writeTrace } from '../write-trace.ts';
import { out } from './options.ts';
import { say, type TraceCommandParts } from './parts.ts';

/** `trace record`: run a program and write every load and store it makes. */
export function recordCommand(parts: TraceCommandParts): Command {
  return new Command('record')
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
}
