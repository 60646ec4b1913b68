import { statSync } from 'node:fs';
import { Command } from 'commander';
import { demandFromArrow, isDemand } from '../demand-file.ts';
import { print } from '../print.ts';
import { readArrow } from '../read-arrow.ts';
import { traceFromArrow } from '../read-trace.ts';
import { infoOfDemand, infoOfTrace } from '../trace-info.ts';
import { checkOutput, writeWholeFiles } from '../whole-file.ts';
import { refuseSame } from './options.ts';
import { say, type TraceCommandParts } from './parts.ts';

/** `trace info`: what is in a trace or demand file. */
export function infoCommand(parts: TraceCommandParts): Command {
  return new Command('info')
    .description('what is in a trace or demand file: hot pages, reuse, strides, phases')
    .argument('<file>')
    .option('--json', 'print one JSON document')
    .option('--html <page>', 'write a page with charts as well')
    .action(async (file: string, options: { json?: boolean; html?: string }) => {
      const { json = false, html } = options;
      if (html !== undefined) {
        refuseSame(file, html);
        checkOutput(html);
      }
      const info = await readArrow(file, async (source) =>
        isDemand(source.schema)
          ? infoOfDemand(file, await demandFromArrow(file, source))
          : infoOfTrace(file, traceFromArrow(file, source)),
      );
      if (html !== undefined) {
        await writeWholeFiles(new Map([[html, await parts.infoPage(info)]]));
        say(parts.wroteText(html, statSync(html).size));
      }
      await print(json, info, () => parts.infoText(info));
    });
}
