import type { TimeModelName } from '../../models/memory/time-model.ts';
import type { WeightHome } from '../../models/mempolicy/weight-home.ts';
import type { WeightVectors } from '../../models/mempolicy/weights.ts';
import { BLOCKS, type BlockResamples, blockResamples, blockSums } from './block-resamples.ts';
import { ratioInterval } from './ratio-interval.ts';

/** Fewer epochs than this say too little of how much they differ. */
export const LEAST_EPOCHS = BLOCKS;
export const METHOD = 'circular block bootstrap, studentized';
const LEVEL = 0.95;
/** Times that differ by less are equal. */
const ROUNDING = 1e-12;

/** A vector, the time each epoch takes under it, ns, whether it could have been recommended, and its home if it is another. */
export type EpochTimes = Readonly<{
  weights: WeightVectors;
  timesNs: Float64Array;
  choosable: boolean;
  home?: WeightHome;
}>;

/** How sure a choice is, as far as the epochs of its one run can tell. */
export type Confidence = Readonly<{
  method: typeof METHOD;
  /** What timed the epochs. */
  model: Exclude<TimeModelName, 'queue'>;
  level: number;
  resamples: number;
  blockEpochs: number;
  seed: number;
  /** Of every vector the gain over the fastest node alone, as a share: 0.019 is 1.9 % more throughput. */
  gains: readonly Readonly<{
    weights: WeightVectors;
    home?: WeightHome;
    gain: number;
    low: number;
    high: number;
  }>[];
  /** Shares of the resamples in which the recommended vector is the best, and as good as the best: within as much of it as asked for. */
  recommendedBest: number;
  recommendedWithin: number;
}>;

/**
 * Resamples the epochs of all vectors together, of which the first is the recommended one; gains are over `base`, the epoch
 * times of the fastest node alone. Bytes are the same under all, so that gains are ratios of times. Needs 8 epochs.
 */
export function confidence(
  vectors: readonly EpochTimes[],
  base: Float64Array,
  options: Readonly<{
    model: Confidence['model'];
    resamples: number;
    seed: number;
    /** How far below the best still counts as good as it, %. */
    within: number;
  }>,
): Confidence {
  const { model, resamples, seed, within } = options;
  const drawn = blockResamples(base.length, { resamples, seed });
  return {
    method: METHOD,
    model,
    level: LEVEL,
    resamples,
    blockEpochs: drawn.blockEpochs,
    seed,
    gains: vectors.map(({ weights, timesNs, home }) => {
      const { ratio, low, high } = ratioInterval(base, timesNs, drawn, LEVEL);
      const gain = { gain: ratio - 1, low: low - 1, high: high - 1 };
      return { weights, ...(home === undefined ? {} : { home }), ...gain };
    }),
    ...frequencies(
      vectors.filter((v) => v.choosable),
      drawn,
      within / 100,
    ),
  };
}

/** How often the first vector is the best of all, and as good as it. */
function frequencies(
  vectors: readonly EpochTimes[],
  { blockEpochs, blocks, resamples, starts }: BlockResamples,
  within: number,
): Pick<Confidence, 'recommendedBest' | 'recommendedWithin'> {
  const least = new Float64Array(resamples).fill(Number.POSITIVE_INFINITY);
  const first = new Float64Array(resamples);
  for (const [v, { timesNs }] of vectors.entries()) {
    const sums = blockSums(timesNs, blockEpochs);
    for (let resample = 0, at = 0; resample < resamples; resample++) {
      let time = 0;
      for (let i = 0; i < blocks; i++, at++) time += sums[starts[at]];
      if (v === 0) first[resample] = time;
      if (time < least[resample]) least[resample] = time;
    }
  }
  const share = (slack: number) => {
    let count = 0;
    for (let r = 0; r < resamples; r++) if (least[r] >= first[r] * (1 - slack)) count++;
    return count / resamples;
  };
  return { recommendedBest: share(ROUNDING), recommendedWithin: share(within) };
}
