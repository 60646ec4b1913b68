import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import { BatchBuilder } from '../batch-builder.ts';
import { LOAD, type Trace, type TraceBatch } from '../trace.ts';
import { BASE_PAGE, LINE_BYTES, PAGE_BYTES, type SynthOptions } from './synth-options.ts';

/**
 * A pointer chase: loads that follow one random cycle through every line of the footprint, each waiting for the one
 * before, so a thread has one read outstanding. The cycle is Sattolo's (S. Sattolo, "An algorithm to generate a random
 * cyclic permutation", 1986). The same options give the same trace.
 */
export function synthPointerChase(options: SynthOptions): Trace {
  const { pages, accesses, seed, level } = options;
  async function* batches(): AsyncGenerator<TraceBatch> {
    const next = randomCycle((pages * PAGE_BYTES) / LINE_BYTES, seed);
    const builder = new BatchBuilder();
    const size = level === 'memory' ? LINE_BYTES : 8;
    let line = 0;
    for (let i = 0; i < accesses; i++) {
      const address = BASE_PAGE * PAGE_BYTES + line * LINE_BYTES;
      builder.push(i, address % 0x1_0000_0000, address / 0x1_0000_0000, size, LOAD, 0);
      if (builder.full) yield builder.take();
      line = next[line];
    }
    if (builder.length > 0) yield builder.take();
  }
  return {
    metadata: {
      level,
      timeUnit: 'instructions',
      pageBytes: PAGE_BYTES,
      samplePeriod: 1,
      outstanding: 1,
      source: `numaweave trace synth pointer-chase --pages ${pages} --accesses ${accesses} --seed ${seed}`,
    },
    batches: batches(),
  };
}

/** A random permutation of `0 … length - 1` that is a single cycle: `next[i]` follows `i`. */
function randomCycle(length: number, seed: number): Uint32Array {
  const next = Uint32Array.from({ length }, (_, i) => i);
  const random = xoroshiro128plus(seed);
  for (let i = length - 1; i > 0; i--) {
    const j = uniformInt(random, 0, i - 1);
    const swapped = next[i];
    next[i] = next[j];
    next[j] = swapped;
  }
  return next;
}
