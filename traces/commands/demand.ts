import { statSync } from 'node:fs';
import { Command } from 'commander';
import { epochCount } from '../cli-options.ts';
import { writeDemand } from '../demand-file.ts';
import { DEFAULT_EPOCHS, demandOfTrace } from '../demand-of-trace.ts';
import { progress } from '../progress.ts';
import { readTrace } from '../read-trace.ts';
import { copies, machine, out, refuseSame } from './options.ts';
import { say, type TraceCommandParts } from './parts.ts';

/** `trace demand`: a trace reduced to all that a sweep needs of it. */
export function demandCommand(parts: TraceCommandParts): Command {
  return new Command('demand')
    .description(
      'reduce a trace to lines read and written per epoch and page, all that a sweep needs',
    )
    .argument('<file>', 'trace')
    .addOption(machine().makeOptionMandatory())
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
}
