import type { MachinePath } from './machine.ts';

export type CurvePoint = Readonly<{ readShare: number; gbps: number; ns: number }>;
type Curve = MachinePath['curve'];

/** Stand-in until the real one is merged. */
export function fitCurve(
  points: readonly CurvePoint[],
  options: { idleNs?: number } = {},
): { idleNs: number; curve: Curve } {
  if (points.length < 2)
    throw new Error(`curve: too few points (got ${points.length}, expected 2)`);
  const shares = [...new Set(points.map((p) => p.readShare))].sort((a, b) => a - b);
  return {
    idleNs: options.idleNs ?? Math.min(...points.map((p) => p.ns)),
    curve: {
      queueing: 0.2,
      bandwidth: shares.map((read_share) => ({
        read_share,
        gbps:
          1.15 * Math.max(...points.filter((p) => p.readShare === read_share).map((p) => p.gbps)),
      })),
    },
  };
}
