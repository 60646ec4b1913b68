import type { WeightVectors } from '../../models/mempolicy/weights.ts';
import { PLATEAU } from '../optimum.ts';
import { BLOCKS, type BlockResamples, blockResamples, blockSums } from './block-resamples.ts';
import { ratioInterval } from './ratio-interval.ts';

/** Fewer epochs than this say too little of how much they differ. */
export const LEAST_EPOCHS = BLOCKS;
const LEVEL = 0.95;

/** The times of every epoch under a vector, ns. */
export type EpochTimes = Readonly<{ weights: WeightVectors; timesNs: Float64Array }>;

/** How sure a choice is, as far as the epochs of its one run can tell. */
export type Confidence = Readonly<{
  method: 'circular block bootstrap, studentized';
  level: number;
  resamples: number;
  blockEpochs: number;
  seed: number;
  /** Of every vector the gain over the fastest node alone, as a share: 0.019 is 1.9 % more throughput. */
  gains: readonly Readonly<{ weights: WeightVectors; gain: number; low: number; high: number }>[];
  /** Shares of the resamples in which the recommended vector is the best, and within 1 % of the best. */
  recommendedBest: number;
  recommendedWithin: number;
}>;

/**
 * Resamples the epochs of all vectors together, the recommended one first; `base` is what gains are over. Bytes are the same
 * under all of them, so that gains are ratios of times. Undefined where there are fewer than 8 epochs.
 */
export function confidence(
  vectors: readonly EpochTimes[],
  base: EpochTimes,
  options: Readonly<{ resamples: number; seed: number }>,
): Confidence | undefined {
  const [recommended] = vectors;
  const epochs = recommended.timesNs.length;
  if (epochs < LEAST_EPOCHS) return undefined;
  const drawn = blockResamples(epochs, options);
  return {
    method: 'circular block bootstrap, studentized',
    level: LEVEL,
    resamples: options.resamples,
    blockEpochs: drawn.blockEpochs,
    seed: options.seed,
    gains: vectors.map(({ weights, timesNs }) => {
      const { ratio, low, high } = ratioInterval(base.timesNs, timesNs, drawn, LEVEL);
      return { weights, gain: ratio - 1, low: low - 1, high: high - 1 };
    }),
    ...frequencies(vectors, drawn),
  };
}

/** How often the first vector is the best of all, and as good as it. */
function frequencies(
  vectors: readonly EpochTimes[],
  { blockEpochs, blocks, resamples, starts }: BlockResamples,
): Pick<Confidence, 'recommendedBest' | 'recommendedWithin'> {
  const least = new Float64Array(resamples).fill(Number.POSITIVE_INFINITY);
  const own = new Float64Array(resamples);
  for (const [v, { timesNs }] of vectors.entries()) {
    const sums = blockSums(timesNs, blockEpochs);
    for (let r = 0, at = 0; r < resamples; r++) {
      let time = 0;
      for (let i = 0; i < blocks; i++, at++) time += sums[starts[at]];
      least[r] = Math.min(least[r], time);
      if (v === 0) own[r] = time;
    }
  }
  const share = (slack: number) =>
    own.reduce((count, time, r) => count + (least[r] >= time * (1 - slack) ? 1 : 0), 0) / resamples;
  return { recommendedBest: share(1e-12), recommendedWithin: share(PLATEAU) };
}
