/**
 * A studentized bootstrap interval of the ratio of two runs' times, on its logarithm (bootstrap-t: B. Efron, The Jackknife,
 * the Bootstrap and Other Resampling Plans, 1982; with blocks: F. Götze, H. R. Künsch, Annals of Statistics 24, 1996):
 *
 *     t* = (log r* - log r) / se*      from log r - t*[1 - q] se to log r - t*[q] se      q = (1 - level) / 2
 *
 * Every resample reckons its own standard error, from how much its blocks differ. That is why it keeps its level on short
 * and skewed series, where the percentiles of r* are too close together. A resample without the one epoch that differs has
 * hardly any error of its own, and t* no bound: so se* is taken for a third of se at least, and the interval for no wider
 * than the ratios of single epochs.
 */

import { type BlockResamples, blockSums } from './block-resamples.ts';

/** How many times as long the first of two runs takes, and from where to where that may be. */
export type RatioInterval = Readonly<{ ratio: number; low: number; high: number }>;

/** What differs by less than this is rounding. */
const ROUNDING = 1e-12;
/** The least error a resample is taken to have, as a share of that of the run. */
const LEAST_ERROR = 1 / 3;

/** The interval at a level (0 to 1) of the sum of `base` over that of `own`, two series of the same epochs, ns. */
export function ratioInterval(
  base: Float64Array,
  own: Float64Array,
  { blockEpochs, blocks, resamples, starts }: BlockResamples,
  level: number,
): RatioInterval {
  const above = blockSums(base, blockEpochs);
  const below = blockSums(own, blockEpochs);
  const ratio = sumOf(base) / sumOf(own);
  const error = errorOverBlocks(above, below, ratio, blockEpochs);
  const least = Math.max(LEAST_ERROR * error, ROUNDING);
  const t = new Float64Array(resamples);
  for (let resample = 0, at = 0; resample < resamples; resample++) {
    let [b, c, bb, bc, cc] = [0, 0, 0, 0, 0];
    for (let i = 0; i < blocks; i++, at++) {
      const x = above[starts[at]];
      const y = below[starts[at]];
      b += x;
      c += y;
      bb += x * x;
      bc += x * y;
      cc += y * y;
    }
    const resampled = b / c;
    const squares = Math.max(0, bb - 2 * resampled * bc + resampled * resampled * cc);
    const ownError = Math.sqrt((squares * blocks) / (blocks - 1)) / b;
    const difference = Math.log(resampled / ratio);
    t[resample] = Math.abs(difference) < ROUNDING ? 0 : difference / Math.max(ownError, least);
  }
  t.sort();
  const tail = (1 - level) / 2;
  const ratios = base.map((b, i) => b / own[i]).filter((r) => r > 0);
  return {
    ratio,
    low: Math.max(ratio * Math.exp(-quantile(t, 1 - tail) * error), Math.min(...ratios)),
    high: Math.min(ratio * Math.exp(-quantile(t, tail) * error), Math.max(...ratios)),
  };
}

/**
 * The standard error of the logarithm of a ratio, by the delta method: that of the sum of `e = b - ratio c` over that of b.
 * The variance of the sum of e comes from all n blocks there are, each a sum of e, as if n / block of them were independent.
 */
function errorOverBlocks(
  above: Float64Array,
  below: Float64Array,
  ratio: number,
  blockEpochs: number,
): number {
  const n = above.length;
  let squares = 0;
  for (let i = 0; i < n; i++) squares += (above[i] - ratio * below[i]) ** 2;
  const total = sumOf(above) / blockEpochs;
  return Math.sqrt((squares / blockEpochs) * (n / (n - blockEpochs))) / total;
}

function sumOf(series: Float64Array): number {
  return series.reduce((sum, x) => sum + x, 0);
}

/** Of sorted values; linear between the two nearest. */
function quantile(sorted: Float64Array, q: number): number {
  const at = q * (sorted.length - 1);
  const low = Math.floor(at);
  const high = Math.min(low + 1, sorted.length - 1);
  return sorted[low] + (at - low) * (sorted[high] - sorted[low]);
}
