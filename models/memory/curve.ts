/**
 * A path's loaded latency, in one of two forms. Both are functions of the utilisation `u = b / B(rho)`, where `b` is the
 * bandwidth in GB/s (= bytes per ns) over the path, `rho` the share of reads in it, and `B` the bandwidth that the curve
 * rises to without bound at:
 *
 *     L(b) = idle * (1 + excess(u))
 *
 * Parametric: `excess = a * u / (1 - u)`, the waiting time of an M/M/1 queue (L. Kleinrock, Queueing Systems I, 1975,
 * section 3.2) scaled by `a`, which says how early the curve rises. Tabulated: a monotone interpolation of measured points
 * (loaded-latency.ts). Half-duplex DRAM and full-duplex CXL differ by their numbers only: B of a half-duplex bus is
 * largest at all reads, that of a full-duplex link where both lanes are full.
 *
 * Between the read shares given, B and `a` are linear; beyond the first and the last they are constant.
 */

/** A curve as a machine file holds it; `fit` is what fit-curve.ts says about points it was fitted to. */
export type Curve = ParametricCurve | TabulatedCurve;

export type ParametricCurve = Readonly<{
  /** `a`, where a share has none of its own. */
  queueing: number;
  /** `B`, and `a` if it differs, at some read shares, ascending. */
  bandwidth: readonly Readonly<{
    read_share: number;
    gbps: number;
    queueing?: number | undefined;
  }>[];
  fit?: Fit | undefined;
}>;

export type TabulatedCurve = Readonly<{
  /** Measured points at some read shares, ascending; of each share its `B`, and its points ascending in both. */
  table: readonly TableRow[];
  fit?: Fit | undefined;
}>;

export type TableRow = Readonly<{
  read_share: number;
  gbps: number;
  points: readonly Readonly<{ gbps: number; ns: number }>[];
}>;

/** How well a curve fits the points it was made from. */
export type Fit = Readonly<{
  /** Points below saturation that count, of all shares. */
  points: number;
  /** Relative rms error of the latency below saturation: over all points, and of the read share it is largest at. */
  rms: number;
  worst_rms: number;
  worst_read_share: number;
  /** Relative rms error of the bandwidth at saturation. */
  saturation_rms: number;
}>;

export function isTabulated(curve: Curve): curve is TabulatedCurve {
  return 'table' in curve;
}

/** `B` in GB/s at a read share (0 to 1). */
export function bandwidthAt(curve: Curve, readShare: number): number {
  const rows = isTabulated(curve) ? curve.table : curve.bandwidth;
  const right = rows.findIndex((row) => row.read_share >= readShare);
  const to = rows[right === -1 ? rows.length - 1 : right];
  if (right < 1) return to.gbps;
  const from = rows[right - 1];
  const along = (readShare - from.read_share) / (to.read_share - from.read_share);
  return from.gbps + along * (to.gbps - from.gbps);
}
