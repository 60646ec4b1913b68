import type { Curve } from './facts.ts';

/**
 * A curve of reads only made one of several mixes: at each share of reads the bandwidth is `ratio` times that of reads
 * only. Shares ascend; 1 is among them with ratio 1.
 */
export function withMixes(
  curve: Curve,
  mixes: readonly Readonly<{ readShare: number; ratio: number }>[],
): Curve {
  const { bandwidth, ...rest } = curve;
  const { gbps } = bandwidth[bandwidth.length - 1];
  return {
    ...rest,
    bandwidth: mixes.map(({ readShare, ratio }) => ({
      read_share: rounded(readShare),
      gbps: rounded(gbps * ratio),
    })),
  };
}

/** The curve with its bandwidths times `factor`. */
export function scaledCurve(curve: Curve, factor: number): Curve {
  const { bandwidth, ...rest } = curve;
  return {
    ...rest,
    bandwidth: bandwidth.map((point) => ({ ...point, gbps: rounded(point.gbps * factor) })),
  };
}

/** To four decimals at most: more is not in what was measured. */
export function rounded(n: number): number {
  return Math.round(n * 1e4) / 1e4;
}
