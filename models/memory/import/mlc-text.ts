import { lineError } from '../../../traces/line-error.ts';

/** A matrix of MLC: a row a node with CPUs, a column a node with memory; NaN where it has no figure. */
export type MlcMatrix = Readonly<{
  rows: readonly number[];
  columns: readonly number[];
  at: (row: number, column: number) => number;
}>;

/** What an output of MLC holds, as it prints it; whatever was not measured is missing. */
export type MlcText = Readonly<{
  version?: string;
  /** ns */
  idle?: MlcMatrix;
  /** MB/s of reads only */
  bandwidth?: MlcMatrix;
  /** MB/s of the whole system at a share of reads, local traffic of all nodes with CPUs. */
  mixes: ReadonlyMap<number, number>;
  /** ns and MB/s of the whole system, as the delay between requests grows. */
  loaded: readonly Readonly<{ ns: number; mbps: number }>[];
  /** Traffic of the last two parts other than reads only. */
  traffic: readonly string[];
}>;

type ReadMatrix = { columns?: number[]; rows: Map<number, number[]> };

type Part = 'idle' | 'bandwidth' | 'mixes' | 'maxima' | 'loaded' | undefined;

const HEADINGS: readonly (readonly [RegExp, Part])[] = [
  [/cache-to-cache|\bHITM?\b/i, undefined],
  [/idle latenc|^\[latency_matrix/i, 'idle'],
  [/bandwidths? between nodes|^\[bandwidth_matrix/i, 'bandwidth'],
  [/peak.*bandwidth/i, 'mixes'],
  [/max(imum|_).*bandwidth/i, 'maxima'],
  [/loaded.latenc/i, 'loaded'],
];

const MIX = /(ALL Reads|\d+:\d+|Stream-triad like)(?: Reads-Writes)?\s*:?\s*(\d[\d.]*)/g;
/** Reads of all lines; the triad is 2:1 too, but writes past the caches. */
const SHARES: ReadonlyMap<string, number> = new Map([
  ['ALL Reads', 1],
  ['3:1', 3 / 4],
  ['2:1', 2 / 3],
  ['1:1', 1 / 2],
]);
export const TRIAD_SHARE = 2 / 3;

/**
 * An output of Intel's Memory Latency Checker (2.x to 3.11), whole or of single measurements, or FD.io CSIT's page of one.
 * Throws where there is nothing of it in the text, and where a row of a matrix is not whole.
 */
export function readMlcText(file: string, text: string): MlcText {
  const matrices = new Map<string, ReadMatrix>();
  const found = { mixes: new Map<string, number>(), maxima: new Map<string, number>() };
  const loaded: { ns: number; mbps: number }[] = [];
  const traffic: string[] = [];
  let version: string | undefined;
  let part: Part;
  for (const [i, line] of text.split('\n').entries()) {
    version ??= /(?:Memory Latency Checker - |Intel MLC )(v[\w.]+)/.exec(line)?.[1];
    const heading = HEADINGS.find(([pattern]) => pattern.test(line));
    if (heading !== undefined) part = heading[1];
    if (part === 'mixes' || part === 'maxima') {
      for (const [, name, mbps] of line.matchAll(MIX)) {
        if (Number(mbps) > 0) found[part].set(name, Number(mbps));
      }
    } else if (part === 'loaded') {
      const [, ns, mbps] = /^\s*\d+\s+(\d[\d.]*)\s+(\d[\d.]*)\s*$/.exec(line) ?? [];
      if (Number(ns) > 0 && Number(mbps) > 0) loaded.push({ ns: Number(ns), mbps: Number(mbps) });
    } else if (part !== undefined) readMatrixLine(part, i + 1, line);
    const kind = /^Using (.*) traffic type/.exec(line)?.[1];
    if ((part === 'bandwidth' || part === 'loaded') && kind !== undefined && kind !== 'Read-only')
      traffic.push(kind);
  }
  const idle = matrixOf(matrices.get('idle'));
  const bandwidth = matrixOf(matrices.get('bandwidth'));
  const measured = found.mixes.size > 0 ? found.mixes : found.maxima;
  if (idle === undefined && bandwidth === undefined && measured.size + loaded.length === 0) {
    throw new Error(`${file}: nothing measured in it (expected output of Intel MLC)`);
  }
  return {
    ...(version === undefined ? {} : { version }),
    ...(idle === undefined ? {} : { idle }),
    ...(bandwidth === undefined ? {} : { bandwidth }),
    mixes: mixesOf(measured),
    loaded,
    traffic,
  };

  function readMatrixLine(name: 'idle' | 'bandwidth', number: number, line: string): void {
    const matrix: ReadMatrix = matrices.get(name) ?? { rows: new Map() };
    matrices.set(name, matrix);
    const clocks = /Each iteration took .*\(\s*([\d.]+)\s*ns\)/.exec(line)?.[1];
    if (name === 'idle' && Number(clocks) > 0) matrix.rows.set(0, [Number(clocks)]);
    const header = /^\s*(?:Numa )?node((?:\s+\d+)+)\s*$/i.exec(line)?.[1];
    if (header !== undefined) matrix.columns = header.trim().split(/\s+/).map(Number);
    const [, row, rest] = /^\s*(\d+)((?:\s+\S+)+)\s*$/.exec(line) ?? [];
    if (row === undefined) return;
    const cells = rest
      .trim()
      .split(/\s+/)
      .map((cell) => (/^(-|N\/A)$/.test(cell) ? Number.NaN : Number(cell)));
    const columns = matrix.columns?.length ?? cells.length;
    const odd = rest.split(/\s+/).some((cell) => !/^(\d[\d.]*|-|N\/A|)$/.test(cell));
    if (odd || cells.length !== columns || cells.some((cell) => cell <= 0)) {
      throw lineError(file, number, 'row of a matrix', line.trim(), `${columns} figures above 0`);
    }
    matrix.rows.set(Number(row), cells);
  }
}

function matrixOf(read: ReadMatrix | undefined): MlcMatrix | undefined {
  if (read === undefined || read.rows.size === 0) return undefined;
  const { rows } = read;
  const columns = read.columns ?? [...([...rows.values()][0] ?? []).keys()];
  return {
    rows: [...rows.keys()].sort((a, b) => a - b),
    columns,
    at: (row, column) => rows.get(row)?.[columns.indexOf(column)] ?? Number.NaN,
  };
}

function mixesOf(measured: ReadonlyMap<string, number>): Map<number, number> {
  const mixes = new Map<number, number>();
  for (const [name, mbps] of measured) {
    const share = SHARES.get(name);
    if (share !== undefined) mixes.set(share, mbps);
  }
  const triad = measured.get('Stream-triad like');
  if (triad !== undefined && !mixes.has(TRIAD_SHARE)) mixes.set(TRIAD_SHARE, triad);
  return mixes;
}
