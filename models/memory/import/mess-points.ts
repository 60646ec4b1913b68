import { z } from 'zod';
import { lineError } from '../../../traces/line-error.ts';
import { parseJson } from '../../../traces/parse-json.ts';

/** A point as a file has it, its bandwidth in MB/s and its latency in ns or cycles; NaN where a figure is missing. */
export type MessPoint = Readonly<{ readShare: number; mbps: number; latency: number }>;

/** The points of one file and the unit of their latency. */
export type MessPoints = Readonly<{ points: readonly MessPoint[]; unit: 'ns' | 'cycles' }>;

/** Bandwidth above which a JSON file of curves is in MB/s, and so in cycles: no machine has that many GB/s. */
const MOST_GBPS = 5000;

const SHARE = ['read_pct_rounded', 'read_pct', 'rw_ratio'];
const BANDWIDTH: ReadonlyMap<string, number> = new Map([
  ['bandwidth_smooth', 1000],
  ['bandwidth_mean', 1000],
  ['bandwidth_GBps', 1000],
  ['bandwidth_MBps', 1],
]);
const LATENCY = ['latency_smooth', 'latency_mean', 'latency_ns'];

/** The points of a table with a header: read percentage, GB/s or MB/s as its name says, ns. */
export function messCsv(file: string, text: string): MessPoints {
  const [header, ...lines] = text.split('\n');
  const names = header.split(',').map((name) => name.trim());
  const column = (wanted: readonly string[], what: string) => {
    const name = wanted.find((n) => names.includes(n));
    if (name === undefined) throw lineError(file, 1, `no ${what}`, header, wanted.join(' or '));
    return { name, at: names.indexOf(name) };
  };
  const share = column(SHARE, 'column of read shares');
  const bandwidth = column([...BANDWIDTH.keys()], 'column of bandwidths');
  const latency = column(LATENCY, 'column of latencies');
  const factor = BANDWIDTH.get(bandwidth.name) as number;
  const points: MessPoint[] = [];
  for (const [i, line] of lines.entries()) {
    if (line.trim() === '') continue;
    const cells = line.split(',');
    if (cells.length !== names.length)
      throw lineError(file, i + 2, 'row', line, `${names.length} columns`);
    const readShare = percentage(cells[share.at]);
    if (readShare === undefined)
      throw lineError(file, i + 2, 'read share', cells[share.at], '0 to 100 %');
    points.push({
      readShare,
      mbps: figure(cells[bandwidth.at]) * factor,
      latency: figure(cells[latency.at]),
    });
  }
  return { points, unit: 'ns' };
}

const curvesJson = z.record(z.string(), z.array(z.tuple([z.number(), z.number()])));

/** The points of an object from read percentage to pairs of bandwidth and latency: GB/s and ns, or MB/s and cycles. */
export function messJson(file: string, text: string): MessPoints {
  const curves = parseJson(file, text, curvesJson);
  const all = Object.values(curves).flat();
  const inMbps = all.some(([bandwidth]) => bandwidth > MOST_GBPS);
  const points = Object.entries(curves).flatMap(([key, pairs]) => {
    const readShare = percentage(key);
    if (readShare === undefined) {
      throw new Error(
        `${file}: read share (got ${JSON.stringify(key).slice(0, 60)}, expected 0 to 100 %)`,
      );
    }
    return pairs.map(([bandwidth, latency]) => ({
      readShare,
      mbps: inMbps ? bandwidth : bandwidth * 1000,
      latency,
    }));
  });
  return { points, unit: inMbps ? 'cycles' : 'ns' };
}

/** The points of two columns, MB/s and cycles, all of one read share; nothing where the second column is missing. */
export function messColumns(
  file: string,
  text: string,
  readShare: number,
): readonly MessPoint[] | undefined {
  const points: MessPoint[] = [];
  let lacking = 0;
  for (const [i, line] of text.split('\n').entries()) {
    const cells = line.trim().split(/[\s,]+/);
    if (cells[0] === '') continue;
    if (cells.length === 1 && !Number.isNaN(figure(cells[0]))) lacking++;
    else if (cells.length !== 2 || cells.some((cell) => Number.isNaN(figure(cell))))
      throw lineError(file, i + 1, 'row', line, 'bandwidth in MB/s and latency in cycles');
    else points.push({ readShare, mbps: figure(cells[0]), latency: figure(cells[1]) });
  }
  return points.length === 0 && lacking > 0 ? undefined : points;
}

/** A percentage of reads as a share; nothing where it is none. */
export function percentage(text: string): number | undefined {
  const percent = figure(text);
  return percent >= 0 && percent <= 100 ? percent / 100 : undefined;
}

function figure(text: string): number {
  return text.trim() === '' ? Number.NaN : Number(text);
}
