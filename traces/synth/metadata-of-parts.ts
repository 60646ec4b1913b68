import type { TraceMetadata } from '../trace.ts';
import { PAGE_BYTES, SPAN_BYTES, type SynthTrace } from './synth-trace.ts';

/** What is added to the high word of an address to bring it into the span of part `index`. */
export const spanHigh = (index: number): number => (index * SPAN_BYTES) / 0x1_0000_0000;

/**
 * The metadata of a trace made of others: their common level, and the reads in flight if they agree about them; `words`
 * are the parts as the command line has them. Throws where the levels differ.
 */
export function metadataOfParts(
  pattern: string,
  parts: readonly SynthTrace[],
  words: readonly string[],
): TraceMetadata {
  const [{ level, outstanding }] = parts.map((part) => part.metadata);
  const other = parts.findIndex((part) => part.metadata.level !== level);
  if (other >= 0) {
    const got = `${level} and ${parts[other].metadata.level}`;
    throw new Error(
      `${pattern}: levels of "${words[0]}" and "${words[other]}" (got ${got}, expected the same)`,
    );
  }
  const agreed = parts.every((part) => part.metadata.outstanding === outstanding);
  return {
    level,
    timeUnit: 'instructions',
    pageBytes: PAGE_BYTES,
    samplePeriod: 1,
    ...(agreed && outstanding !== undefined ? { outstanding } : {}),
    source: `numaweave trace synth ${pattern} ${words.map((word) => `"${word}"`).join(' ')}`,
  };
}
