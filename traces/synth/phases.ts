import type { TraceBatch } from '../trace.ts';
import { metadataOfParts, spanHigh } from './metadata-of-parts.ts';
import type { SynthTrace } from './synth-trace.ts';

/**
 * Patterns one after another in one trace, each part in a TiB of addresses of its own, time running on from part to part,
 * threads numbered as in each part: a program that does one thing, then another. `words` are the parts as the command
 * line has them. Throws where their levels differ.
 */
export function synthPhases(parts: readonly SynthTrace[], words: readonly string[]): SynthTrace {
  async function* batches(): AsyncGenerator<TraceBatch> {
    let before = 0;
    for (const [index, part] of parts.entries()) {
      for await (const batch of part.batches) {
        const { length, time, address } = batch;
        for (let i = 0; i < length; i++) {
          const now = before + time[2 * i + 1] * 0x1_0000_0000 + time[2 * i];
          time[2 * i] = now;
          time[2 * i + 1] = now / 0x1_0000_0000;
          address[2 * i + 1] += spanHigh(index);
        }
        yield batch;
      }
      before += part.accesses;
    }
  }
  return {
    metadata: metadataOfParts('phases', parts, words),
    accesses: parts.reduce((sum, part) => sum + part.accesses, 0),
    threads: Math.max(...parts.map((part) => part.threads)),
    batches: batches(),
  };
}
