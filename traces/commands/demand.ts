import { statSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { Command, Option } from 'commander';
import { wholeNumber } from '../cli-options.ts';
import { writeDemand } from '../demand-file.ts';
import { demandOfArrow } from '../demand-of-arrow.ts';
import { DEFAULT_EPOCHS } from '../demand-of-trace.ts';
import type { EpochBy } from '../demand-part.ts';
import { progress } from '../progress.ts';
import { readArrow } from '../read-arrow.ts';
import type { TraceMetadata } from '../trace.ts';
import { traceMetadata } from '../trace-schema.ts';
import { copies, machine, out, pin, pinningOf, refuseSame } from './options.ts';
import { say, type TraceCommandParts } from './parts.ts';

const LINE_BYTES = 64;

/** What `--epoch-by` takes, and what a trace's time must be counted in for it. */
const EPOCH_BY = {
  accesses: ['ns', 'cycles', 'instructions', 'accesses'],
  time: ['ns', 'cycles'],
  instructions: ['instructions'],
};

type DemandArguments = Readonly<{
  machine?: string;
  copies?: number;
  pin?: string[];
  epochs: number;
  epochBy: keyof typeof EPOCH_BY;
  threads: number;
  out: string;
}>;

/** `trace demand`: a trace reduced to all that a sweep needs of it. */
export function demandCommand(parts: TraceCommandParts): Command {
  return new Command('demand')
    .description(
      'reduce a trace to lines read and written per epoch and page, all that a sweep needs',
    )
    .argument('<file>', 'trace')
    .addOption(machine())
    .addOption(copies())
    .addOption(pin())
    .option('--epochs <n>', 'most epochs to cut it into', wholeNumber(1, 65536), DEFAULT_EPOCHS)
    .addOption(
      new Option('--epoch-by <what>', 'what epochs are equal in')
        .choices(Object.keys(EPOCH_BY))
        .default('accesses'),
    )
    .addOption(
      new Option('--threads <n>', 'worker threads; the result does not depend on them')
        .argParser(wholeNumber(1, 1024))
        .default(availableParallelism(), 'one a processor'),
    )
    .addOption(out())
    .action(async (file: string, options: DemandArguments) => {
      refuseSame(file, options.out);
      const shown = progress('accesses');
      const demand = await readArrow(file, (source) => {
        const metadata = traceMetadata(source.schema, file);
        return demandOfArrow(file, source, {
          ...unitsOf(file, metadata, options, parts),
          by: epochBy(file, metadata, options.epochBy),
          maxEpochs: options.epochs,
          threads: options.threads,
          onProgress: (done) => shown.update(done),
        });
      }).finally(shown.stop);
      await writeDemand(options.out, demand);
      say(parts.wroteDemandText(options.out, demand, statSync(options.out).size));
    });
}

/** The machine's caches, line and page; without a machine, for a trace that is behind the caches already, the usual ones. */
function unitsOf(
  file: string,
  { level, pageBytes }: TraceMetadata,
  options: DemandArguments,
  parts: TraceCommandParts,
) {
  if (options.machine !== undefined) {
    const { sockets, ...units } = parts.cachesOf(options.machine, options.copies);
    const pinning = pinningOf(options.pin, sockets);
    if (pinning === undefined) return units;
    // Every copy has threads on all of those sockets, so as many copies share the caches of each.
    const copies = (options.copies ?? 1) * pinning.sockets;
    return { ...units, caches: parts.cachesOf(options.machine, copies).caches, pinning };
  }
  if (options.pin !== undefined) {
    throw new Error('--pin: no use (got no --machine, expected one whose sockets they run on)');
  }
  if (options.copies !== undefined) {
    throw new Error(`--copies: no use (got no --machine, expected one whose caches they share)`);
  }
  if (level === 'access') {
    throw new Error(
      `${file}: access-level trace (got no --machine, expected one whose caches it goes through)`,
    );
  }
  return { caches: [], lineBytes: LINE_BYTES, pageBytes };
}

function epochBy(file: string, { timeUnit }: TraceMetadata, by: keyof typeof EPOCH_BY): EpochBy {
  if (!EPOCH_BY[by].includes(timeUnit)) {
    const expected = EPOCH_BY[by].join(' or ');
    throw new Error(
      `--epoch-by ${by}: no use (got ${file} timed in ${timeUnit}, expected ${expected})`,
    );
  }
  return by === 'accesses' ? 'accesses' : 'time';
}
