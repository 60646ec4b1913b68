/**
 * Evaluates a path's curve (curve.ts): excess latency over the idle one, at a read share and a utilisation.
 *
 * Between the points of a table runs a monotone cubic (F. N. Fritsch, R. E. Carlson, SIAM Journal on Numerical Analysis
 * 17, 1980), so that the curve never falls. From the last point on it rises as `(u - u0)(1 - u0) / (1 - u)` times the slope it
 * arrives with, which has its pole at B: so a table saturates like every other curve. Between two read shares the
 * excesses of both are mixed, at the same utilisation.
 */

import { type Curve, isTabulated, type TableRow } from './curve.ts';

/** A table may not leave its last point flatter than this, in excess per utilisation, or it would hardly saturate. */
const LEAST_END_SLOPE = 0.1;
/** A utilisation at which nodes are used where it matters. */
const HIGH_LOAD = 0.85;

/** One read share of a table: knots from the origin, ascending; the slope at each; and the slope past the last. */
type Knots = Readonly<{
  u: Float64Array;
  excess: Float64Array;
  slope: Float64Array;
  end: number;
}>;

/** One path's curve; `setShare` and `evaluate` leave their results in the fields and allocate nothing. */
export class LoadedLatency {
  /** `B` in GB/s, and `a`, at the read share set; of a table the `a` it comes near at high load, to start from. */
  gbps = 0;
  queueing = 0;
  /** Excess over the idle latency, as a factor of it, and its derivative by utilisation. */
  excess = 0;
  slope = 0;
  readonly #shares: Float64Array;
  readonly #gbps: Float64Array;
  readonly #queueing: Float64Array;
  readonly #tables: readonly Knots[] | undefined;
  #right = 0;
  #along = 0;

  constructor(curve: Curve, idleNs: number) {
    const rows = isTabulated(curve) ? curve.table : curve.bandwidth;
    this.#shares = Float64Array.from(rows, (row) => row.read_share);
    this.#gbps = Float64Array.from(rows, (row) => row.gbps);
    this.#tables = isTabulated(curve) ? curve.table.map((row) => knotsOf(row, idleNs)) : undefined;
    this.#queueing = isTabulated(curve)
      ? Float64Array.from(curve.table, (row) => this.#queueingNear(row.read_share))
      : Float64Array.from(curve.bandwidth, (row) => row.queueing ?? curve.queueing);
    this.setShare(1);
  }

  get tabulated(): boolean {
    return this.#tables !== undefined;
  }

  /** Chooses the read share, 0 to 1. */
  setShare(readShare: number): void {
    const shares = this.#shares;
    const last = shares.length - 1;
    let right = this.#right;
    while (right < last && shares[right] < readShare) right++;
    while (right > 0 && shares[right - 1] >= readShare) right--;
    this.#right = right;
    if (right === 0 || readShare >= shares[right]) {
      this.#along = 1;
      this.gbps = this.#gbps[right];
      this.queueing = this.#queueing[right];
      return;
    }
    const left = right - 1;
    const along = (readShare - shares[left]) / (shares[right] - shares[left]);
    this.#along = along;
    this.gbps = this.#gbps[left] + along * (this.#gbps[right] - this.#gbps[left]);
    this.queueing = this.#queueing[left] + along * (this.#queueing[right] - this.#queueing[left]);
  }

  /** Sets `excess` and `slope` at a utilisation: at 0 none, at 1 and above without bound. */
  evaluate(utilisation: number): void {
    if (this.#tables === undefined) {
      const left = 1 - utilisation;
      this.excess = left <= 0 ? Number.POSITIVE_INFINITY : (this.queueing * utilisation) / left;
      this.slope = left <= 0 ? Number.POSITIVE_INFINITY : this.queueing / (left * left);
      return;
    }
    this.#evaluateTable(this.#tables[this.#right], utilisation);
    if (this.#along === 1) return;
    const along = this.#along;
    const { excess, slope } = this;
    this.#evaluateTable(this.#tables[this.#right - 1], utilisation);
    this.excess = (1 - along) * this.excess + along * excess;
    this.slope = (1 - along) * this.slope + along * slope;
  }

  /** `a` of the parametric curve that passes through this one at a utilisation between 0 and 1. */
  queueingAt(utilisation: number): number {
    if (this.#tables === undefined) return this.queueing;
    this.evaluate(utilisation);
    return (this.excess * (1 - utilisation)) / utilisation;
  }

  /** `a` of a table at one of its read shares, at high load. */
  #queueingNear(share: number): number {
    this.#right = this.#shares.indexOf(share);
    this.#along = 1;
    return this.queueingAt(HIGH_LOAD);
  }

  #evaluateTable({ u, excess, slope, end }: Knots, at: number): void {
    const last = u.length - 1;
    if (at >= u[last]) {
      const left = 1 - at;
      const free = 1 - u[last];
      this.excess =
        left <= 0 ? Number.POSITIVE_INFINITY : excess[last] + (end * (at - u[last]) * free) / left;
      this.slope = left <= 0 ? Number.POSITIVE_INFINITY : (end * free * free) / (left * left);
      return;
    }
    let low = 0;
    let high = last;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (u[middle] <= at) low = middle;
      else high = middle;
    }
    const width = u[high] - u[low];
    const t = (at - u[low]) / width;
    const rise = excess[high] - excess[low];
    const cubic = width * (slope[low] + slope[high]) - 2 * rise;
    const square = 3 * rise - width * (2 * slope[low] + slope[high]);
    this.excess = excess[low] + t * (width * slope[low] + t * (square + t * cubic));
    this.slope = slope[low] + (t * (2 * square + 3 * t * cubic)) / width;
  }
}

function knotsOf({ gbps, points }: TableRow, idleNs: number): Knots {
  const u = Float64Array.from([0, ...points.map((p) => p.gbps / gbps)]);
  const excess = Float64Array.from([0, ...points.map((p) => p.ns / idleNs - 1)]);
  const slope = monotoneSlopes(u, excess);
  return { u, excess, slope, end: Math.max(slope[slope.length - 1], LEAST_END_SLOPE) };
}

/**
 * Slopes at the knots with which a cubic through nondecreasing values is monotone: at the ends the secant, between them
 * the harmonic mean of both secants weighted by the widths (F. N. Fritsch, J. Butland, SIAM Journal on Scientific and
 * Statistical Computing 5, 1984).
 */
function monotoneSlopes(u: Float64Array, value: Float64Array): Float64Array {
  const last = u.length - 1;
  const slope = new Float64Array(u.length);
  const secant = (i: number) => (value[i + 1] - value[i]) / (u[i + 1] - u[i]);
  for (let i = 1; i < last; i++) {
    const [left, right] = [secant(i - 1), secant(i)];
    if (left <= 0 || right <= 0) continue;
    const [before, after] = [u[i] - u[i - 1], u[i + 1] - u[i]];
    const [a, b] = [2 * after + before, after + 2 * before];
    slope[i] = (a + b) / (a / left + b / right);
  }
  slope[0] = secant(0);
  slope[last] = secant(last - 1);
  return slope;
}
