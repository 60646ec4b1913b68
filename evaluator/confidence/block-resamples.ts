import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';

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

/** Draws resamples of so many epochs: the same ones for the same seed. */
export function blockResamples(
  epochs: number,
  options: Readonly<{ blockEpochs: number; resamples: number; seed: number }>,
): BlockResamples {
  const { blockEpochs, resamples, seed } = options;
  const blocks = Math.max(1, Math.round(epochs / blockEpochs));
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
