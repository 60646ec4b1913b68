import { readFileSync, statSync } from 'node:fs';
import { Command, Option } from 'commander';
import { IMPORTERS, importTrace } from '../import-trace.ts';
import { procMaps } from '../proc-maps.ts';
import { writeTrace } from '../write-trace.ts';
import { out, refuseSame } from './options.ts';
import { say, type TraceCommandParts } from './parts.ts';

/** `trace import`: another tool's trace into ours. */
export function importCommand(parts: TraceCommandParts): Command {
  return new Command('import')
    .description("turn another tool's trace into ours")
    .argument('<file>', 'trace to import')
    .addOption(out())
    .addOption(
      new Option('--format <name>', 'its format (default: recognised by content)').choices(
        IMPORTERS.map(({ name }) => name),
      ),
    )
    .option('--maps <file>', "the program's mappings: a copy of /proc/PID/maps or smaps")
    .action(async (file: string, options: { out: string; format?: string; maps?: string }) => {
      refuseSame(file, options.out);
      const { maps } = options;
      const vmas = maps === undefined ? {} : { vmas: procMaps(maps, readFileSync(maps, 'utf8')) };
      const { trace, tally } = await importTrace(file, options.format);
      await writeTrace(options.out, { ...trace, metadata: { ...trace.metadata, ...vmas } });
      say(parts.importedText(options.out, tally, statSync(options.out).size));
    });
}
