/** Exponential variates of mean 1, at even quantiles: enough of them that their variance is that of the distribution to 1 %. */
const VARIATES = 1 << 10;
const TABLE = evenVariates();

/** One of the variates, by the lower bits of a random number. */
export function exponential(random: number): number {
  return TABLE[random & (VARIATES - 1)];
}

/** One of `n` things, all as likely, by the upper 20 bits of a 32-bit random number; n up to 4096. */
export function oneOf(n: number, random: number): number {
  return ((random >>> 12) * n) >>> 20;
}

/** The next 32 random bits after these, which must not be 0 (G. Marsaglia, Xorshift RNGs, Journal of Statistical Software 8, 2003). */
export function xorshift(random: number): number {
  let x = random;
  x ^= x << 13;
  x ^= x >>> 17;
  x ^= x << 5;
  return x;
}

function evenVariates(): Float64Array {
  const variates = Float64Array.from(
    { length: VARIATES },
    (_, i) => -Math.log(1 - (i + 0.5) / VARIATES),
  );
  const mean = variates.reduce((sum, x) => sum + x, 0) / VARIATES;
  return variates.map((x) => x / mean);
}
