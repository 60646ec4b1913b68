import type { Machine } from '../models/memory/machine.ts';
import type { Demand } from '../traces/demand.ts';
import type { TimeUnit } from '../traces/trace.ts';

/** What the user may choose about how the program runs. */
export type RunOptions = Readonly<{
  /** Copies of the program side by side. */
  copies: number;
  /** Reads one thread keeps in flight; else the trace's own, else the core's line-fill buffers. */
  outstanding?: number;
  /** Cycles per instruction while nothing waits for memory; for traces timed in instructions. */
  cpi: number;
  /** Share of the trace's time that is computing; for traces timed in ns or cycles. */
  computeShare: number;
}>;

/** Defaults of `--cpi` and `--compute-share`. */
export const DEFAULT_CPI = 0.5;
export const DEFAULT_COMPUTE_SHARE = 0;

/** How many reads are in flight, and how long each epoch computes. */
export type Concurrency = Readonly<{
  /** Software threads of all copies, and how many of them run at a time. */
  threads: number;
  runningThreads: number;
  /** Reads a thread keeps in flight, and where that number is from. */
  outstanding: number;
  outstandingFrom: 'option' | 'trace' | 'line-fill buffers';
  /** Reads all of them together keep in flight: Q. */
  slots: number;
  /** What compute time is reckoned from: the trace's time unit. */
  computeFrom: TimeUnit;
  /** Compute time of each epoch, ns: C. */
  computeNs: Float64Array;
}>;

/**
 * Slots and compute time of copies of a traced program on one socket.
 *
 * No more threads run than the socket has hardware threads, and no core has more reads in flight than its line-fill
 * buffers, or than one thread was said to keep. A core computes for one thread at a time: threads beyond the cores take
 * turns computing, though those on spare hardware threads wait for memory meanwhile.
 */
export function concurrency(
  demand: Demand,
  machine: Machine,
  socket: number,
  options: RunOptions,
): Concurrency {
  const {
    cores,
    threads: hardwareThreads,
    line_fill_buffers: buffers,
    clock_ghz: clockGhz,
  } = machine.sockets[socket];
  const { metadata } = demand;
  const threads = options.copies * metadata.threads;
  const runningThreads = Math.min(threads, hardwareThreads);
  const outstanding = options.outstanding ?? metadata.outstanding ?? buffers;
  const perUnitNs = {
    instructions: options.cpi / clockGhz / metadata.threads,
    cycles: options.computeShare / clockGhz,
    ns: options.computeShare,
  }[metadata.timeUnit];
  const turns = Math.max(1, threads / cores);
  return {
    threads,
    runningThreads,
    outstanding,
    outstandingFrom: options.outstanding
      ? 'option'
      : metadata.outstanding
        ? 'trace'
        : 'line-fill buffers',
    slots: Math.min(runningThreads * outstanding, cores * Math.max(buffers, outstanding)),
    computeFrom: metadata.timeUnit,
    computeNs: Float64Array.from(demand.epochTime, (time) => time * perUnitNs * turns),
  };
}
