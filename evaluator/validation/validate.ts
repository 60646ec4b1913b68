/**
 * Every published case of published.ts, predicted from inputs that do not hold the answer, beside what was measured.
 *
 * What is measured on single nodes, and by 1:1 where the expander alone was not measured, gives each node's B. The rest are
 * inputs from elsewhere, the same for all cases of a kind; what they are is said with every case. No parameter is fitted to
 * the figure it predicts.
 */

import { calibrate, type MeasuredPoint } from '../../models/memory/calibrate.ts';
import { LoadedLatency } from '../../models/memory/loaded-latency.ts';
import type { Machine } from '../../models/memory/machine.ts';
import { presets } from '../../models/memory/presets.ts';
import { throughputOf } from '../../models/memory/throughput.ts';
import { bandwidths, INPUT_NAMES, type Inputs, system } from './predictions.ts';
import { MLC, NOT_PREDICTED, STREAM } from './published.ts';

/** One figure that was predicted. */
export type ValidationCase = Readonly<{
  group: string;
  what: string;
  unit: 'GB/s' | 'times DRAM only';
  predicted: number;
  measured: number;
  /** Relative: predicted over measured, less 1. */
  error: number;
  /** What the bottleneck bound says, and its error. */
  bottleneck: number;
  bottleneckError: number;
  /** What the prediction was made from. */
  inputs: readonly string[];
  /** The input from elsewhere that the prediction changes most with, and by how much if it were 10 % larger. */
  sensitiveTo: Readonly<{ input: string; change: number }>;
  source: string;
}>;

export type ValidationGroup = Readonly<{
  name: string;
  title: string;
  cases: number;
  meanAbsoluteError: number;
  largestError: number;
  bottleneckMeanAbsoluteError: number;
  /** What the error has to be below: the mean of all, or each. */
  bound: Readonly<{ of: 'mean' | 'each'; error: number }>;
  within: boolean;
}>;

export type Validation = Readonly<{
  cases: readonly ValidationCase[];
  groups: readonly ValidationGroup[];
  notPredicted: readonly Readonly<{ what: string; why: string }>[];
}>;

/** Expanders of the MLC cases: as many as the same maker measured beside 12 channels later. */
const EXPANDERS = 8;
/** Other numbers of expanders that are tried, for comparison. */
export const OTHER_EXPANDERS = [1, 2, 4];
/**
 * Queueing of an expander: what fits the published curves of one simulated by its maker (github.com/bsc-mem/Mess-simulator,
 * Standalone/data/cxl) at 50 and 66 % reads.
 */
const EXPANDER_QUEUEING = [
  { read_share: 0.5, gbps: 1, queueing: 0.113 },
  { read_share: 0.66, gbps: 1, queueing: 0.039 },
];
/** Idle latency of real expanders: the middle of published characterisations, 214 to 394 ns. */
const EXPANDER_IDLE_NS = 304;
const CORES = 56;
export const LINE_FILL_BUFFERS = 16;
/** MLC prefetches: as many reads a core as a Xeon Max 9480 had in flight on HBM, where memory was not the limit. */
const MLC_CORES = 96;
const MLC_IN_FLIGHT = 29;

const GROUPS: readonly Pick<ValidationGroup, 'name' | 'title' | 'bound'>[] = [
  { name: 'stream-9:1', title: 'STREAM at 9:1, heap only', bound: { of: 'mean', error: 0.05 } },
  {
    name: 'stream-9:1-calibrated',
    title: 'STREAM at 9:1, calibrated on Copy and Scale',
    bound: { of: 'each', error: 0.02 },
  },
  { name: 'stream-1:1', title: 'STREAM at 1:1', bound: { of: 'each', error: 0.02 } },
  {
    name: 'mlc-gain',
    title: `MLC, gain of the best weights over DRAM only, ${EXPANDERS} expanders`,
    bound: { of: 'each', error: 0.06 },
  },
];

/** Predicts every case. */
export function validate(): Validation {
  const cases = [...stream(), ...streamCalibrated(), ...mlc(EXPANDERS)];
  const groups = GROUPS.map((group): ValidationGroup => {
    const errors = cases.filter((c) => c.group === group.name).map((c) => Math.abs(c.error));
    const bounds = cases
      .filter((c) => c.group === group.name)
      .map((c) => Math.abs(c.bottleneckError));
    const mean = (all: readonly number[]) => all.reduce((sum, e) => sum + e, 0) / all.length;
    const judged = group.bound.of === 'mean' ? mean(errors) : Math.max(...errors);
    return {
      ...group,
      cases: errors.length,
      meanAbsoluteError: mean(errors),
      largestError: Math.max(...errors),
      bottleneckMeanAbsoluteError: mean(bounds),
      within: judged <= group.bound.error,
    };
  });
  return { cases, groups, notPredicted: NOT_PREDICTED };
}

type Kernel = (typeof STREAM.kernels)[number];

function curveInputs(readShare: number, slots: number): Inputs {
  const dram = (presets.get('spr-2cxl') as Machine).paths[0];
  const curve = new LoadedLatency(dram.curve, dram.idle_ns);
  curve.setShare(readShare);
  const expander = new LoadedLatency({ queueing: 1, bandwidth: EXPANDER_QUEUEING }, 1);
  expander.setShare(readShare);
  return {
    slots,
    dramIdleNs: dram.idle_ns,
    dramQueueing: curve.queueing,
    cxlIdleNs: EXPANDER_IDLE_NS,
    cxlQueueing: expander.queueing,
  };
}

/** STREAM of a kernel under weights of DRAM and the expander. */
function predictStream(inputs: Inputs, kernel: Kernel, weights: readonly number[]): number {
  const { readShare } = kernel;
  const alone = { weights: [0, 1], gbps: kernel.cxl };
  const b = bandwidths(inputs, readShare, kernel.dram, 1, alone);
  return throughputOf(system(inputs, b.dram, b.cxl, 1), inputs.slots, readShare, weights);
}

function stream(): ValidationCase[] {
  return [
    { group: 'stream-9:1', weights: [9, 1], measured: (k: Kernel) => k.nineToOne },
    { group: 'stream-1:1', weights: [1, 1], measured: (k: Kernel) => k.even },
  ].flatMap(({ group, weights, measured }) =>
    STREAM.kernels.map((kernel) => {
      const inputs = curveInputs(kernel.readShare, CORES * LINE_FILL_BUFFERS);
      return caseOf({
        group,
        what: `${kernel.name} at ${weights.join(':')}`,
        unit: 'GB/s',
        measured: measured(kernel),
        bottleneck: bottleneck(kernel, weights),
        given: inputs,
        predict: (own) => predictStream(own, kernel, weights),
        inputs: streamInputs(kernel, [
          `${CORES} cores of ${LINE_FILL_BUFFERS} line-fill buffers (Sapphire Rapids)`,
        ]),
        source: STREAM.source,
      });
    }),
  );
}

function bottleneck({ dram, cxl }: Kernel, weights: readonly number[]): number {
  const total = weights[0] + weights[1];
  return Math.min((dram * total) / weights[0], (cxl * total) / weights[1]);
}

function streamInputs({ name, dram, cxl }: Kernel, cores: readonly string[]): string[] {
  return [
    `DRAM only: ${name} ${dram} GB/s; CXL only: ${cxl} GB/s`,
    ...cores,
    'idle latency and queueing of DRAM: curves of a Xeon 8480+ with 8 DDR5-4800 channels (github.com/bsc-mem/Mess-Results)',
    `idle latency of CXL ${EXPANDER_IDLE_NS} ns: the middle of published characterisations; queueing: curves of a simulated expander (github.com/bsc-mem/Mess-simulator)`,
  ];
}

/** Add and Triad with reads in flight and queueing as calibrated on all rows of Copy and Scale but 1:1. */
function streamCalibrated(): ValidationCase[] {
  const [copy, scale] = STREAM.kernels;
  const given = curveInputs(copy.readShare, CORES * LINE_FILL_BUFFERS);
  const start = bandwidths(given, copy.readShare, copy.dram, 1, {
    weights: [0, 1],
    gbps: copy.cxl,
  });
  const points = [copy, scale].flatMap((kernel): MeasuredPoint[] => {
    const { readShare } = kernel;
    return [
      { weights: [1, 0], readShare, gbps: kernel.dram },
      { weights: [0, 1], readShare, gbps: kernel.cxl },
      { weights: [9, 1], readShare, gbps: kernel.nineToOne },
    ];
  });
  const { parameters } = calibrate(machineOf(given, start), points);
  const ratio = (name: string, node?: number) => {
    const found = parameters.find((p) => p.name === name && p.node === node);
    return found === undefined ? 1 : found.after / found.before;
  };
  return STREAM.kernels.slice(2).map((kernel) => {
    const inputs = curveInputs(kernel.readShare, CORES * LINE_FILL_BUFFERS);
    return caseOf({
      group: 'stream-9:1-calibrated',
      what: `${kernel.name} at 9:1`,
      unit: 'GB/s',
      measured: kernel.nineToOne,
      bottleneck: bottleneck(kernel, [9, 1]),
      given: {
        ...inputs,
        slots: inputs.slots * ratio('slots per core'),
        dramQueueing: inputs.dramQueueing * ratio('queueing', 0),
        cxlQueueing: inputs.cxlQueueing * ratio('queueing', 1),
      },
      predict: (own) => predictStream(own, kernel, [9, 1]),
      inputs: streamInputs(kernel, [
        'calibrated on DRAM only, CXL only and 9:1 of Copy and Scale: ' +
          `reads in flight times ${ratio('slots per core').toFixed(2)}, queueing of DRAM times ${ratio('queueing', 0).toFixed(2)}, of CXL times ${ratio('queueing', 1).toFixed(2)}`,
      ]),
      source: STREAM.source,
    });
  });
}

/** The machine of the STREAM cases, for the calibration: a preset's, with these paths. */
function machineOf(inputs: Inputs, b: { dram: number; cxl: number }): Machine {
  const machine = presets.get('spr-1cxl') as Machine;
  return { ...machine, paths: [...system(inputs, b.dram, b.cxl, 1).paths] };
}

/** The gain of the best weights over DRAM only, where so many expanders are a node each and cores keep so many reads in flight. */
export function mlc(expanders: number, inFlight = MLC_IN_FLIGHT): ValidationCase[] {
  return MLC.mixes.map(({ name, readShare, dram, even, weighted }) => {
    const evenly = { weights: Array<number>(1 + expanders).fill(1), gbps: even };
    const perExpander = even / (1 + expanders);
    return caseOf({
      group: 'mlc-gain',
      what: `${name}, ${expanders} expanders`,
      unit: 'times DRAM only',
      measured: weighted / dram,
      bottleneck: (dram + expanders * perExpander) / dram,
      given: curveInputs(readShare, MLC_CORES * inFlight),
      predict: (own) => {
        const b = bandwidths(own, readShare, dram, expanders, evenly);
        const memory = system(own, b.dram, b.cxl, expanders);
        return best((w) => throughputOf(memory, own.slots, readShare, w), expanders) / dram;
      },
      inputs: [
        `DRAM only: ${dram} GB/s; 1:1 over all nodes: ${even} GB/s`,
        `${expanders} expanders, each a node: as many as their maker measured beside 12 DDR5 channels (arXiv 2412.12491)`,
        `${MLC_CORES} cores with ${inFlight} reads in flight: Little's law on a Xeon Max 9480's HBM curve (638 GB/s at 197 ns, 82 % reads, 56 cores)`,
        'idle latency and queueing of DRAM and CXL: as for STREAM',
      ],
      source: MLC.source,
    });
  });
}

/** The highest throughput over all proportions of DRAM to expanders that share the rest evenly. */
function best(throughput: (weights: readonly number[]) => number, expanders: number): number {
  let highest = 0;
  for (let permille = 500; permille < 1000; permille++) {
    const others = (1000 - permille) / expanders;
    highest = Math.max(highest, throughput([permille, ...Array<number>(expanders).fill(others)]));
  }
  return highest;
}

function caseOf(
  made: Omit<ValidationCase, 'predicted' | 'error' | 'bottleneckError' | 'sensitiveTo'> &
    Readonly<{ given: Inputs; predict: (inputs: Inputs) => number }>,
): ValidationCase {
  const { given, predict, ...rest } = made;
  const predicted = predict(given);
  const changes = (Object.keys(INPUT_NAMES) as (keyof Inputs)[]).map((name) => ({
    input: INPUT_NAMES[name],
    change: predict({ ...given, [name]: given[name] * 1.1 }) / predicted - 1,
  }));
  changes.sort((a, b) => Math.abs(b.change) - Math.abs(a.change));
  return {
    ...rest,
    predicted,
    error: predicted / made.measured - 1,
    bottleneckError: made.bottleneck / made.measured - 1,
    sensitiveTo: changes[0],
  };
}
