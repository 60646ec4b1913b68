import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import { LOAD, STORE } from '../trace.ts';
import { scatter } from './scatter.ts';
import { staticSchedule } from './static-schedule.ts';
import { BASE_ADDRESS, PAGE_BYTES, type SynthTrace, synthTrace } from './synth-trace.ts';
import { zipfRank } from './zipf-rank.ts';

const TUPLE_BYTES = 16;

/**
 * A hash join without partitioning, at access level: the build relation is read in order and each of its tuples put into a
 * slot of the hash table (the slot is loaded, then stored to); then the probe relation is read in order and the slot of
 * each tuple's key loaded (S. Blanas, Y. Li, J. M. Patel, "Design and evaluation of main memory hash join algorithms for
 * multi-core CPUs", SIGMOD 2011, with its tuples of 16 bytes). Build keys are unique; probe keys are drawn from them, all
 * with the same chance or, with `theta` above 0, by `zipfRank`.
 *
 * The table has the power of two of slots that holds the build relation, and a seeded permutation for a hash, so no two
 * keys share a slot: chains are left out, and so is writing the result. Each thread has a contiguous part of both relations
 * (`schedule(static)`), all build before any probes, and threads take turns by tuple. Both relations have 3 rows or more.
 */
export function synthHashJoin(
  options: Readonly<{
    buildRows: number;
    probeRows: number;
    theta: number;
    seed: number;
    threads: number;
  }>,
): SynthTrace {
  const { buildRows, probeRows, theta, seed, threads } = options;
  return synthTrace(
    {
      pattern: 'hash-join',
      options: { buildRows, probeRows, theta, seed, threads },
      level: 'access',
      accesses: 3 * buildRows + 2 * probeRows,
      threads,
    },
    function* (builder) {
      const slots = 2 ** Math.ceil(Math.log2(buildRows));
      const slotOf = scatter(slots, seed);
      const keyOf = zipfRank(buildRows, theta);
      const random = xoroshiro128plus(seed);
      const inPages = (tuples: number) =>
        Math.ceil((tuples * TUPLE_BYTES) / PAGE_BYTES) * PAGE_BYTES;
      const table = BASE_ADDRESS;
      const buildStart = table + inPages(slots);
      const probeStart = buildStart + inPages(buildRows);
      let time = 0;
      for (const building of [true, false]) {
        const relation = building ? buildStart : probeStart;
        const chunks = staticSchedule(building ? buildRows : probeRows, threads);
        for (let i = 0; i < chunks[0].length; i++) {
          for (let thread = 0; thread < threads; thread++) {
            const { start, length } = chunks[thread];
            if (i >= length) break;
            if (!builder.hasRoom(3)) yield builder.take();
            const tuple = relation + (start + i) * TUPLE_BYTES;
            builder.push(time++, tuple, tuple / 0x1_0000_0000, TUPLE_BYTES, LOAD, thread);
            const key = building ? start + i : keyOf((random.next() >>> 0) / 0x1_0000_0000);
            const slot = table + slotOf(key) * TUPLE_BYTES;
            const high = slot / 0x1_0000_0000;
            builder.push(time++, slot, high, TUPLE_BYTES, LOAD, thread);
            if (building) builder.push(time++, slot, high, TUPLE_BYTES, STORE, thread);
          }
        }
      }
    },
  );
}
