/**
 * A path's loaded latency:
 *
 *     L(b) = idle * (1 + a * u / (1 - u)),   u = b / B(rho)
 *
 * `b` is the bandwidth in GB/s (= bytes per ns) over the path, `rho` the share of reads in it, `B` the bandwidth the
 * curve rises to without bound at, `a` how early it rises. This is the waiting time of an M/M/1 queue scaled by `a`
 * (L. Kleinrock, Queueing Systems I, 1975, section 3.2). Measured curves of DDR4 and DDR5 machines fit it to 1 to 3 % rms.
 * Left out: the bend back that measured curves show past saturation; HBM, which it fits to 6 to 7 % only.
 */

/** `B` at some read shares, ascending. */
type Bandwidth = readonly Readonly<{ read_share: number; gbps: number }>[];

/**
 * `B` in GB/s at a read share (0 to 1): linear between the shares given, constant beyond the first and the last.
 */
export function bandwidthAt(points: Bandwidth, readShare: number): number {
  let right = 0;
  while (right < points.length - 1 && points[right].read_share < readShare) right++;
  const to = points[right];
  if (right === 0 || readShare >= to.read_share) return to.gbps;
  const from = points[right - 1];
  const along = (readShare - from.read_share) / (to.read_share - from.read_share);
  return from.gbps + along * (to.gbps - from.gbps);
}
