import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import { type Level, LOAD, STORE } from '../trace.ts';
import { BASE_ADDRESS, LINE_BYTES, type SynthTrace, synthTrace } from './synth-trace.ts';

/** Lines that each mix only loads for every line that it stores to; all reads where there is no store. */
const MIXES = {
  R: { loads: 1, stores: 0 },
  W2: { loads: 1, stores: 1 },
  W3: { loads: 2, stores: 1 },
  W5: { loads: 0, stores: 1 },
} as const;

export type MlcMix = keyof typeof MIXES;
export const MLC_MIXES = Object.keys(MIXES) as readonly MlcMix[];

/**
 * The traffic of Intel's Memory Latency Checker (its usage text, version 3.x: `-R` reads only, `-W2` 2:1 reads to writes,
 * `-W3` 3:1, `-W5` 1:1, `-U` random). The ratios are of memory traffic with ordinary stores, which read their line before it
 * is written back: the usage calls `-W11`, 3:1, "stream triad-like with RFO". So W2 is a load and a store, W3 two loads
 * and a store, W5 stores alone.
 *
 * Each thread goes through its own buffer line by line, in order or at random, and threads take turns by what makes up
 * the ratio once. At access level a row is a load or store of 8 bytes. At memory level it is a line, and a line stored
 * to is read and at once written, without the delay that a cache would put between. `bufferBytes` are whole pages.
 */
export function synthMlc(
  options: Readonly<{
    mix: MlcMix;
    bufferBytes: number;
    order: 'sequential' | 'random';
    accesses: number;
    seed: number;
    level: Level;
    threads: number;
  }>,
): SynthTrace {
  const { mix, bufferBytes, order, accesses, seed, level, threads } = options;
  const { loads, stores } = MIXES[mix];
  const memory = level === 'memory';
  const lines = loads + stores;
  const rows = loads + stores * (memory ? 2 : 1);
  return synthTrace(
    {
      pattern: `mlc ${mix}`,
      options: { bufferBytes, order, accesses, seed, level, threads },
      level,
      accesses: Math.ceil(accesses / rows) * rows,
      threads,
    },
    function* (builder) {
      const random = xoroshiro128plus(seed);
      const size = memory ? LINE_BYTES : 8;
      const bufferLines = bufferBytes / LINE_BYTES;
      const position = new Float64Array(threads);
      let thread = 0;
      for (let time = 0; time < accesses; ) {
        if (!builder.hasRoom(rows)) yield builder.take();
        const start = BASE_ADDRESS + thread * bufferBytes;
        for (let k = 0; k < lines; k++) {
          let line = position[thread];
          if (order === 'random') {
            line = Math.floor(((random.next() >>> 0) / 0x1_0000_0000) * bufferLines);
          } else {
            position[thread] = line + 1 < bufferLines ? line + 1 : 0;
          }
          const low = start + line * LINE_BYTES;
          const high = low / 0x1_0000_0000;
          if (memory || k < loads) builder.push(time++, low, high, size, LOAD, thread);
          if (k >= loads) builder.push(time++, low, high, size, STORE, thread);
        }
        if (++thread === threads) thread = 0;
      }
    },
  );
}
