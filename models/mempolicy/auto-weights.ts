/**
 * The weights the kernel derives from firmware bandwidths (Linux 6.16 and later, `mm/mempolicy.c`,
 * `reduce_interleave_weights`):
 *
 *     w[n] = max(1, floor(32 * bw[n] / sum of bw)), then all divided by their greatest common divisor
 *
 * where `bw[n]` is the smaller of the node's read and write bandwidth from its best CPU initiator, in MB/s.
 */

import { reduced, type Weights } from './weights.ts';

/** `weightiness` in the kernel. */
const WEIGHTINESS = 32;

/** Auto weights for nodes of these bandwidths (MB/s, whole numbers as the kernel holds them). */
export function autoWeights(bandwidths: readonly number[]): Weights {
  const sum = bandwidths.reduce((total, bw) => total + bw, 0);
  return reduced(bandwidths.map((bw) => Math.max(1, Math.floor((WEIGHTINESS * bw) / sum))));
}
