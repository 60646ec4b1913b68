/**
 * A path's curve from measured points of loaded latency.
 *
 * First the parametric form is fitted (curve.ts), by least squares of relative errors: of latency below saturation, of
 * bandwidth at saturation, where latency says little. For a given idle latency and B the best `a` of a read share is a
 * linear least-squares problem; B is searched for each share, the idle latency for all of them together (variable
 * projection: G. H. Golub, V. Pereyra, SIAM Journal on Numerical Analysis 10, 1973). Where that leaves a share with more error
 * than `TOLERANCE`, the points themselves become a table: latency made monotone by isotonic regression and thinned where a
 * straight line does as well.
 *
 * Saturated are points within 2 % of the highest bandwidth of their read share. Past it measured curves bend back: there
 * latency still rises while bandwidth falls, since more requests get in each other's way. A curve cannot do that, and a
 * closed loop never needs it: those points are left out, and counted.
 */

import { rootMeanSquare } from 'simple-statistics';
import type { Curve, Fit } from './curve.ts';
import { LoadedLatency } from './loaded-latency.ts';
import { type MeasuredShare, measuredShares } from './measured-share.ts';
import { rounded } from './rounded.ts';
import { tableRow } from './table-row.ts';

/** Relative rms error, of latency below and of bandwidth at saturation, up to which a share is parametric. */
const TOLERANCE = 0.05;
/** B above the highest bandwidth measured: no more than what curves of machines that were driven to saturation show. */
const [LEAST_HEADROOM, MOST_HEADROOM] = [1.0005, 1.25];
const HEADROOM_STEPS = 40;
const LEAST_QUEUEING = 1e-3;
const GOLDEN = (Math.sqrt(5) - 1) / 2;
const GOLDEN_STEPS = 40;
/** How far the idle latency may lie from the lowest one measured, either way. */
const IDLE_RANGE = 0.08;

/** One measured point: reads as a share of all lines, bandwidth of both, and the latency of a read. */
export type CurvePoint = Readonly<{ readShare: number; gbps: number; ns: number }>;

export type FittedCurve = Readonly<{
  idleNs: number;
  curve: Curve & Readonly<{ fit: Fit }>;
  /** Points that were not used: no number or below 0; and past saturation, where the curve bends back. */
  leftOut: Readonly<{ impossible: number; pastSaturation: number }>;
}>;

/**
 * Fits idle latency (unless it is known) and curve to points. Throws where a read share has too few points to make a
 * curve, naming it.
 */
export function fitCurve(
  points: readonly CurvePoint[],
  options: Readonly<{ idleNs?: number; form?: 'parametric' | 'table' }> = {},
): FittedCurve {
  const { shares, impossible } = measuredShares(points);
  const pastSaturation = shares.reduce((sum, share) => sum + share.pastSaturation, 0);
  const leftOut = { impossible, pastSaturation };
  if (options.form !== 'table') {
    const idleNs = options.idleNs ?? rounded(bestIdle(shares));
    const curve = parametric(shares, idleNs);
    const fit = fitOf(shares, curve, idleNs);
    const good = Math.max(fit.worst_rms, worstSaturation(shares, curve, idleNs)) <= TOLERANCE;
    if (good || options.form === 'parametric') return { idleNs, curve: { ...curve, fit }, leftOut };
  }
  const lowest = Math.min(...shares.flatMap(({ rising }) => rising.map((p) => p.ns)));
  const idleNs = options.idleNs ?? rounded(lowest);
  const curve = { table: shares.map((share) => tableRow(share, idleNs)) };
  return { idleNs, curve: { ...curve, fit: fitOf(shares, curve, idleNs) }, leftOut };
}

function parametric(shares: readonly MeasuredShare[], idleNs: number): Curve {
  const fitted = shares.map((share) => ({ share, ...bestParameters(share, idleNs) }));
  const middle = [...fitted].sort((a, b) => a.queueing - b.queueing)[fitted.length >> 1].queueing;
  return {
    queueing: rounded(middle),
    bandwidth: fitted.map(({ share, gbps, queueing }) => ({
      read_share: share.readShare,
      gbps: rounded(gbps),
      ...(fitted.length > 1 ? { queueing: rounded(queueing) } : {}),
    })),
  };
}

/** The idle latency with which the shares together are fitted best. */
function bestIdle(shares: readonly MeasuredShare[]): number {
  const lowest = shares.map(({ rising }) => Math.min(...rising.map((p) => p.ns)));
  const start = lowest.sort((a, b) => a - b)[lowest.length >> 1];
  const cost = (idle: number) =>
    shares.reduce((sum, share) => sum + bestParameters(share, idle).cost, 0);
  return least(cost, start * (1 - IDLE_RANGE), start * (1 + IDLE_RANGE));
}

type Parameters = { gbps: number; queueing: number; cost: number };

/** B and `a` of one read share, and the sum of squared relative errors they leave. */
function bestParameters(share: MeasuredShare, idleNs: number): Parameters {
  const at = (headroom: number) => withBandwidth(share, idleNs, headroom * share.highestGbps);
  const step = (MOST_HEADROOM - LEAST_HEADROOM) / HEADROOM_STEPS;
  let best = LEAST_HEADROOM;
  for (let i = 1; i <= HEADROOM_STEPS; i++) {
    const headroom = LEAST_HEADROOM + i * step;
    if (at(headroom).cost < at(best).cost) best = headroom;
  }
  const low = Math.max(LEAST_HEADROOM, best - step);
  return at(least((headroom) => at(headroom).cost, low, Math.min(MOST_HEADROOM, best + step)));
}

function withBandwidth(share: MeasuredShare, idleNs: number, gbps: number): Parameters {
  let across = 0;
  let along = 0;
  for (const p of share.below) {
    const rise = (idleNs * p.gbps) / (gbps - p.gbps) / p.ns;
    across += rise * (1 - idleNs / p.ns);
    along += rise * rise;
  }
  const queueing = Math.max(LEAST_QUEUEING, along > 0 ? across / along : LEAST_QUEUEING);
  let cost = 0;
  for (const p of share.below) {
    const error = (idleNs * (1 + (queueing * p.gbps) / (gbps - p.gbps))) / p.ns - 1;
    cost += error * error;
  }
  for (const p of share.saturated) {
    const excess = Math.max(0, p.ns / idleNs - 1);
    const error = (gbps * excess) / (excess + queueing) / p.gbps - 1;
    cost += error * error;
  }
  return { gbps, queueing, cost };
}

/** How well a curve gives back the points. */
function fitOf(shares: readonly MeasuredShare[], curve: Curve, idleNs: number): Fit {
  const errors = shares.map((share) => latencyErrors(share, curve, idleNs));
  const rms = errors.map((own) => (own.length === 0 ? 0 : rootMeanSquare(own)));
  const worst = rms.indexOf(Math.max(...rms));
  const all = errors.flat();
  const atSaturation = shares.flatMap((share) => bandwidthErrors(share, curve, idleNs));
  return {
    points: all.length,
    rms: rounded(all.length === 0 ? 0 : rootMeanSquare(all)),
    worst_rms: rounded(rms[worst]),
    worst_read_share: shares[worst].readShare,
    saturation_rms: rounded(atSaturation.length === 0 ? 0 : rootMeanSquare(atSaturation)),
  };
}

function worstSaturation(shares: readonly MeasuredShare[], curve: Curve, idleNs: number): number {
  const rms = shares.map((share) => {
    const errors = bandwidthErrors(share, curve, idleNs);
    return errors.length === 0 ? 0 : rootMeanSquare(errors);
  });
  return Math.max(...rms);
}

function latencyErrors(share: MeasuredShare, curve: Curve, idleNs: number): number[] {
  const latency = new LoadedLatency(curve, idleNs);
  latency.setShare(share.readShare);
  return share.below.map((p) => {
    latency.evaluate(p.gbps / latency.gbps);
    return (idleNs * (1 + latency.excess)) / p.ns - 1;
  });
}

/** Relative errors of the bandwidth at which the curve has the latencies of the saturated points. */
function bandwidthErrors(share: MeasuredShare, curve: Curve, idleNs: number): number[] {
  const latency = new LoadedLatency(curve, idleNs);
  latency.setShare(share.readShare);
  return share.saturated.map((p) => {
    let [low, high] = [0, 1];
    for (let i = 0; i < GOLDEN_STEPS; i++) {
      const middle = (low + high) / 2;
      latency.evaluate(middle);
      if (idleNs * (1 + latency.excess) < p.ns) low = middle;
      else high = middle;
    }
    return (low * latency.gbps) / p.gbps - 1;
  });
}

/** Where a function of one variable is least between two ends, by golden section. */
function least(f: (x: number) => number, from: number, to: number): number {
  let [low, high] = [from, to];
  let [left, right] = [high - GOLDEN * (high - low), low + GOLDEN * (high - low)];
  let [atLeft, atRight] = [f(left), f(right)];
  for (let i = 0; i < GOLDEN_STEPS; i++) {
    if (atLeft <= atRight) {
      [high, right, atRight] = [right, left, atLeft];
      left = high - GOLDEN * (high - low);
      atLeft = f(left);
    } else {
      [low, left, atLeft] = [left, right, atRight];
      right = low + GOLDEN * (high - low);
      atRight = f(right);
    }
  }
  return (low + high) / 2;
}
