import { statSync } from 'node:fs';
import { Command, Option } from 'commander';
import { anyNumber, wholeNumber } from '../cli-options.ts';
import { synthPointerChase } from '../synth/pointer-chase.ts';
import { synthRandom } from '../synth/random.ts';
import type { Trace } from '../trace.ts';
import { writeTrace } from '../write-trace.ts';
import { out } from './options.ts';
import { say, type TraceCommandParts } from './parts.ts';

/** `trace synth`: traces made by a pattern and a seed. */
export function synthCommand(parts: TraceCommandParts): Command {
  const synth = new Command('synth').description(
    'make a synthetic trace, the same for the same options',
  );
  const store = async (file: string, made: Trace) => {
    await writeTrace(file, made);
    say(parts.wroteText(file, statSync(file).size));
  };
  const pattern = (name: string, description: string) =>
    synth
      .command(name)
      .description(description)
      .option('--pages <n>', 'footprint in pages of 4 KiB', wholeNumber(1, 2 ** 25), 65536)
      .option(
        '--accesses <n>',
        'number of accesses',
        wholeNumber(1, Number.MAX_SAFE_INTEGER),
        1_000_000,
      )
      .option('--seed <n>', 'seed of the random numbers', wholeNumber(0, 2 ** 31 - 1), 1)
      .addOption(
        new Option(
          '--level <level>',
          'memory: whole lines behind the caches; access: 8 bytes before them',
        )
          .choices(['memory', 'access'])
          .default('memory'),
      )
      .addOption(out());
  pattern('random', 'accesses spread uniformly over all lines of the footprint')
    .option('--read-share <share>', 'share of loads, 0 to 1', anyNumber(0, 1), 1)
    .action(({ out, ...options }) => store(out, synthRandom(options)));
  pattern('pointer-chase', 'dependent loads along one random cycle through all lines').action(
    ({ out, ...options }) => store(out, synthPointerChase(options)),
  );
  return synth;
}
