/**
 * How many epochs a block of the circular block bootstrap has: one and a half times the automatic length from the
 * autocorrelation (D. N. Politis, H. White, Econometric Reviews 23, 2004; corrected by A. Patton, D. N. Politis, H. White,
 * Econometric Reviews 28, 2009):
 *
 *     b = (2 G^2 / D)^(1/3) n^(1/3)    G = sum of lambda(k / M) |k| R(k)    D = 4/3 (sum of lambda(k / M) R(k))^2
 *
 * with autocovariances R at lags k, a flat-top window lambda, and M twice the last lag that is correlated. That length
 * makes the variance's error least; intervals of a few hundred epochs cover better with blocks half as long again.
 */

const LONGER = 1.5;
/** Blocks there are at least, so that a resample can say how much its own blocks differ. */
export const LEAST_BLOCKS = 8;

/** The block length in epochs for a series of at least 8: an eighth of it at most. */
export function blockLength(series: Float64Array): number {
  const n = series.length;
  const insignificant = 2 * Math.sqrt(Math.log10(n) / n);
  const quietLags = Math.max(5, Math.ceil(Math.sqrt(Math.log10(n))));
  const lags = Math.min(n - 1, Math.ceil(Math.sqrt(n)) + quietLags);
  const covariance = autocovariances(series, lags);
  if (!(covariance[0] > 0)) return 1;
  let last = 1;
  for (let k = 1, quiet = 0; k <= lags && quiet < quietLags; k++) {
    quiet = Math.abs(covariance[k] / covariance[0]) > insignificant ? 0 : quiet + 1;
    if (quiet === 0) last = k;
  }
  const window = Math.min(2 * last, lags);
  let slope = 0;
  let spectrum = covariance[0];
  for (let k = 1; k <= window; k++) {
    const lambda = Math.min(1, 2 * (1 - k / window));
    slope += 2 * lambda * k * covariance[k];
    spectrum += 2 * lambda * covariance[k];
  }
  const automatic = Math.ceil(Math.cbrt((1.5 * slope * slope * n) / (spectrum * spectrum)));
  const longest = Math.max(1, Math.floor(n / LEAST_BLOCKS));
  return Math.min(longest, Math.ceil(LONGER * Math.max(1, automatic)));
}

/** Autocovariances at lags 0 to `lags`, about the mean, each a sum over n. */
export function autocovariances(series: Float64Array, lags: number): Float64Array {
  const n = series.length;
  const mean = series.reduce((sum, x) => sum + x, 0) / n;
  return Float64Array.from({ length: lags + 1 }, (_, k) => {
    let sum = 0;
    for (let i = k; i < n; i++) sum += (series[i] - mean) * (series[i - k] - mean);
    return sum / n;
  });
}
