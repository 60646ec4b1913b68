/**
 * The weights a memory vendor's script sets (HMSDK 2 and 3, `tools/iw_ratio.py`, of bandwidths that MLC measured):
 *
 *     while the largest is above 10: halve all, unless that would bring one to 1 or less
 *     round each, then divide all by their greatest common divisor
 */

import { MAX_WEIGHT, reduced, type Weights } from './weights.ts';

const LARGEST = 10;

/**
 * The script's weights for nodes of these bandwidths, GB/s. Halves are rounded to even, as Python does.
 *
 * What rounds to 0 is 1 here, and what is above 255 is 255: the script writes those weights, but the kernel takes 0 for
 * its own default and refuses the others.
 */
export function vendorWeights(bandwidths: readonly number[]): Weights {
  let scaled = bandwidths;
  while (Math.max(...scaled) > LARGEST && scaled.every((bw) => bw / 2 > 1))
    scaled = scaled.map((bw) => bw / 2);
  const rounded = reduced(scaled.map((bw) => Math.max(1, roundedToEven(bw))));
  return rounded.map((weight) => Math.min(MAX_WEIGHT, weight));
}

function roundedToEven(value: number): number {
  const below = Math.floor(value);
  return value - below === 0.5 ? below + (below % 2) : Math.round(value);
}
