import { Argument, Command, Option } from 'commander';
import { anyNumber, byteSize, wholeNumber } from '../cli-options.ts';
import { GUPS_STREAMS, synthGups } from '../synth/gups.ts';
import { synthHashJoin } from '../synth/hash-join.ts';
import { synthMatmul } from '../synth/matmul.ts';
import { MLC_MIXES, synthMlc } from '../synth/mlc.ts';
import { synthPointerChase } from '../synth/pointer-chase.ts';
import { synthRandom } from '../synth/random.ts';
import { STREAM_KERNELS, synthStream } from '../synth/stream.ts';
import { synthStrided } from '../synth/strided.ts';
import type { SynthTrace } from '../synth/synth-trace.ts';
import { synthZipf } from '../synth/zipf.ts';

const pages = (most = 2 ** 25) =>
  new Option('--pages <n>', 'footprint in pages of 4 KiB')
    .argParser(wholeNumber(1, most))
    .default(65536);
const count = (flag: string, description: string, least = 1, most = 2 ** 40) =>
  new Option(`--${flag} <n>`, description).argParser(wholeNumber(least, most)).default(1_000_000);
const accesses = () => count('accesses', 'number of accesses');
const seed = () =>
  new Option('--seed <n>', 'seed of the random numbers')
    .argParser(wholeNumber(0, 2 ** 31 - 1))
    .default(1);
const level = () =>
  new Option(
    '--level <level>',
    'memory: whole lines behind the caches; access: 8 bytes before them',
  )
    .choices(['memory', 'access'])
    .default('memory');
const threads = (most = 1024) =>
  new Option('--threads <n>', 'threads, which take turns')
    .argParser(wholeNumber(1, most))
    .default(1);
const readShare = () =>
  new Option('--read-share <share>', 'share of loads, 0 to 1')
    .argParser(anyNumber(0, 1))
    .default(1);
const theta = (usual: number, description: string) =>
  new Option('--theta <number>', description).argParser(anyNumber(0, 0.999)).default(usual);
const order = (choices: readonly string[], description: string) =>
  new Option('--order <order>', description).choices(choices).default(choices[0]);
const bytes = (
  flag: string,
  description: string,
  parse: (text: string) => number,
  usual = '64MiB',
) => new Option(`--${flag} <size>`, description).argParser(parse).default(parse(usual), usual);

/** Throws a usage error unless each thread gets one of what is dealt to threads. */
function enoughFor(threads: number, things: number, what: string, command: Command): void {
  if (things >= threads) return;
  command.error(`error: --threads (got ${threads}, expected at most ${things}, one a ${what})`);
}

/**
 * The commands of all patterns, with all their options; each makes its trace out of what was given, and hands it to
 * `made` along with itself.
 */
export function synthPatterns(
  made: (trace: SynthTrace, command: Command) => void | Promise<void>,
): readonly Command[] {
  const pattern = (name: string, description: string, ...options: Option[]) => {
    const command = new Command(name).description(description);
    for (const option of options) command.addOption(option);
    return command;
  };
  return [
    pattern(
      'random',
      'accesses spread uniformly over all lines of the footprint',
      ...[pages(), accesses(), readShare(), seed(), level(), threads()],
    ).action((options, command) => made(synthRandom(options), command)),
    pattern(
      'zipf',
      'accesses to lines of very unequal popularity',
      ...[
        pages(),
        accesses(),
        theta(0.99, 'skew: a line of rank r is met 1 / r^theta times as often'),
      ],
      order(['scattered', 'contiguous'], 'where hot lines lie: anywhere, or at the start by rank'),
      ...[readShare(), seed(), level(), threads()],
    ).action((options, command) => made(synthZipf(options), command)),
    pattern(
      'strided',
      'accesses a fixed distance apart, round and round',
      bytes('stride', 'distance, a multiple of 8 bytes', byteSize('8', '1GiB', 8), '256B'),
      ...[pages(), accesses(), readShare(), seed(), level(), threads()],
    ).action(({ stride, ...options }, command) => {
      enoughFor(options.threads, options.pages, 'page', command);
      return made(synthStrided({ ...options, strideBytes: stride }), command);
    }),
    pattern(
      'pointer-chase',
      'dependent loads along one random cycle through all lines',
      ...[pages(2 ** 22), accesses(), seed(), level(), threads()],
    ).action((options, command) => {
      enoughFor(options.threads, options.pages * 64, 'line', command);
      return made(synthPointerChase(options), command);
    }),
    pattern(
      'stream',
      "one of McCalpin's STREAM kernels over three arrays",
      bytes('array-bytes', 'size of each array, whole lines', byteSize('64', '128GiB', 64)),
      new Option('--iterations <n>', 'passes').argParser(wholeNumber(1, 1_000_000)).default(1),
      ...[level(), threads()],
    )
      .addArgument(new Argument('<kernel>', 'which').choices(STREAM_KERNELS))
      .action((kernel, options, command) => {
        enoughFor(options.threads, options.arrayBytes / 64, 'line', command);
        return made(synthStream({ ...options, kernel }), command);
      }),
    pattern(
      'mlc',
      "a read and write mix of Intel's Memory Latency Checker",
      bytes(
        'buffer-bytes',
        "size of each thread's buffer, whole pages",
        byteSize('4096', '1GiB', 4096),
      ),
      order(['sequential', 'random'], 'how each thread goes through its buffer'),
      ...[accesses(), seed(), level(), threads()],
    )
      .addArgument(
        new Argument('<mix>', 'reads to writes: R all reads, W2 2:1, W3 3:1, W5 1:1').choices(
          MLC_MIXES,
        ),
      )
      .action((mix, options, command) => made(synthMlc({ ...options, mix }), command)),
    pattern(
      'gups',
      "HPC Challenge's RandomAccess: words read, changed and written at random",
      bytes(
        'table-bytes',
        'size of the table, a power of two',
        byteSize('4096', '32GiB', 'power of two'),
      ),
      count('updates', "number of updates, two accesses each (HPCC's rule: 4 a word)"),
      ...[seed(), level(), threads(GUPS_STREAMS)],
    ).action((options, command) => made(synthGups(options), command)),
    pattern(
      'matmul',
      'a blocked matrix multiply, at access level',
      new Option('--n <n>', 'rows and columns').argParser(wholeNumber(1, 65536)).default(256),
      new Option('--block <n>', 'rows and columns of a block, a divisor of n')
        .argParser(wholeNumber(1, 4096))
        .default(64),
      new Option('--element-bytes <n>', 'bytes of an element').choices(['4', '8']).default('8'),
      threads(),
    ).action(({ elementBytes, ...options }, command) => {
      const { n, block, threads } = options;
      if (n % block !== 0)
        command.error(`error: --block (got ${block}, expected a divisor of ${n})`);
      enoughFor(threads, n / block, 'row of blocks', command);
      return made(synthMatmul({ ...options, elementBytes: Number(elementBytes) }), command);
    }),
    pattern(
      'hash-join',
      'a hash table built from one relation, probed by another, at access level',
      count('build-rows', 'tuples of 16 bytes in the build relation', 3, 2 ** 32),
      count('probe-rows', 'tuples of 16 bytes in the probe relation', 3, 2 ** 32),
      theta(0, 'skew of the probe keys; 0 is none'),
      ...[seed(), threads()],
    ).action((options, command) => {
      enoughFor(options.threads, Math.min(options.buildRows, options.probeRows), 'tuple', command);
      return made(synthHashJoin(options), command);
    }),
  ];
}
