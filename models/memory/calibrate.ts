/**
 * Fits a machine's parameters to a few measured bandwidths, and says which of them those points tell anything about.
 *
 * Parameters are factors on what the machine file says: of the reads each core keeps in flight, of every node's queueing
 * `a`, and of every node's B at each read share it was measured at. Their logarithms are found by least squares of
 * `log(predicted / measured)`, weighed by the error of a measurement, together with how far each parameter is from the
 * file, weighed by how well such a number is known beforehand (maximum a posteriori with normal priors), by Levenberg and
 * Marquardt's method. Without what is known beforehand there would be no answer: fewer reads in flight and an earlier
 * rise of latency look the same in bandwidth.
 *
 * The covariance at the optimum gives intervals of 95 %; how far it shrank from what was known says how much of a
 * parameter came from the points; correlations say which are known only together.
 */

import { inverse, Matrix, solve } from 'ml-matrix';
import { bandwidthAt, type Curve, isTabulated } from './curve.ts';
import type { Machine, MachinePath } from './machine.ts';
import { memorySystem } from './memory-system.ts';
import { rounded } from './rounded.ts';
import { throughputOf } from './throughput.ts';

/** A measured bandwidth: weights in ascending order of node id, the share of reads in all lines, and GB/s of both. */
export type MeasuredPoint = Readonly<{
  weights: readonly number[];
  readShare: number;
  gbps: number;
}>;

/** A parameter that was fitted: a number of the machine, before and after. */
export type CalibratedParameter = Readonly<{
  name: 'slots per core' | 'queueing' | 'bandwidth';
  /** The node it belongs to, and the read share it was fitted at. */
  node?: number;
  readShare?: number;
  before: number;
  after: number;
  /** Interval of 95 %. */
  low: number;
  high: number;
  /** How much of what is known about it came from the points: 0 nothing, 1 all. */
  fromPoints: number;
}>;

export type Calibration = Readonly<{
  machine: Machine;
  parameters: readonly CalibratedParameter[];
  /** Pairs of parameters the points tell only together, by their places in `parameters`, and their correlation. */
  entangled: readonly Readonly<{ pair: readonly [number, number]; correlation: number }>[];
  points: readonly (MeasuredPoint & Readonly<{ beforeGbps: number; afterGbps: number }>)[];
  /** Relative rms error of the points. */
  rmsBefore: number;
  rmsAfter: number;
}>;

/** How well numbers are known beforehand: standard deviations of their logarithms. */
const PRIOR = {
  /** Line-fill buffers are in data sheets; what prefetching adds is not. */
  'slots per core': 0.1,
  /** From 0.1 to 0.4 on machines that were measured: a factor of two either way. */
  queueing: 0.7,
  /** From a data sheet: the share of the peak that is reached is 65 to 90 %. */
  bandwidth: 0.15,
} as const;
/** Of one measurement, unless another is given. */
const DEFAULT_ERROR = 0.01;
const CORRELATED = 0.8;
const STEPS = 60;
const DIFFERENCE = 1e-4;
const NORMAL_95 = 1.96;

type Parameter = Readonly<{
  name: keyof typeof PRIOR;
  node?: number;
  readShare?: number;
  before: number;
}>;

/**
 * Calibrates one socket of a machine. `error` is the relative standard deviation of a measurement. Throws where a point
 * cannot be of this machine.
 */
export function calibrate(
  machine: Machine,
  points: readonly MeasuredPoint[],
  options: Readonly<{ socket?: number; error?: number }> = {},
): Calibration {
  const { socket = 0, error = DEFAULT_ERROR } = options;
  const parameters = parametersOf(machine, socket, points);
  const prior = parameters.map(({ name }) => PRIOR[name]);
  const model = (factors: readonly number[]) => withFactors(machine, socket, parameters, factors);
  const predict = (logs: readonly number[]) => {
    const calibrated = model(logs.map(Math.exp));
    const memory = memorySystem(calibrated, socket);
    const { cores, line_fill_buffers: buffers } = calibrated.sockets[socket];
    return points.map((p) => throughputOf(memory, cores * buffers, p.readShare, p.weights));
  };
  /** Residuals of the points, then of what was known beforehand, in standard deviations. */
  const residuals = (logs: readonly number[]) => [
    ...predict(logs).map((gbps, i) => Math.log(gbps / points[i].gbps) / error),
    ...logs.map((log, i) => log / prior[i]),
  ];
  const start = parameters.map(() => 0);
  const logs = leastSquares(residuals, start);
  const covariance = inverse(normalMatrix(jacobian(residuals, logs)));
  const deviation = logs.map((_, i) => Math.sqrt(covariance.get(i, i)));
  const [before, after] = [predict(start), predict(logs)];
  const calibrated = model(logs.map(Math.exp));
  return {
    machine: { ...calibrated, source: sourceOf(machine, parameters, points.length) },
    parameters: parameters.map((p, i) => ({
      ...p,
      after: p.before * Math.exp(logs[i]),
      low: p.before * Math.exp(logs[i] - NORMAL_95 * deviation[i]),
      high: p.before * Math.exp(logs[i] + NORMAL_95 * deviation[i]),
      fromPoints: Math.max(0, 1 - (deviation[i] / prior[i]) ** 2),
    })),
    entangled: correlations(covariance),
    points: points.map((p, i) => ({ ...p, beforeGbps: before[i], afterGbps: after[i] })),
    rmsBefore: rmsOf(points, before),
    rmsAfter: rmsOf(points, after),
  };
}

/** What points of these shares and weights could say anything about. */
function parametersOf(
  machine: Machine,
  socket: number,
  points: readonly MeasuredPoint[],
): Parameter[] {
  if (machine.sockets[socket] === undefined) {
    const expected = `0 to ${machine.sockets.length - 1}`;
    throw new Error(
      `machine ${machine.name}: no such socket (got ${socket}, expected ${expected})`,
    );
  }
  const { paths } = memorySystem(machine, socket);
  for (const { weights } of points) {
    if (weights.length !== paths.length)
      throw new Error(
        `point ${weights.join(':')}: wrong number of weights (got ${weights.length}, expected ${paths.length})`,
      );
  }
  const shares = (k: number) =>
    [...new Set(points.filter((p) => p.weights[k] > 0).map((p) => p.readShare))].sort();
  return [
    { name: 'slots per core', before: machine.sockets[socket].line_fill_buffers },
    ...paths.flatMap(({ node, curve }, k): Parameter[] =>
      isTabulated(curve) || shares(k).length === 0
        ? []
        : [{ name: 'queueing', node, before: curve.queueing }],
    ),
    ...paths.flatMap(({ node, curve }, k) =>
      shares(k).map(
        (readShare): Parameter => ({
          name: 'bandwidth',
          node,
          readShare,
          before: bandwidthAt(curve, readShare),
        }),
      ),
    ),
  ];
}

/** The machine with its parameters multiplied by these factors. */
function withFactors(
  machine: Machine,
  socket: number,
  parameters: readonly Parameter[],
  factors: readonly number[],
): Machine {
  const factorsOf = (name: Parameter['name'], node?: number) =>
    factors.filter((_, i) => parameters[i].name === name && parameters[i].node === node);
  const [slots] = factorsOf('slots per core');
  const sockets = machine.sockets.map((own, s) =>
    s === socket ? { ...own, line_fill_buffers: rounded(own.line_fill_buffers * slots) } : own,
  );
  const paths = machine.paths.map((path): MachinePath => {
    const shares = parameters.flatMap(({ name, node, readShare = 0 }, i) =>
      name === 'bandwidth' && node === path.node
        ? [{ read_share: readShare, gbps: factors[i] }]
        : [],
    );
    if (path.socket !== socket || shares.length === 0) return path;
    const [queueing = 1] = factorsOf('queueing', path.node);
    return { ...path, curve: scaled(path.curve, queueing, shares) as MachinePath['curve'] };
  });
  return { ...machine, sockets, paths };
}

/** A curve with `a` times a factor, and B times one at each of some read shares, in between linearly. */
function scaled(
  curve: Curve,
  queueing: number,
  shares: readonly { read_share: number; gbps: number }[],
): Curve {
  const sorted = [...shares].sort((a, b) => a.read_share - b.read_share);
  const factor = (share: number) => bandwidthAt({ queueing: 1, bandwidth: sorted }, share);
  if (isTabulated(curve)) {
    return {
      table: curve.table.map((row) => ({
        ...row,
        gbps: row.gbps * factor(row.read_share),
        points: row.points.map((p) => ({ ...p, gbps: p.gbps * factor(row.read_share) })),
      })),
    };
  }
  const own = curve.bandwidth.map((row) => row.read_share);
  const rows = [...new Set([...own, ...sorted.map((s) => s.read_share)])].sort((a, b) => a - b);
  return {
    queueing: curve.queueing * queueing,
    bandwidth: rows.map((share) => {
      const at = curve.bandwidth.find((row) => row.read_share === share);
      const gbps = bandwidthAt(curve, share) * factor(share);
      if (at?.queueing !== undefined)
        return { read_share: share, gbps, queueing: at.queueing * queueing };
      return { read_share: share, gbps };
    }),
  };
}

/** Where a sum of squares is least, from a start near it. */
function leastSquares(
  residuals: (x: readonly number[]) => number[],
  start: readonly number[],
): number[] {
  let x = [...start];
  let at = residuals(x);
  let damping = 1e-3;
  const sum = (values: readonly number[]) => values.reduce((all, v) => all + v * v, 0);
  for (let step = 0; step < STEPS && damping < 1e12; step++) {
    const slopes = jacobian(residuals, x);
    const normal = normalMatrix(slopes);
    const downhill = slopes.transpose().mmul(Matrix.columnVector(at)).mul(-1);
    for (let i = 0; i < x.length; i++) normal.set(i, i, normal.get(i, i) * (1 + damping));
    const move = solve(normal, downhill).to1DArray();
    const next = x.map((value, i) => value + move[i]);
    const there = residuals(next);
    if (sum(there) < sum(at)) {
      const gain = 1 - sum(there) / sum(at);
      [x, at] = [next, there];
      damping /= 10;
      if (gain < 1e-12) break;
    } else damping *= 10;
  }
  return x;
}

function jacobian(residuals: (x: readonly number[]) => number[], x: readonly number[]): Matrix {
  const columns = x.map((_, i) => {
    const moved = (by: number) => residuals(x.map((value, j) => (i === j ? value + by : value)));
    const [up, down] = [moved(DIFFERENCE), moved(-DIFFERENCE)];
    return up.map((value, r) => (value - down[r]) / (2 * DIFFERENCE));
  });
  return new Matrix(columns).transpose();
}

function normalMatrix(slopes: Matrix): Matrix {
  return slopes.transpose().mmul(slopes);
}

function correlations(covariance: Matrix): Calibration['entangled'] {
  const found: { pair: readonly [number, number]; correlation: number }[] = [];
  for (let i = 0; i < covariance.rows; i++) {
    for (let j = i + 1; j < covariance.rows; j++) {
      const scale = Math.sqrt(covariance.get(i, i) * covariance.get(j, j));
      const correlation = covariance.get(i, j) / scale;
      if (Math.abs(correlation) > CORRELATED) found.push({ pair: [i, j], correlation });
    }
  }
  return found.sort((a, b) => Math.abs(b.correlation) - Math.abs(a.correlation));
}

function rmsOf(points: readonly MeasuredPoint[], predicted: readonly number[]): number {
  const squares = points.map((p, i) => (predicted[i] / p.gbps - 1) ** 2);
  return Math.sqrt(squares.reduce((sum, s) => sum + s, 0) / points.length);
}

function sourceOf(machine: Machine, parameters: readonly Parameter[], points: number) {
  const said =
    `calibrated on ${points} measured bandwidths: slots per core, ` +
    `${[...new Set(parameters.slice(1).map((p) => `${p.name} of node ${p.node}`))].join(', ')}`;
  const { source } = machine;
  if (source === undefined || typeof source === 'string')
    return source === undefined ? said : `${source}; ${said}`;
  return { ...source, calibration: said };
}
