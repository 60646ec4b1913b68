import { Command } from 'commander';
import { demandCommand } from './commands/demand.ts';
import { filterCommand } from './commands/filter.ts';
import { importCommand } from './commands/import.ts';
import { infoCommand } from './commands/info.ts';
import type { TraceCommandParts } from './commands/parts.ts';
import { recordCommand } from './commands/record.ts';
import { synthCommand } from './commands/synth.ts';

/** The `trace` command: record, import, synth, info, filter, demand. */
export function traceCommand(parts: TraceCommandParts): Command {
  return new Command('trace')
    .description('record, import, make and look into memory-access traces')
    .enablePositionalOptions()
    .addCommand(recordCommand(parts))
    .addCommand(importCommand(parts))
    .addCommand(synthCommand(parts))
    .addCommand(infoCommand(parts))
    .addCommand(filterCommand(parts))
    .addCommand(demandCommand(parts));
}
