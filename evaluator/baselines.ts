import { bandwidthAt } from '../models/memory/curve.ts';
import type { Machine, MachineNode, MachinePath } from '../models/memory/machine.ts';
import { autoWeights } from '../models/mempolicy/auto-weights.ts';
import { MAX_WEIGHT, totalOf, type Weights } from '../models/mempolicy/weights.ts';
import type { Evaluation } from './evaluation.ts';

/** The choices people make without a model, by name; the names are the keys of `baselines` in sweep.json. */
export type Baselines = Readonly<Record<BaselineName, Evaluation>>;
export const BASELINE_NAMES = [
  'fastestOnly',
  'slowestOnly',
  'equal',
  'kernelAuto',
  'capacityProportional',
  'bandwidthProportional',
] as const;
/** A proportion is met well enough by weights of this total. */
const PROPORTIONAL_TOTAL = 32;

export type BaselineName = (typeof BASELINE_NAMES)[number];

/**
 * Every baseline of a machine. Fastest and slowest are the single nodes with the most and the least throughput on this
 * demand; bandwidth is each node's asymptote at the demand's read share.
 *
 * `maxTotal` bounds the proportional vectors, 32 where that is more; `evaluate` evaluates a vector.
 */
export function baselines(
  machine: Machine,
  paths: readonly MachinePath[],
  readShare: number,
  maxTotal: number,
  evaluate: (weights: Weights) => Evaluation,
): Baselines {
  const bound = Math.max(maxTotal, PROPORTIONAL_TOTAL);
  const bandwidths = paths.map((p) => bandwidthAt(p.curve.bandwidth, readShare));
  const capacities = machine.nodes.map((n) => n.capacity_bytes);
  const auto = autoWeights(machine.nodes.map((node, k) => kernelBandwidth(node, paths[k])));
  const alone = paths
    .map((_, k) => evaluate(paths.map((_, other) => (other === k ? 1 : 0))))
    .sort((a, b) => b.throughputGbps - a.throughputGbps);
  return {
    fastestOnly: alone[0],
    slowestOnly: alone[alone.length - 1],
    equal: evaluate(paths.map(() => 1)),
    kernelAuto: evaluate(auto),
    capacityProportional: evaluate(proportional(capacities, bound)),
    bandwidthProportional: evaluate(proportional(bandwidths, bound)),
  };
}

/** The bandwidth the kernel reckons with, MB/s: firmware's, or the curve's at all reads and at its fewest reads. */
function kernelBandwidth(node: MachineNode, path: MachinePath): number {
  const reading = node.hmat?.read_mbps ?? 1000 * bandwidthAt(path.curve.bandwidth, 1);
  const writing = node.hmat?.write_mbps ?? 1000 * bandwidthAt(path.curve.bandwidth, 0);
  return Math.floor(Math.min(reading, writing));
}

/**
 * The weights nearest to a proportion with a total of at most `maxTotal`: least largest deviation of a share, then the
 * smallest total. Shares are rounded by largest remainder.
 */
export function proportional(parts: readonly number[], maxTotal: number): Weights {
  const sum = totalOf(parts);
  const shares = parts.map((part) => part / sum);
  let best: Weights = [];
  let bestError = Number.POSITIVE_INFINITY;
  for (let total = 1; total <= maxTotal; total++) {
    const weights = shares.map((share) => Math.floor(share * total));
    const byRemainder = shares
      .map((share, k) => ({ k, remainder: share * total - weights[k] }))
      .sort((a, b) => b.remainder - a.remainder || a.k - b.k);
    const short = total - totalOf(weights);
    for (const { k } of byRemainder.slice(0, short)) weights[k]++;
    const error = Math.max(...weights.map((w, k) => Math.abs(w / total - shares[k])));
    if (error < bestError - 1e-12 && Math.max(...weights) <= MAX_WEIGHT) {
      best = weights;
      bestError = error;
    }
  }
  return best;
}
