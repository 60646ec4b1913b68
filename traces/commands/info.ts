import { Command } from 'commander';
import { demandFromArrow, isDemand } from '../demand-file.ts';
import { print } from '../print.ts';
import { readArrow } from '../read-arrow.ts';
import { traceFromArrow } from '../read-trace.ts';
import { infoOfDemand, infoOfTrace } from '../trace-info.ts';
import type { TraceCommandParts } from './parts.ts';

/** `trace info`: what is in a trace or demand file. */
export function infoCommand(parts: TraceCommandParts): Command {
  return new Command('info')
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
}
