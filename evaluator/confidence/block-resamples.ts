import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';

/**
 * The blocks a run is taken as. Few and long ones: what is correlated over many epochs then stays in one, at the price of
 * wider intervals. On made-up runs a length that follows the autocorrelation, or the cube root, covers too seldom (docs/model.md).
 */
export const BLOCKS = 8;

/**
 * Resamples of a run's epochs in blocks that wrap around its end (circular block bootstrap: D. N. Politis, J. P. Romano,
 * in Exploring the Limits of Bootstrap, 1992): every epoch is drawn equally often, and neighbours stay together.
 */
export type BlockResamples = Readonly<{
  blockEpochs: number;
  /** Blocks in a resample: together nearly as many epochs as the run has. */
  blocks: number;
  resamples: number;
  /** The first epoch of every block, resample by resample; the same for all series that are resampled. */
  starts: Uint32Array;
}>;

/**
 * Draws resamples of so many epochs, 8 at least, in blocks of an eighth of them, rounded down: the same ones for the same
 * seed.
 */
export function blockResamples(
  epochs: number,
  { resamples, seed }: Readonly<{ resamples: number; seed: number }>,
): BlockResamples {
  const blockEpochs = Math.floor(epochs / BLOCKS);
  const blocks = Math.round(epochs / blockEpochs);
  const random = xoroshiro128plus(seed);
  const starts = new Uint32Array(resamples * blocks);
  for (let i = 0; i < starts.length; i++) starts[i] = uniformInt(random, 0, epochs - 1);
  return { blockEpochs, blocks, resamples, starts };
}

/** For every epoch the sum of the block that begins with it. */
export function blockSums(series: Float64Array, blockEpochs: number): Float64Array {
  const n = series.length;
  return Float64Array.from(series, (_, start) => {
    let sum = 0;
    for (let i = 0; i < blockEpochs; i++) sum += series[(start + i) % n];
    return sum;
  });
}
