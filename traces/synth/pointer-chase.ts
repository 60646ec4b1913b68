import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import { type Level, LOAD } from '../trace.ts';
import { type Chunk, staticSchedule } from './static-schedule.ts';
import {
  BASE_ADDRESS,
  LINE_BYTES,
  PAGE_BYTES,
  type SynthTrace,
  synthTrace,
} from './synth-trace.ts';

/**
 * A pointer chase: loads that follow one random cycle through every line of the footprint, each waiting for the one
 * before, so a thread has one read outstanding. The cycle is Sattolo's (S. Sattolo, "An algorithm to generate a random
 * cyclic permutation", 1986), and is kept in 4 bytes a line. Several threads have a cycle each, through its own part
 * of the footprint, and take turns. The same options give the same trace.
 */
export function synthPointerChase(
  options: Readonly<{
    pages: number;
    accesses: number;
    seed: number;
    level: Level;
    threads?: number;
  }>,
): SynthTrace {
  const { pages, accesses, seed, level, threads = 1 } = options;
  return synthTrace(
    {
      pattern: 'pointer-chase',
      options: { pages, accesses, seed, level, threads },
      level,
      accesses,
      threads,
      outstanding: 1,
    },
    function* (builder) {
      const chunks = staticSchedule((pages * PAGE_BYTES) / LINE_BYTES, threads);
      const next = randomCycles(chunks, seed);
      const line = Uint32Array.from(chunks, ({ start }) => start);
      const size = level === 'memory' ? LINE_BYTES : 8;
      let thread = 0;
      for (let i = 0; i < accesses; i++) {
        const address = BASE_ADDRESS + line[thread] * LINE_BYTES;
        builder.push(i, address, address / 0x1_0000_0000, size, LOAD, thread);
        if (builder.full) yield builder.take();
        line[thread] = next[line[thread]];
        if (++thread === threads) thread = 0;
      }
    },
  );
}

/** A random permutation that is a single cycle within each chunk: `next[i]` follows `i`. */
function randomCycles(chunks: readonly Chunk[], seed: number): Uint32Array {
  const next = new Uint32Array(chunks.reduce((sum, { length }) => sum + length, 0));
  for (let i = 0; i < next.length; i++) next[i] = i;
  const random = xoroshiro128plus(seed);
  for (const { start, length } of chunks) {
    for (let i = start + length - 1; i > start; i--) {
      const j = uniformInt(random, start, i - 1);
      const swapped = next[i];
      next[i] = next[j];
      next[j] = swapped;
    }
  }
  return next;
}
