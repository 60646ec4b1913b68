import { statSync } from 'node:fs';
import { Command, Option } from 'commander';
import type { CacheGeometry } from '../cache-filter.ts';
import { cacheTally } from '../cache-tally.ts';
import { cacheUse } from '../cache-use.ts';
import { cachegrindEvents, cachegrindTrace } from '../cachegrind.ts';
import { wholeNumber } from '../cli-options.ts';
import { filterTrace } from '../filter-trace.ts';
import { print } from '../print.ts';
import { readTrace } from '../read-trace.ts';
import type { Trace } from '../trace.ts';
import { writeTrace } from '../write-trace.ts';
import { cachegrindLevels, cacheLevel, forCores } from './cache-options.ts';
import { copies, machine, refuseSame } from './options.ts';
import { say, type TraceCommandParts } from './parts.ts';

type FilterOptions = Readonly<{
  machine?: string;
  copies?: number;
  caches?: CacheGeometry[];
  cores: number;
  cachegrind?: CacheGeometry[];
  out?: string;
  json?: boolean;
}>;

/** `trace filter`: what of a trace reaches memory, and what each cache level does about it. */
export function filterCommand(parts: TraceCommandParts): Command {
  const levels = (flags: string, description: string) =>
    new Option(flags, description).argParser(cacheLevel);
  return new Command('filter')
    .description(
      'pass an access-level trace through caches, count their misses, and write what reaches memory',
    )
    .argument('<file>', 'access-level trace')
    .addOption(machine().conflicts(['caches', 'cachegrind']))
    .addOption(copies().conflicts(['caches', 'cachegrind']))
    .addOption(
      levels(
        '--caches <level...>',
        'levels from the core outwards, as NAME=BYTES,WAYS,LINE[,inclusive]: I1 holds instructions, D1 data, others both',
      ).conflicts('cachegrind'),
    )
    .addOption(
      new Option('--cores <n>', 'cores that have all --caches but the last to themselves')
        .argParser(wholeNumber(1, 256))
        .default(1)
        .conflicts(['machine', 'cachegrind']),
    )
    .addOption(
      levels(
        '--cachegrind <level...>',
        'I1, D1 and LL likewise; count as valgrind --tool=cachegrind does',
      ),
    )
    .option('-o, --out <file>', 'memory-level trace to write (default: only count)')
    .option('--json', 'print one JSON document')
    .action(async (file: string, options: FilterOptions, command: Command) => {
      const { out, json = false } = options;
      if (out !== undefined) refuseSame(file, out);
      const caches = cachesFor(options, parts);
      if (caches === undefined) {
        command.error('error: caches: none (expected --machine, --caches or --cachegrind)');
      }
      const tally = cacheTally(caches.length);
      const opened = await readTrace(file);
      const asCachegrind = options.cachegrind && cachegrindTrace(opened, caches[0].lineBytes);
      const filtered = filterTrace(file, asCachegrind?.trace ?? opened, caches, tally);
      await (out === undefined ? readThrough(filtered) : writeTrace(out, filtered));
      const use = cacheUse(file, caches, tally);
      if (asCachegrind === undefined) {
        await print(json, use, () => parts.cacheUseText(use));
      } else {
        const events = cachegrindEvents(tally, asCachegrind.modifies.count);
        await print(json, { ...use, cachegrind: events }, () => parts.cachegrindText(events));
      }
      if (out !== undefined) say(parts.wroteText(out, statSync(out).size));
    });
}

function cachesFor(
  { machine, copies, caches, cores, cachegrind }: FilterOptions,
  parts: TraceCommandParts,
): readonly CacheGeometry[] | undefined {
  if (machine !== undefined) return parts.cachesOf(machine, copies).caches;
  if (caches !== undefined) return forCores(caches, cores);
  return cachegrind && cachegrindLevels(cachegrind);
}

async function readThrough(trace: Trace): Promise<void> {
  for await (const _ of trace.batches);
}
