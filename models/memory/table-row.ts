import type { TableRow } from './curve.ts';
import { LoadedLatency } from './loaded-latency.ts';
import type { MeasuredShare } from './measured-share.ts';
import { rounded } from './rounded.ts';

/** B of a table lies this far above its last point: latency beyond what was measured is not known, only that it soars. */
const HEADROOM = 1.005;
/** Points are left out where the curve through the others passes this near, relative to their latency. */
const THINNING = 0.004;

type Point = { gbps: number; ns: number };

/** The points of one read share as a row of a table: monotone, from the idle latency up, no more than it takes. */
export function tableRow(share: MeasuredShare, idleNs: number): TableRow {
  const points: Point[] = [];
  for (const { gbps, ns } of isotonic(share.rising, idleNs)) {
    const point = { gbps: rounded(gbps), ns: Math.max(idleNs, rounded(ns)) };
    // Rounding may bring two points together: the one with the higher latency is kept.
    if (points.length > 0 && point.gbps <= points[points.length - 1].gbps) points.pop();
    if (point.gbps > 0) points.push(point);
  }
  const row = { read_share: share.readShare, gbps: rounded(share.highestGbps * HEADROOM) };
  const kept = [points[0], ...(points.length > 1 ? [points[points.length - 1]] : [])];
  for (let next = missed(); next !== undefined; next = missed()) {
    kept.push(next);
    kept.sort((a, b) => a.gbps - b.gbps);
  }
  return { ...row, points: kept };

  /** The point that the curve through the kept ones misses most, unless it misses none. */
  function missed(): Point | undefined {
    const latency = new LoadedLatency({ table: [{ ...row, points: kept }] }, idleNs);
    let worst: Point | undefined;
    let most = THINNING;
    for (const point of points) {
      latency.evaluate(point.gbps / latency.gbps);
      const off = Math.abs((idleNs * (1 + latency.excess)) / point.ns - 1);
      if (off > most && !kept.includes(point)) [worst, most] = [point, off];
    }
    return worst;
  }
}

/** Latency that never falls as bandwidth grows, by least squares: pools adjacent violators (R. E. Barlow et al., 1972). */
function isotonic(points: readonly Point[], idleNs: number): Point[] {
  const blocks: (Point & { weight: number })[] = [];
  for (const { gbps, ns } of points) {
    let block = { gbps, ns: Math.max(ns, idleNs), weight: 1 };
    let before = blocks[blocks.length - 1];
    while (before !== undefined && (before.ns > block.ns || before.gbps === block.gbps)) {
      const weight = before.weight + block.weight;
      block = {
        gbps: (before.gbps * before.weight + block.gbps * block.weight) / weight,
        ns: (before.ns * before.weight + block.ns * block.weight) / weight,
        weight,
      };
      blocks.pop();
      before = blocks[blocks.length - 1];
    }
    blocks.push(block);
  }
  return blocks;
}
