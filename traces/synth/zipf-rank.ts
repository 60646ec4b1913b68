/** Terms of the sum that are added one by one; what comes after them is integrated. */
const SUMMED = 1 << 16;

/** The generalised harmonic number `zeta(n, theta)`, the sum of `1 / i^theta` for `i` from 1 to `n`, to 12 digits. */
export function zeta(n: number, theta: number): number {
  const summed = Math.min(n, SUMMED);
  let sum = 0;
  for (let i = 1; i <= summed; i++) sum += i ** -theta;
  if (n === summed) return sum;
  // Euler and Maclaurin: the integral and half the difference of the ends; the next term is below theta * SUMMED^-2 / 12.
  const integral = (n ** (1 - theta) - summed ** (1 - theta)) / (1 - theta);
  return sum + integral + (n ** -theta - summed ** -theta) / 2;
}

/**
 * Turns a uniform number of [0, 1) into a rank of `0 … n - 1` (`n` from 3), whose chance is near to `1 / (rank + 1)^theta`,
 * `0 <= theta < 1`: exact for the first two, interpolated for the others (J. Gray, P. Sundaresan, S. Englert, K. Baclawski,
 * P. J. Weinberger, "Quickly generating billion-record synthetic databases", SIGMOD 1994; YCSB's ZipfianGenerator is the same).
 */
export function zipfRank(n: number, theta: number): (u: number) => number {
  const zetaN = zeta(n, theta);
  const two = 1 + 0.5 ** theta;
  const alpha = 1 / (1 - theta);
  const eta = (1 - (2 / n) ** (1 - theta)) / (1 - two / zetaN);
  return (u) => {
    const uz = u * zetaN;
    if (uz < 1) return 0;
    if (uz < two) return 1;
    return Math.min(n - 1, Math.floor(n * (eta * u - eta + 1) ** alpha));
  };
}
