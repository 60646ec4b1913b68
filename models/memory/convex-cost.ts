/**
 * What reads pay for a share of a node's time, as a convex function: `h(u) = u * (1 + excess(u))`, latency over the idle one
 * times the load. Where demand is to be divided best, `h` has to be convex: with parametric curves it is; of a table the
 * largest convex function below it is taken, so that no division does better than what is computed with it.
 */

import type { Curve } from './curve.ts';
import { LoadedLatency } from './loaded-latency.ts';

/** Samples of a table up to its last points, and closer and closer to its pole. */
const [EVEN_SAMPLES, POLE_SAMPLES] = [512, 512];
const NEAREST_TO_POLE = 1e-9;

export interface ConvexCost {
  /** Least utilisation with at least the marginal cost `m`: 0 for m up to 1, below 1 always. */
  utilisationAt(m: number): number;
  /** `h` at a utilisation below 1. */
  at(utilisation: number): number;
}

/** The cost of a path's curve at a read share. */
export function convexCost(curve: Curve, idleNs: number, readShare: number): ConvexCost {
  const latency = new LoadedLatency(curve, idleNs);
  latency.setShare(readShare);
  if (latency.tabulated) return hullCost(latency);
  const { queueing } = latency;
  return {
    utilisationAt: (m) => (m <= 1 ? 0 : 1 - 1 / Math.sqrt(1 + (m - 1) / queueing)),
    at: (u) => u * (1 + (queueing * u) / (1 - u)),
  };
}

/** The least `excess(u) * (1 - u) / u` of a curve at a read share: the parametric curve that lies below it. */
export function leastQueueing(curve: Curve, idleNs: number, readShare: number): number {
  const latency = new LoadedLatency(curve, idleNs);
  latency.setShare(readShare);
  if (!latency.tabulated) return latency.queueing;
  const values = samples().map((u) => {
    latency.evaluate(u);
    return (latency.excess * (1 - u)) / u;
  });
  return Math.min(...values.slice(1));
}

function samples(): number[] {
  const even = Array.from({ length: EVEN_SAMPLES }, (_, i) => (0.9 * i) / EVEN_SAMPLES);
  const ratio = (NEAREST_TO_POLE / 0.1) ** (1 / (POLE_SAMPLES - 1));
  const near = Array.from({ length: POLE_SAMPLES }, (_, i) => 1 - 0.1 * ratio ** i);
  return [...even, ...near];
}

function hullCost(latency: LoadedLatency): ConvexCost {
  const us: number[] = [];
  const hs: number[] = [];
  for (const u of samples()) {
    latency.evaluate(u);
    const h = u * (1 + latency.excess);
    // A point above the line from the one before it to this one is no corner of the hull.
    while (us.length > 1) {
      const [b, a] = [us.length - 1, us.length - 2];
      if ((hs[b] - hs[a]) * (u - us[a]) < (h - hs[a]) * (us[b] - us[a])) break;
      us.pop();
      hs.pop();
    }
    us.push(u);
    hs.push(h);
  }
  const last = us.length - 1;
  const slopeFrom = (i: number) => (hs[i + 1] - hs[i]) / (us[i + 1] - us[i]);
  return {
    utilisationAt(m) {
      let low = 0;
      let high = last;
      while (low < high) {
        const middle = (low + high) >> 1;
        if (slopeFrom(middle) < m) low = middle + 1;
        else high = middle;
      }
      return us[low];
    },
    at(u) {
      let low = 0;
      let high = last;
      while (high - low > 1) {
        const middle = (low + high) >> 1;
        if (us[middle] <= u) low = middle;
        else high = middle;
      }
      return hs[low] + slopeFrom(low) * (u - us[low]);
    },
  };
}
