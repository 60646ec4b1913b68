import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import { BatchBuilder } from '../batch-builder.ts';
import { LOAD, STORE, type Trace, type TraceBatch } from '../trace.ts';
import { BASE_PAGE, LINE_BYTES, PAGE_BYTES, type SynthOptions } from './synth-options.ts';

/**
 * Accesses spread uniformly over lines: each falls on any line of the footprint with equal chance and is a load with
 * probability `readShare`, independently of all others. The same options give the same trace.
 */
export function synthRandom(options: SynthOptions & Readonly<{ readShare: number }>): Trace {
  const { pages, accesses, seed, level, readShare } = options;
  async function* batches(): AsyncGenerator<TraceBatch> {
    const random = xoroshiro128plus(seed);
    const builder = new BatchBuilder();
    const linesPerPage = PAGE_BYTES / LINE_BYTES;
    const size = level === 'memory' ? LINE_BYTES : 8;
    for (let i = 0; i < accesses; i++) {
      const page = BASE_PAGE + Math.floor(((random.next() >>> 0) / 0x1_0000_0000) * pages);
      const bits = random.next() >>> 0;
      const offset = (bits % linesPerPage) * LINE_BYTES;
      const op = bits / 0x1_0000_0000 < readShare ? LOAD : STORE;
      const low = ((page * PAGE_BYTES) % 0x1_0000_0000) + offset;
      builder.push(i, low, (page * PAGE_BYTES) / 0x1_0000_0000, size, op, 0);
      if (builder.full) yield builder.take();
    }
    if (builder.length > 0) yield builder.take();
  }
  return {
    metadata: {
      level,
      timeUnit: 'instructions',
      pageBytes: PAGE_BYTES,
      samplePeriod: 1,
      source: `numaweave trace synth random --pages ${pages} --accesses ${accesses} --read-share ${readShare} --seed ${seed}`,
    },
    batches: batches(),
  };
}
