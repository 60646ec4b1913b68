import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import { type Level, LOAD, STORE } from '../trace.ts';
import { scatter } from './scatter.ts';
import {
  BASE_ADDRESS,
  LINE_BYTES,
  PAGE_BYTES,
  type SynthTrace,
  synthTrace,
} from './synth-trace.ts';
import { zipfRank } from './zipf-rank.ts';

/**
 * Accesses to lines, some of which are far more popular than others: the line of rank `r` (from 1) has a chance near to
 * `1 / r^theta` (`zipfRank`). Lines are `scattered` over the footprint by a seeded permutation, as YCSB scatters its records
 * (though with a hash, which lets some fall together), or lie `contiguous` by rank, the hottest first. An access is a
 * load with probability `readShare`. Threads take turns.
 */
export function synthZipf(
  options: Readonly<{
    pages: number;
    accesses: number;
    theta: number;
    order: 'scattered' | 'contiguous';
    readShare: number;
    seed: number;
    level: Level;
    threads: number;
  }>,
): SynthTrace {
  const { pages, accesses, theta, order, readShare, seed, level, threads } = options;
  return synthTrace(
    {
      pattern: 'zipf',
      options: { pages, accesses, theta, order, readShare, seed, level, threads },
      level,
      accesses,
      threads,
    },
    function* (builder) {
      const lines = (pages * PAGE_BYTES) / LINE_BYTES;
      const random = xoroshiro128plus(seed);
      const rankOf = zipfRank(lines, theta);
      const lineOf = order === 'scattered' ? scatter(lines, seed) : (rank: number) => rank;
      const size = level === 'memory' ? LINE_BYTES : 8;
      let thread = 0;
      for (let i = 0; i < accesses; i++) {
        // 53 bits: with 32, the cold lines of a large footprint would never be met.
        const u = ((random.next() >>> 5) * 0x400_0000 + (random.next() >>> 6)) / 2 ** 53;
        const address = BASE_ADDRESS + lineOf(rankOf(u)) * LINE_BYTES;
        const op = (random.next() >>> 0) / 0x1_0000_0000 < readShare ? LOAD : STORE;
        builder.push(i, address, address / 0x1_0000_0000, size, op, thread);
        if (builder.full) yield builder.take();
        if (++thread === threads) thread = 0;
      }
    },
  );
}
