import { BatchBuilder } from '../batch-builder.ts';
import type { TraceBatch } from '../trace.ts';
import { metadataOfParts, spanHigh } from './metadata-of-parts.ts';
import type { SynthTrace } from './synth-trace.ts';

/**
 * Patterns side by side in one trace, as programs that run together: each part in a TiB of addresses of its own, with
 * threads of its own (numbered on from those of the part before). Rows are dealt in rounds, in which each part has as many
 * as its weight, spread evenly; the trace ends with the last round that no part falls short in, so shares are exact and what
 * is left of the longer parts is not written. `words` are the parts as the command line has them.
 *
 * Throws where levels differ, and where a part is shorter than its weight.
 */
export function synthMix(
  parts: readonly SynthTrace[],
  weights: readonly number[],
  words: readonly string[],
): SynthTrace {
  const metadata = metadataOfParts('mix', parts, words);
  const round = roundOf(weights);
  const rounds = Math.min(...parts.map(({ accesses }, i) => Math.floor(accesses / weights[i])));
  const short = parts.findIndex(({ accesses }, i) => accesses < weights[i]);
  if (short >= 0) {
    const { accesses } = parts[short];
    throw new Error(
      `mix: accesses of "${words[short]}" (got ${accesses}, expected ${weights[short]} or more)`,
    );
  }
  async function* batches(): AsyncGenerator<TraceBatch> {
    const builder = new BatchBuilder();
    const sources = parts.map((part) => part.batches[Symbol.asyncIterator]());
    const current: TraceBatch[] = [];
    for (const source of sources) current.push((await source.next()).value);
    const row = new Uint32Array(parts.length);
    const firstThread = parts.map((_, i) => threadsOf(parts.slice(0, i)));
    for (let time = 0; time < rounds * round.length; time++) {
      const part = round[time % round.length];
      if (row[part] === current[part].length) {
        current[part] = (await sources[part].next()).value;
        row[part] = 0;
      }
      const { address, size, op, thread } = current[part];
      const i = row[part]++;
      const high = address[2 * i + 1] + spanHigh(part);
      builder.push(time, address[2 * i], high, size[i], op[i], thread[i] + firstThread[part]);
      if (builder.full) yield builder.take();
    }
    if (builder.length > 0) yield builder.take();
  }
  return {
    metadata,
    accesses: rounds * round.length,
    threads: threadsOf(parts),
    batches: batches(),
  };
}

const threadsOf = (parts: readonly SynthTrace[]) =>
  parts.reduce((sum, part) => sum + part.threads, 0);

/**
 * The parts of one round in turn, each as often as its weight and evenly spread: always the part that is furthest behind
 * its share, the earlier of equals.
 */
function roundOf(weights: readonly number[]): Uint16Array {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const behind = weights.map(() => 0);
  return Uint16Array.from({ length: total }, () => {
    for (const [i, weight] of weights.entries()) behind[i] += weight;
    const next = behind.indexOf(Math.max(...behind));
    behind[next] -= total;
    return next;
  });
}
