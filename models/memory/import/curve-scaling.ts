import { type Curve, isTabulated, type TableRow } from '../curve.ts';
import { rounded } from '../rounded.ts';

/**
 * A curve of reads only made one of several mixes: at each share of reads the bandwidth is `ratio` times that of reads
 * only. Shares ascend; 1 is among them with ratio 1.
 */
export function withMixes(
  curve: Curve,
  mixes: readonly Readonly<{ readShare: number; ratio: number }>[],
): Curve {
  const shares = mixes.map(({ readShare, ratio }) => ({ read_share: rounded(readShare), ratio }));
  if (isTabulated(curve)) {
    const reads = curve.table[curve.table.length - 1];
    const table = shares.map(({ read_share, ratio }) => scaledRow({ ...reads, read_share }, ratio));
    return { ...curve, table };
  }
  const { gbps } = curve.bandwidth[curve.bandwidth.length - 1];
  const bandwidth = shares.map(({ read_share, ratio }) => ({
    read_share,
    gbps: rounded(gbps * ratio),
  }));
  return { ...curve, bandwidth };
}

/**
 * The curve with its bandwidths times `factor`, for a path whose idle latency is `idleFactor` times that of the curve's own.
 * How well it fits is left out: nothing was measured.
 */
export function scaledCurve(curve: Curve, factor: number, idleFactor: number): Curve {
  if (isTabulated(curve)) {
    return { table: curve.table.map((row) => scaledRow(row, factor, idleFactor)) };
  }
  const bandwidth = curve.bandwidth.map((point) => ({
    ...point,
    gbps: rounded(point.gbps * factor),
  }));
  return { queueing: curve.queueing, bandwidth };
}

function scaledRow(row: TableRow, factor: number, idleFactor = 1): TableRow {
  return {
    read_share: row.read_share,
    gbps: plain(row.gbps * factor),
    points: row.points.map(({ gbps, ns }) => ({
      gbps: plain(gbps * factor),
      ns: plain(ns * idleFactor),
    })),
  };
}

/** To eight digits: points of a table stay apart, and the file has no tails of binary fractions. */
function plain(x: number): number {
  return Number(x.toPrecision(8));
}
