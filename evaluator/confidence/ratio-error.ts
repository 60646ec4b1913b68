import { autocovariances } from './block-length.ts';
import { blockSums } from './block-resamples.ts';

/**
 * The standard error of log(B / C), where B and C are sums of two paired series, by the delta method: that of the sum of
 * `e = b - (B / C) c` over B. The long-run variance of e is the larger of two, since either alone is too small on short runs:
 *
 * - over blocks: the mean square of all block sums of e over the block length, times n / (n - block);
 * - as if e were an AR(1) process: R(0) (1 + phi) / (1 - phi), phi = r + (1 + 4 r) / n with r the correlation of
 *   neighbours, 0 at least, which undoes its bias (M. G. Kendall, Biometrika 41, 1954).
 */
export function ratioError(base: Float64Array, own: Float64Array, blockEpochs: number): number {
  const n = base.length;
  const total = sumOf(base);
  const ratio = total / sumOf(own);
  const residual = base.map((b, i) => b - ratio * own[i]);
  const squares = blockSums(residual, blockEpochs).reduce((sum, x) => sum + x * x, 0);
  const overBlocks = squares / blockEpochs / (n - blockEpochs);
  const [variance, covariance] = autocovariances(residual, 1);
  if (!(variance > 0)) return 0;
  const neighbours = Math.max(0, covariance / variance);
  const phi = Math.min(MOST_CORRELATED, neighbours + (1 + 4 * neighbours) / n);
  const asProcess = (variance * (1 + phi)) / (1 - phi);
  return Math.sqrt(n * Math.max(overBlocks, asProcess)) / total;
}

const MOST_CORRELATED = 0.95;

/** The sum of a series. */
export function sumOf(series: Float64Array): number {
  return series.reduce((sum, x) => sum + x, 0);
}
