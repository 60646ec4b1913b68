import { statSync } from 'node:fs';
import { Command } from 'commander';
import { filterTrace } from '../filter-trace.ts';
import { readTrace } from '../read-trace.ts';
import { writeTrace } from '../write-trace.ts';
import { copies, machine, out, refuseSame } from './options.ts';
import { say, type TraceCommandParts } from './parts.ts';

/** `trace filter`: what of a trace reaches memory. */
export function filterCommand(parts: TraceCommandParts): Command {
  return new Command('filter')
    .description(
      "pass an access-level trace through a machine's caches and write what reaches memory",
    )
    .argument('<file>', 'access-level trace')
    .addOption(machine().makeOptionMandatory())
    .addOption(copies())
    .addOption(out())
    .action(async (file: string, options: { machine: string; copies?: number; out: string }) => {
      refuseSame(file, options.out);
      const { caches } = parts.cachesOf(options.machine, options.copies);
      await writeTrace(options.out, filterTrace(file, await readTrace(file), caches));
      say(parts.wroteText(options.out, statSync(options.out).size));
    });
}
