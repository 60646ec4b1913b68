import type { CurvePoint } from './fit-curve.ts';

/** Points within this share of the highest bandwidth count as saturated. */
const SATURATED = 0.98;
const LEAST_POINTS = 3;

/** The measured points of one read share, in ascending order of bandwidth. */
export type MeasuredShare = Readonly<{
  readShare: number;
  highestGbps: number;
  /** All points but those past saturation. */
  rising: readonly CurvePoint[];
  /** Of them those below saturation; and those at it, within 2 % of the highest bandwidth. */
  below: readonly CurvePoint[];
  saturated: readonly CurvePoint[];
  /** How many were left out since they lie past saturation, where the curve bends back. */
  pastSaturation: number;
}>;

/**
 * Sorts measured points by read share, ascending. Points with a bandwidth below 0 or a latency of 0, and what is no number,
 * are left out and counted. Throws where no share, or one of them, has enough points.
 */
export function measuredShares(points: readonly CurvePoint[]): {
  shares: MeasuredShare[];
  impossible: number;
} {
  const byShare = new Map<number, CurvePoint[]>();
  let impossible = 0;
  for (const point of points) {
    const possible = point.gbps >= 0 && point.ns > 0 && Number.isFinite(point.gbps + point.ns);
    if (!possible) {
      impossible++;
      continue;
    }
    const own = byShare.get(point.readShare);
    if (own === undefined) byShare.set(point.readShare, [point]);
    else own.push(point);
  }
  if (byShare.size === 0) {
    throw new Error(
      `curve: no usable points (got ${points.length}, expected bandwidth and latency)`,
    );
  }
  const ascending = [...byShare].sort(([a], [b]) => a - b);
  return { shares: ascending.map(([share, own]) => measuredShare(share, own)), impossible };
}

function measuredShare(readShare: number, points: readonly CurvePoint[]): MeasuredShare {
  const ascending = [...points].sort((a, b) => a.gbps - b.gbps || a.ns - b.ns);
  const highest = ascending[ascending.length - 1];
  const edge = SATURATED * highest.gbps;
  // At the edge the curve is as high as its lowest saturated point; what is slower there has bent back.
  const peak = Math.max(...ascending.filter((p) => p.gbps >= edge).map((p) => p.ns));
  const wall = Math.min(...ascending.filter((p) => p.gbps >= edge).map((p) => p.ns));
  const rising = ascending.filter((p) => (p.gbps >= edge ? p.ns <= peak : p.ns <= wall));
  const below = rising.filter((p) => p.gbps < edge);
  const distinct = new Set(rising.map((p) => p.gbps)).size;
  if (distinct < LEAST_POINTS || highest.gbps === 0) {
    const percent = `${Number((100 * readShare).toFixed(1))} % reads`;
    throw new Error(
      `curve: too few points at ${percent} (got ${distinct} different bandwidths, expected ${LEAST_POINTS})`,
    );
  }
  return {
    readShare,
    highestGbps: highest.gbps,
    rising,
    below,
    saturated: rising.filter((p) => p.gbps >= edge),
    pastSaturation: points.length - rising.length,
  };
}
