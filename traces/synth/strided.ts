import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import { type Level, LOAD, STORE } from '../trace.ts';
import { staticSchedule } from './static-schedule.ts';
import {
  BASE_ADDRESS,
  LINE_BYTES,
  PAGE_BYTES,
  type SynthTrace,
  synthTrace,
} from './synth-trace.ts';

/**
 * Accesses a fixed number of bytes apart: a thread's i-th is at `i * strideBytes` modulo the length of its part of the
 * footprint (whole pages, `schedule(static)`), and a load with probability `readShare`. Threads take turns. At memory
 * level a row is the line that the address lies in.
 */
export function synthStrided(
  options: Readonly<{
    pages: number;
    strideBytes: number;
    accesses: number;
    seed: number;
    level: Level;
    readShare: number;
    threads: number;
  }>,
): SynthTrace {
  const { pages, strideBytes, accesses, seed, level, readShare, threads } = options;
  return synthTrace(
    {
      pattern: 'strided',
      options: { pages, stride: strideBytes, accesses, readShare, seed, level, threads },
      level,
      accesses,
      threads,
    },
    function* (builder) {
      const random = xoroshiro128plus(seed);
      const chunks = staticSchedule(pages, threads);
      const start = Float64Array.from(chunks, (chunk) => BASE_ADDRESS + chunk.start * PAGE_BYTES);
      const bytes = Float64Array.from(chunks, (chunk) => chunk.length * PAGE_BYTES);
      const offset = new Float64Array(threads);
      const size = level === 'memory' ? LINE_BYTES : 8;
      let thread = 0;
      for (let i = 0; i < accesses; i++) {
        const aligned = offset[thread] - (offset[thread] % size);
        const address = start[thread] + aligned;
        const op = (random.next() >>> 0) / 0x1_0000_0000 < readShare ? LOAD : STORE;
        builder.push(i, address, address / 0x1_0000_0000, size, op, thread);
        if (builder.full) yield builder.take();
        offset[thread] = (offset[thread] + strideBytes) % bytes[thread];
        if (++thread === threads) thread = 0;
      }
    },
  );
}
