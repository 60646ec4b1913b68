import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import { type Level, LOAD, STORE } from '../trace.ts';
import { BASE_PAGE, LINE_BYTES, PAGE_BYTES, type SynthTrace, synthTrace } from './synth-trace.ts';

/**
 * Accesses spread uniformly over lines: each falls on any line of the footprint with equal chance and is a load with
 * probability `readShare`, independently of all others. Threads take turns. The same options give the same trace.
 */
export function synthRandom(
  options: Readonly<{
    pages: number;
    accesses: number;
    seed: number;
    level: Level;
    readShare: number;
    threads?: number;
  }>,
): SynthTrace {
  const { pages, accesses, seed, level, readShare, threads = 1 } = options;
  return synthTrace(
    {
      pattern: 'random',
      options: { pages, accesses, readShare, seed, level, threads },
      level,
      accesses,
      threads,
    },
    function* (builder) {
      const random = xoroshiro128plus(seed);
      const linesPerPage = PAGE_BYTES / LINE_BYTES;
      const size = level === 'memory' ? LINE_BYTES : 8;
      let thread = 0;
      for (let i = 0; i < accesses; i++) {
        const page = BASE_PAGE + Math.floor(((random.next() >>> 0) / 0x1_0000_0000) * pages);
        const bits = random.next() >>> 0;
        const offset = (bits % linesPerPage) * LINE_BYTES;
        const op = bits / 0x1_0000_0000 < readShare ? LOAD : STORE;
        // A page has 4096 bytes: its number's 20 low bits make the low word, those above are the high word.
        builder.push(i, (page << 12) + offset, page >>> 20, size, op, thread);
        if (++thread === threads) thread = 0;
        if (builder.full) yield builder.take();
      }
    },
  );
}
