import { statSync } from 'node:fs';
import { Command, Option } from 'commander';
import { IMPORTERS } from '../import-trace.ts';
import { importTraces } from '../import-traces.ts';
import { writeTrace } from '../write-trace.ts';
import { out, refuseSame } from './options.ts';
import { say, type TraceCommandParts } from './parts.ts';

/** `trace import`: another tool's trace into ours. */
export function importCommand(parts: TraceCommandParts): Command {
  return new Command('import')
    .description("turn another tool's trace into ours")
    .argument(
      '<file...>',
      'trace to import; several of one format, or a folder of them, are merged by time',
    )
    .addOption(out())
    .addOption(
      new Option('--format <name>', 'its format (default: recognised by content)').choices(
        IMPORTERS.map(({ name }) => name),
      ),
    )
    .action(async (files: string[], options: { out: string; format?: string }) => {
      for (const file of files) refuseSame(file, options.out);
      const { trace, tally } = await importTraces(files, options.format);
      await writeTrace(options.out, trace);
      say(parts.importedText(options.out, tally, statSync(options.out).size));
    });
}
