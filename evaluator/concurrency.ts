import { copiesPerSocket } from '../models/memory/copies-per-socket.ts';
import type { Machine } from '../models/memory/machine.ts';
import type { TimeModelName } from '../models/memory/time-model.ts';
import type { Demand } from '../traces/demand.ts';
import type { PinnedThreads } from '../traces/pinning.ts';
import type { TimeUnit } from '../traces/trace.ts';
import type { PolicyOptions } from './policy-options.ts';

/** What the user may choose about how the program runs. */
export type RunOptions = Partial<PolicyOptions> &
  Readonly<{
    /** Copies of the program side by side. */
    copies: number;
    /** Reads one thread keeps in flight; else the trace's own, else the core's line-fill buffers. */
    outstanding?: number;
    /** Cycles per instruction while nothing waits for memory; for traces timed in instructions. */
    cpi: number;
    /** Share of the trace's time that is computing; for traces timed in ns or cycles. Without time none is. */
    computeShare: number;
    /** What says how long memory takes; the closed loop where it is left out. */
    model?: TimeModelName;
    /** Lines of a run that the queue model replays at most, in proportion; all where it is left out. */
    queueLines?: number;
  }>;

/** Defaults of `--cpi` and `--compute-share`. */
export const DEFAULT_CPI = 0.5;
export const DEFAULT_COMPUTE_SHARE = 0;

/** What runs on one socket. */
export type SocketConcurrency = Readonly<{
  copies: number;
  /** Software threads that run at a time. */
  runningThreads: number;
  /** Reads a thread keeps in flight, and all of them: Q. */
  outstanding: number;
  slots: number;
}>;

/** How many reads are in flight, and how long each epoch computes. */
export type Concurrency = Readonly<{
  /** Software threads of all copies, and how many of them run at a time. */
  threads: number;
  runningThreads: number;
  /** Reads a thread keeps in flight (at most, where sockets differ), and where that number is from. */
  outstanding: number;
  outstandingFrom: 'option' | 'trace' | 'line-fill buffers';
  /** Reads all of them together keep in flight. */
  slots: number;
  /** The sockets that have copies: the first ones, since copies are dealt in turn. */
  sockets: readonly SocketConcurrency[];
  /** What compute time is reckoned from: the trace's time unit. */
  computeFrom: TimeUnit;
  /** Compute time of each epoch on each of those sockets, ns, socket by socket in each epoch: C. */
  computeNs: Float64Array;
}>;

/**
 * Slots and compute time of copies of a traced program, dealt to the machine's sockets in turn; a copy's threads stay on
 * its socket. With `pinned` threads every copy is on all of those sockets.
 *
 * No more threads run than a socket has hardware threads, and no core has more reads in flight than its line-fill
 * buffers, or than one thread was said to keep. A core computes for one thread at a time: threads beyond the cores take
 * turns computing, though those on spare hardware threads wait for memory meanwhile.
 */
export function concurrency(
  demand: Demand,
  machine: Machine,
  options: RunOptions,
  pinned?: readonly PinnedThreads[],
): Concurrency {
  const { metadata, epochTime } = demand;
  const copies =
    pinned?.map(() => options.copies) ??
    copiesPerSocket(machine, options.copies).filter((n) => n > 0);
  const threadsOn = (socket: number) => pinned?.[socket].threads ?? metadata.threads;
  const sockets = copies.map((own, socket): SocketConcurrency => {
    const { cores, threads, line_fill_buffers: buffers } = machine.sockets[socket];
    const runningThreads = Math.min(own * threadsOn(socket), threads);
    const outstanding = options.outstanding ?? metadata.outstanding ?? buffers;
    const slots = Math.min(runningThreads * outstanding, cores * Math.max(buffers, outstanding));
    return { copies: own, runningThreads, outstanding, slots };
  });
  const unitNs = copies.map((own, socket) => {
    const { cores, clock_ghz: clockGhz } = machine.sockets[socket];
    const perUnitNs = {
      instructions: options.cpi / clockGhz / metadata.threads,
      cycles: options.computeShare / clockGhz,
      ns: options.computeShare,
      accesses: 0,
    }[metadata.timeUnit];
    return { perUnitNs, turns: Math.max(1, (own * threadsOn(socket)) / cores) };
  });
  const computeNs = new Float64Array(epochTime.length * copies.length);
  for (const [epoch, time] of epochTime.entries()) {
    for (const [s, { perUnitNs, turns }] of unitNs.entries())
      computeNs[epoch * copies.length + s] = time * perUnitNs * turns;
  }
  return {
    threads: options.copies * metadata.threads,
    runningThreads: sockets.reduce((sum, s) => sum + s.runningThreads, 0),
    outstanding: Math.max(...sockets.map((s) => s.outstanding)),
    outstandingFrom: options.outstanding
      ? 'option'
      : metadata.outstanding
        ? 'trace'
        : 'line-fill buffers',
    slots: sockets.reduce((sum, s) => sum + s.slots, 0),
    sockets,
    computeFrom: metadata.timeUnit,
    computeNs,
  };
}
