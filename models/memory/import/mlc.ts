import { basename } from 'node:path';
import { type Curve, isTabulated } from '../curve.ts';
import { fitCurve } from '../fit-curve.ts';
import { rounded } from '../rounded.ts';
import { counted } from './counted.ts';
import { scaledCurve, withMixes } from './curve-scaling.ts';
import { ABOVE_PEAK, QUEUEING } from './defaults.ts';
import type { ImportOptions, MachineFacts, NodeFacts, PathFacts, Said } from './facts.ts';
import { type MlcText, readMlcText } from './mlc-text.ts';
import { textFile } from './text-file.ts';

/**
 * What Intel's Memory Latency Checker measured: idle latencies and bandwidths of reads between nodes; for the whole system,
 * the bandwidth at some mixes and the latency under load. Those are of local traffic on all nodes with CPUs, and are
 * divided by their number. At mixes other than reads only the bandwidth is in proportion; so is it on ways to other nodes.
 */
export function readMlc(path: string, { onto }: ImportOptions = {}): MachineFacts {
  const file = basename(path);
  const mlc = readMlcText(path, textFile(path, 'output of Intel MLC'));
  const { idle, bandwidth } = mlc;
  const matrices = [idle, bandwidth].filter((m) => m !== undefined);
  const measured = (of: 'rows' | 'columns') =>
    [...new Set(matrices.flatMap((m) => m[of]))].sort((a, b) => a - b);
  const columns = measured('columns');
  const rows = measured('rows').length > 0 ? measured('rows') : ontoRows(onto);
  const nodes = columns.length > 0 ? columns : rows;
  const socketOf = (row: number) =>
    onto?.nodes.find((n) => n.id === row)?.socket ?? rows.indexOf(row);
  const sockets = [...new Set(rows.map(socketOf))].sort((a, b) => a - b);
  const nearest = (from: readonly number[], node: number): number =>
    from.includes(node)
      ? node
      : from.reduce((best, row) => (ns(row, node) < ns(best, node) ? row : best), from[0]);
  const ns = (row: number, node: number) => idle?.at(row, node) ?? Number.NaN;
  const own = (node: number) => nearest(rows, node);
  const meanNs = mean(rows.map((row) => ns(row, row)).filter((own) => own > 0));
  const system = systemCurve(file, mlc, rows.length, meanNs);
  return {
    file,
    nodes: nodes.map((id): NodeFacts => {
      const cpus = rows.includes(id);
      return {
        id,
        kind: {
          value: cpus ? 'dram' : 'cxl',
          source: `assumption: ${cpus ? 'DRAM, as' : 'CXL, as no'} CPUs on the node measured in ${file}`,
          guess: true,
        },
        socket: {
          value: socketOf(own(id)),
          source: cpus
            ? `assumption: a socket for each node with CPUs in ${file}`
            : `the CPUs nearest to it in ${file}`,
          guess: true,
        },
      };
    }),
    paths: sockets.flatMap((socket) =>
      nodes.map((node) => {
        const from = rows.filter((row) => socketOf(row) === socket);
        return pathOf(socket, nearest(from, node), node);
      }),
    ),
    read: [
      `Intel MLC${mlc.version === undefined ? '' : ` ${mlc.version}`}: ${counted(rows.length, 'node')} with CPUs, ${nodes.length} with memory; ` +
        `${idle === undefined ? 'no ' : ''}idle latencies, ${bandwidth === undefined ? 'no ' : ''}bandwidths between nodes, ` +
        `${counted(mlc.mixes.size, 'share')} of reads, ${counted(mlc.loaded.length, 'point')} under load.`,
    ],
    doubts: [
      ...mlc.traffic.map((kind) => `Traffic was ${kind}, and is taken for reads only.`),
      ...(matrices.length === 0
        ? [`No matrix in it: taken for ${counted(rows.length, 'node')} with CPUs, of equal share.`]
        : []),
    ],
  };

  function pathOf(socket: number, row: number, node: number): PathFacts {
    const latency = ns(row, node);
    const curve = row === node ? ownCurve(row) : remoteCurve(row, node);
    const fitted = row === node ? system.idleNs : undefined;
    return {
      socket,
      node,
      ...(latency > 0
        ? { idleNs: { value: latency, source: `${file}: idle latency, node ${row} to ${node}` } }
        : fitted === undefined
          ? {}
          : { idleNs: fitted }),
      ...(curve === undefined ? {} : { curve }),
    };
  }

  function ownCurve(row: number): Said<Curve> | undefined {
    const ratio = ns(row, row) / meanNs;
    const { curve } = system;
    if (curve === undefined || !(ratio > 0) || !isTabulated(curve.value)) return curve;
    return {
      ...curve,
      value: { ...scaledCurve(curve.value, 1, ratio), fit: curve.value.fit },
    };
  }

  function remoteCurve(row: number, node: number): Said<Curve> | undefined {
    const mbps = bandwidth?.at(row, node) ?? Number.NaN;
    if (!(mbps > 0)) return undefined;
    const reads = `${file}: reads between nodes, ${row} to ${node}, ${rounded(mbps / 1000)} GB/s`;
    const own = bandwidth?.at(row, row) ?? Number.NaN;
    if (system.curve === undefined || !(own > 0)) return ofPeak(mbps / 1000, reads);
    const ratio = ns(row, node) / meanNs;
    return {
      value: scaledCurve(system.curve.value, mbps / own, ratio > 0 ? ratio : 1),
      source: `${reads}; assumption: shape and mixes in proportion to those of a node's own memory`,
    };
  }
}

/** The curve of a node from its own CPUs, all alike, from what was measured of the whole system. */
function systemCurve(
  file: string,
  { mixes, loaded, bandwidth }: MlcText,
  count: number,
  meanNs: number,
): { idleNs?: Said<number>; curve?: Said<Curve> } {
  const reads = mixes.get(1);
  const shares = [...mixes.keys()].sort((a, b) => a - b);
  const ratios =
    reads === undefined
      ? []
      : shares.map((readShare) => ({ readShare, ratio: (mixes.get(readShare) ?? 0) / reads }));
  const share = count === 1 ? '' : ` / ${count} nodes`;
  const mixed = (curve: Said<Curve>): Said<Curve> =>
    ratios.length < 2
      ? curve
      : {
          value: withMixes(curve.value, ratios),
          source: `${curve.source}; assumption: other mixes in proportion to the bandwidths of the whole system`,
        };
  if (loaded.length >= 3) {
    const fitted = fitCurve(
      loaded.map(({ ns, mbps }) => ({ readShare: 1, gbps: mbps / 1000 / count, ns })),
      meanNs > 0 ? { idleNs: meanNs } : {},
    );
    return {
      idleNs: { value: fitted.idleNs, source: `${file}: loaded latencies, fitted` },
      curve: mixed({
        value: fitted.curve,
        source: `${file}: fitted to ${loaded.length} loaded latencies of reads, bandwidth of the system${share}, rms ${percent(fitted.curve.fit.rms)}`,
      }),
    };
  }
  const own = bandwidth?.rows.map((row) => bandwidth.at(row, row)).filter((mbps) => mbps > 0) ?? [];
  const peak = Math.max(mean(own) || 0, (reads ?? 0) / count) / 1000;
  if (peak === 0) return {};
  return { curve: mixed(ofPeak(peak, `${file}: reads, ${rounded(peak)} GB/s`)) };
}

function mean(figures: readonly number[]): number {
  return figures.reduce((sum, figure) => sum + figure, 0) / figures.length;
}

function percent(share: number): string {
  return `${Math.round(share * 1000) / 10} %`;
}

/** A curve where only the highest bandwidth was measured. */
function ofPeak(gbps: number, source: string): Said<Curve> {
  return {
    value: {
      queueing: QUEUEING,
      bandwidth: [{ read_share: 1, gbps: rounded(gbps * ABOVE_PEAK) }],
    },
    source: `${source}; assumption: rises to ${ABOVE_PEAK} times that with queueing ${QUEUEING}, no latency under load`,
  };
}

function ontoRows(onto: ImportOptions['onto']): number[] {
  return onto?.nodes.filter((n) => n.kind === 'dram').map((n) => n.id) ?? [0];
}
