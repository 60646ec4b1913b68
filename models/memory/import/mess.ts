import { type CurvePoint, fitCurve } from '../fit-curve.ts';
import { counted } from './counted.ts';
import type { ImportOptions, MachineFacts, NodeFacts } from './facts.ts';
import { type MessFiles, readMessFiles } from './mess-files.ts';

/** More read shares than that are thinned to 11 of even distance: between them curves are interpolated. */
const MOST_SHARES = 16;
/** Fewer different bandwidths do not make a curve. */
const LEAST_POINTS = 3;

/**
 * Curves of bandwidth and latency that the Mess benchmark (P. Esmaili-Dokht et al., MICRO 2024) or PROFET measured, of one
 * socket and one node. They say nothing of the machine beyond that.
 */
export function readMess(path: string, options: ImportOptions = {}): MachineFacts {
  const { onto, addNs = 0 } = options;
  const read = readMessFiles(path);
  if (read.points.length === 0) {
    throw new Error(`${path}: no points in it (expected bandwidths with latencies)`);
  }
  const ghz = read.unit === 'cycles' ? clockOf(path, read, options.ghz) : 1;
  const converted = read.points.map(
    ({ readShare, mbps, latency }): CurvePoint => ({
      readShare,
      gbps: mbps / 1000,
      ns: latency / ghz + addNs,
    }),
  );
  const { points, doubts } = usable(converted);
  let fitted: ReturnType<typeof fitCurve>;
  try {
    fitted = fitCurve(points);
  } catch (error) {
    throw new Error(`${path}: ${(error as Error).message}`);
  }
  const { pastSaturation } = fitted.leftOut;
  if (pastSaturation > 0) {
    doubts.push(`${pointsLeft(pastSaturation, 'past saturation')}: there the curve bends back.`);
  }
  if (read.unit === 'ns' && options.ghz !== undefined) {
    doubts.push('The latencies are in ns: --ghz was of no use.');
  }
  if (read.unit === 'cycles' && options.ghz === undefined) {
    doubts.push(
      `The clock is what ${read.clock?.file} says, often the nominal one: --ghz states another.`,
    );
  }
  const node = options.node ?? 0;
  const known = onto?.nodes.find(({ id }) => id === node);
  const socket = options.socket ?? known?.socket ?? 0;
  const file = read.files.length === 1 ? read.files[0] : `${read.name}: bwlat_*.txt`;
  const unit =
    read.unit === 'ns'
      ? 'ns'
      : `cycles at ${ghz} GHz${options.ghz === undefined ? ` as ${read.clock?.file} says` : ''}`;
  const added = addNs === 0 ? '' : `, ${addNs} ns added for what the CPU takes`;
  return {
    file: read.name,
    name: read.name,
    nodes: [{ id: node, ...kindByName(read.name) }],
    paths: [
      {
        socket,
        node,
        idleNs: { value: fitted.idleNs, source: `${file}: fitted, latency in ${unit}${added}` },
        curve: {
          value: fitted.curve,
          source: `${file}: fitted to ${counted(fitted.curve.fit.points, 'point')}, rms ${percent(fitted.curve.fit.rms)}${added}`,
        },
      },
    ],
    read: [
      `${read.files.length === 1 ? read.files[0] : `${read.files.length} files bwlat_NN.txt`}: ${counted(read.points.length, 'point')} of socket ${socket} to node ${node}, ` +
        `latency in ${unit}; fitted with rms ${percent(fitted.curve.fit.rms)}.`,
    ],
    doubts: [...read.doubts, ...doubts, ...sharesTurned(points)],
  };
}

function clockOf(path: string, { clock }: MessFiles, given: number | undefined): number {
  const ghz = given ?? clock?.ghz;
  if (ghz !== undefined) return ghz;
  throw new Error(`${path}: latency in cycles (got no clock, expected --ghz)`);
}

/** The points a curve is fitted to, and what was left out of them. */
function usable(all: readonly CurvePoint[]): { points: CurvePoint[]; doubts: string[] } {
  const doubts: string[] = [];
  const say = (count: number, what: string) => {
    if (count > 0) doubts.push(`${pointsLeft(count, what)}.`);
  };
  const possible = all.filter(({ gbps, ns }) => gbps >= 0 && ns > 0 && Number.isFinite(gbps + ns));
  say(all.filter(({ gbps }) => gbps < 0).length, 'of negative bandwidth');
  say(all.filter((p) => !possible.includes(p) && !(p.gbps < 0)).length, 'without a figure');
  const distinct = [...new Map(possible.map((p) => [Object.values(p).join(), p])).values()];
  say(possible.length - distinct.length, 'equal to another');
  const byShare = grouped(distinct);
  const enough = [...byShare].filter(
    ([, own]) => new Set(own.map((p) => p.gbps)).size >= LEAST_POINTS,
  );
  const short = [...byShare.keys()].filter((share) => !enough.some(([s]) => s === share));
  if (short.length > 0 && enough.length > 0) {
    doubts.push(
      `Too few points at ${short.map(percent).join(', ')} reads: those shares were left out.`,
    );
  }
  const kept = thinned(enough.map(([share]) => share));
  if (kept.size < enough.length) {
    doubts.push(
      `Of ${enough.length} read shares ${kept.size} were used: between them curves are interpolated.`,
    );
  }
  const points =
    enough.length === 0
      ? distinct
      : enough.filter(([share]) => kept.has(share)).flatMap(([, own]) => own);
  return { points, doubts };
}

function pointsLeft(count: number, what: string): string {
  return `${counted(count, 'point')} ${what} ${count === 1 ? 'was' : 'were'} left out`;
}

function grouped(points: readonly CurvePoint[]): Map<number, CurvePoint[]> {
  const groups = new Map<number, CurvePoint[]>();
  for (const point of points) {
    groups.set(point.readShare, [...(groups.get(point.readShare) ?? []), point]);
  }
  return groups;
}

function thinned(shares: readonly number[]): Set<number> {
  if (shares.length <= MOST_SHARES) return new Set(shares);
  const [least, most] = [Math.min(...shares), Math.max(...shares)];
  const steps = Array.from({ length: 11 }, (_, i) => least + ((most - least) * i) / 10);
  return new Set(
    steps.map((step) =>
      shares.reduce((best, s) => (Math.abs(s - step) < Math.abs(best - step) ? s : best)),
    ),
  );
}

/** DRAM carries reads best; where the fewest reads go fastest, the files may be named after writes. */
function sharesTurned(points: readonly CurvePoint[]): string[] {
  const peaks = [...grouped(points)]
    .map(([share, own]) => ({ share, gbps: Math.max(...own.map((p) => p.gbps)) }))
    .sort((a, b) => a.share - b.share);
  const [first, last] = [peaks[0], peaks[peaks.length - 1]];
  const most = Math.max(...peaks.map((p) => p.gbps));
  if (first.share > 0.3 || first.gbps < most || first.gbps < last.gbps * 1.05) return [];
  return [
    `Bandwidth is highest at ${percent(first.share)} reads: the link is full-duplex, or the shares are of writes.`,
  ];
}

function kindByName(name: string): Pick<NodeFacts, 'kind'> {
  const [, kind] = /(hbm|cxl)/i.exec(name) ?? [];
  if (kind === undefined) return {};
  const value = kind.toLowerCase() as 'hbm' | 'cxl';
  return { kind: { value, source: `assumption: by the name ${name}`, guess: true } };
}

function percent(share: number): string {
  return `${Math.round(share * 1000) / 10} %`;
}
