import { expect, test } from 'vitest';
import { autoWeights } from '../../../models/mempolicy/auto-weights.ts';
import { vendorWeights } from '../../../models/mempolicy/vendor-weights.ts';
import { totalOf, type Weights, weightsText } from '../../../models/mempolicy/weights.ts';

/** Bandwidths in GB/s; of each rule its weights, and what the bottleneck bound makes of them, % of all bandwidths. */
const WORKED: readonly [number[], string, number, string, number][] = [
  [[300, 60], '9:2', 91.7, '26:5', 99.4],
  [[256, 64], '4:1', 100, '25:6', 99.2],
  [[307, 27], '19:2', 84.9, '29:2', 98.3],
  [[220, 35], '7:1', 98.6, '27:4', 99.1],
  [[180, 50], '3:1', 87, '25:6', 97],
  [[560, 205], '3:1', 97.6, '23:8', 98.7],
  [[204, 51], '3:1', 80, '25:6', 99.2],
  [[300, 300, 60, 60], '9:9:2:2', 91.7, '13:13:2:2', 96.2],
  [[250, 30, 30, 30], '8:1:1:1', 97.1, '23:2:2:2', 92.7],
];

/** Bytes a second where the node that needs longest bounds the run, in % of what all nodes can do together. */
function ofIdeal(bandwidths: readonly number[], weights: Weights): number {
  const slowest = Math.max(...weights.map((w, k) => w / totalOf(weights) / bandwidths[k]));
  return Number((100 / slowest / totalOf(bandwidths)).toFixed(1));
}

test.each(WORKED)('%j GB/s: the script sets %s, the kernel %4$s', (bandwidths, ...worked) => {
  const vendor = vendorWeights(bandwidths);
  const kernel = autoWeights(bandwidths.map((gbps) => 1000 * gbps));
  expect([
    weightsText(vendor),
    ofIdeal(bandwidths, vendor),
    weightsText(kernel),
    ofIdeal(bandwidths, kernel),
  ]).toEqual(worked);
});

test('what the kernel would not take: a weight of 0 is 1, one above 255 is 255', () => {
  expect(vendorWeights([8, 0.3])).toEqual([8, 1]);
  expect(vendorWeights([1000, 1.5])).toEqual([255, 1]);
  expect(vendorWeights([9.5, 2.5])).toEqual([5, 1]);
});
