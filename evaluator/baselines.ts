import { bandwidthAt } from '../models/memory/curve.ts';
import type { Machine, MachineNode, MachinePath } from '../models/memory/machine.ts';
import { autoWeights } from '../models/mempolicy/auto-weights.ts';
import { vendorWeights } from '../models/mempolicy/vendor-weights.ts';
import { MAX_WEIGHT, totalOf, type Weights } from '../models/mempolicy/weights.ts';
import type { Evaluation } from './evaluation.ts';

/** The choices people make without a model, by name; the names are the keys of `baselines` in sweep.json. */
export type Baselines = Readonly<Record<BaselineName, Evaluation>>;
export const BASELINE_NAMES = [
  'fastestOnly',
  'slowestOnly',
  'equal',
  'kernelAuto',
  'vendorScript',
  'capacityProportional',
  'bandwidthProportional',
] as const;
/** A proportion is met well enough by weights of this total. */
const PROPORTIONAL_TOTAL = 32;

export type BaselineName = (typeof BASELINE_NAMES)[number];

/**
 * Every baseline of a machine. Fastest and slowest are the single nodes with the most and the least throughput on this
 * demand; bandwidth is each node's asymptote over its best path at the demand's read share. Kernels without `autoWeights`
 * weigh all nodes alike where nobody sets weights. The vendor's script is given the bandwidths the kernel reckons with.
 *
 * `maxTotal` bounds the proportional vectors, 32 where that is more; `evaluate` evaluates a vector, one weight a node.
 */
export function baselines(
  machine: Machine,
  options: Readonly<{ readShare: number; maxTotal: number; autoWeights: boolean }>,
  evaluate: (weights: Weights) => Evaluation,
): Baselines {
  const { nodes } = machine;
  const bound = Math.max(options.maxTotal, PROPORTIONAL_TOTAL);
  const bandwidths = nodes.map((node) =>
    Math.max(...pathsTo(machine, node).map((p) => bandwidthAt(p.curve, options.readShare))),
  );
  const capacities = nodes.map((n) => n.capacity_bytes);
  const equal = nodes.map(() => 1);
  const told = nodes.map((node) => kernelBandwidth(machine, node));
  const auto = options.autoWeights ? autoWeights(told) : equal;
  const alone = nodes
    .map((_, k) => evaluate(nodes.map((_, other) => (other === k ? 1 : 0))))
    .sort((a, b) => b.throughputGbps - a.throughputGbps);
  return {
    fastestOnly: alone[0],
    slowestOnly: alone[alone.length - 1],
    equal: evaluate(equal),
    kernelAuto: evaluate(auto),
    vendorScript: evaluate(vendorWeights(told.map((mbps) => mbps / 1000))),
    capacityProportional: evaluate(proportional(capacities, bound)),
    bandwidthProportional: evaluate(proportional(bandwidths, bound)),
  };
}

function pathsTo({ paths }: Machine, node: MachineNode): MachinePath[] {
  return paths.filter((p) => p.node === node.id);
}

/** The bandwidth the kernel reckons with, MB/s: firmware's, or the best path's curve at all reads and at its fewest. */
function kernelBandwidth(machine: Machine, node: MachineNode): number {
  const ofPaths = pathsTo(machine, node).map(({ curve }) => {
    const reading = node.hmat?.read_mbps ?? 1000 * bandwidthAt(curve, 1);
    const writing = node.hmat?.write_mbps ?? 1000 * bandwidthAt(curve, 0);
    return Math.floor(Math.min(reading, writing));
  });
  return Math.max(...ofPaths);
}

/**
 * The weights nearest to a proportion with a total of at most `maxTotal`: least largest deviation of a share, then the
 * smallest total.
 */
export function proportional(parts: readonly number[], maxTotal: number): Weights {
  const sum = totalOf(parts);
  const shares = parts.map((part) => part / sum);
  let best: Weights = [];
  let bestError = Number.POSITIVE_INFINITY;
  for (let total = 1; total <= maxTotal; total++) {
    const weights = nearest(shares, total);
    const error = Math.max(...weights.map((w, k) => Math.abs(w / total - shares[k])));
    if (error < bestError - 1e-12 && Math.max(...weights) <= MAX_WEIGHT) {
      best = weights;
      bestError = error;
    }
  }
  return best;
}

/** The weights of a given total nearest to shares that sum to 1: rounded down, then up by largest remainder. */
export function nearest(shares: readonly number[], total: number): number[] {
  const weights = shares.map((share) => Math.floor(share * total));
  const byRemainder = shares
    .map((share, k) => ({ k, remainder: share * total - weights[k] }))
    .sort((a, b) => b.remainder - a.remainder || a.k - b.k);
  const short = total - totalOf(weights);
  for (const { k } of byRemainder.slice(0, short)) weights[k]++;
  return weights;
}
