import { readFileSync, statSync } from 'node:fs';
import { Command, Option } from 'commander';
import { wholeNumber } from '../cli-options.ts';
import { IMPORTERS } from '../import-trace.ts';
import { importTraces } from '../import-traces.ts';
import type { ImportOptions } from '../importer.ts';
import { print } from '../print.ts';
import { procMaps } from '../proc-maps.ts';
import { writeTrace } from '../write-trace.ts';
import { out, refuseSame } from './options.ts';
import { say, type TraceCommandParts } from './parts.ts';

/** `trace import`: another tool's trace into ours. */
export function importCommand(parts: TraceCommandParts): Command {
  return new Command('import')
    .description("turn another tool's trace into ours")
    .argument(
      '<file...>',
      'trace to import; several of one kind, or a folder of them, are merged by time',
    )
    .addOption(out())
    .addOption(
      new Option('--format <name>', 'its format (default: recognised by content)').choices(
        IMPORTERS.map(({ name }) => name),
      ),
    )
    .option('--fetches', 'keep instruction fetches')
    .addOption(
      new Option(
        '--sample-period <n>',
        'one access in this many was recorded (default: as the file says)',
      ).argParser(wholeNumber(1, 999_999_999)),
    )
    .addOption(
      new Option('--level <level>', 'where the accesses were recorded').choices([
        'access',
        'memory',
      ]),
    )
    .option('--maps <file>', "the program's mappings: a copy of /proc/PID/maps or smaps")
    .option('--json', 'print one JSON document')
    .addHelpText('after', formatsHelp())
    .action(
      async (
        files: string[],
        options: ImportOptions & { out: string; format?: string; maps?: string; json?: boolean },
      ) => {
        const { out: path, format, maps, json = false, ...chosen } = options;
        for (const file of files) refuseSame(file, path);
        const vmas = maps === undefined ? {} : { vmas: procMaps(maps, readFileSync(maps, 'utf8')) };
        const { trace: made, ...imported } = await importTraces(files, format, chosen);
        const trace = { ...made, metadata: { ...made.metadata, ...vmas } };
        const { tally } = imported;
        await writeTrace(path, trace);
        if (!json) return say(parts.importedText(path, tally, statSync(path).size));
        const { records, rows, leftOut, notes } = tally;
        const result = {
          file: path,
          format: imported.format,
          records,
          rows,
          leftOut: Object.fromEntries(leftOut),
          notes,
          metadata: { ...trace.metadata, ...trace.learned?.() },
        };
        await print(true, result, String);
      },
    );
}

function formatsHelp(): string {
  const width = Math.max(...IMPORTERS.map(({ name }) => name.length));
  const lines = IMPORTERS.map(({ name, title }) => `  ${name.padEnd(width)}  ${title}`);
  return `\nFormats:\n${lines.join('\n')}`;
}
