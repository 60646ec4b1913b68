/** The greatest common divisor of two whole numbers from 0 on. */
export function gcd(a: number, b: number): number {
  return b === 0 ? a : gcd(b, a % b);
}
