import { gcd } from '../../traces/gcd.ts';
import { sharedFloats } from '../../traces/shared-columns.ts';
import type { Concurrency, SocketConcurrency } from '../concurrency.ts';
import { continuousOptimum } from '../continuous-optimum.ts';
import type { Scenario } from '../scenario.ts';
import type { EvaluatorSetup } from '../vector-evaluator.ts';
import { alignedColumns, alignedSums } from './aligned-epochs.ts';

/**
 * Several programs that share a machine at the same time, as one program: a copy of it is a copy of each, side by side.
 *
 * Pages of different programs are different pages; epochs run in step by their share of each run; lines and threads are added
 * up, and so are reads in flight, within what the sockets have. A step takes what the time model says of all its lines, and
 * of the programs' compute times their mean by reads in flight. Left out: how much each program gets of the machine within
 * a step, and that a program that is done would leave it to the others.
 *
 * Throws where there are not two programs or more, where they differ in machine, copies, policy, or model, where threads are
 * pinned, where memory runs out, and where sample periods differ and are not whole numbers.
 */
export function togetherScenario(scenarios: readonly Scenario[]): Scenario {
  const [first] = scenarios;
  checkAlike(scenarios);
  const periods = scenarios.map((s) => s.demand.metadata.samplePeriod);
  const period = commonPeriod(periods);
  const factors = periods.map((own) => own / period);
  const columns = alignedColumns(
    scenarios.map((s) => s.setup.demand),
    factors,
  );
  const steps = columns.epochStart.length - 1;
  const run = addedConcurrency(scenarios, steps);
  const { machine, options, setup, placed } = first;
  const { metadata } = first.demand;
  const needed = options.copies * columns.ilx.length;
  const room = setup.usable.reduce((sum, pages) => sum + pages, 0);
  const gib = (pages: number) => `${((pages * placed.bytes) / 2 ** 30).toFixed(2)} GiB`;
  const outOfMemory =
    `machine ${machine.name}: out of memory (got ${options.copies} times ${scenarios.length} programs that need ` +
    `${gib(needed)}, expected at most ${gib(room)} on all nodes together)`;
  if (needed > room) throw new Error(outOfMemory);
  const merged: EvaluatorSetup = {
    ...setup,
    demand: columns,
    slots: run.sockets.map((s) => s.slots),
    computeNs: run.computeNs,
    samplePeriod: period,
    outOfMemory,
  };
  const sum = (of: (s: Scenario) => number) => scenarios.reduce((all, s) => all + of(s), 0);
  const { epochStart, page, reads, writes } = columns;
  const numbers = sharedFloats(columns.ilx.length);
  for (let i = 0, at = 0; i < scenarios.length; i++) {
    numbers.set(scenarios[i].placed.numbers, at);
    at += scenarios[i].placed.numbers.length;
  }
  const epochTime = sharedFloats(steps);
  return {
    ...first,
    demand: {
      // In the units of the placed pages, which are all that is evaluated; without time, which is in the concurrency.
      metadata: {
        pageBytes: placed.bytes,
        lineBytes: metadata.lineBytes,
        samplePeriod: period,
        timeUnit: metadata.timeUnit,
        accesses: sum((s) => s.demand.metadata.accesses),
        loads: sum((s) => s.demand.metadata.loads),
        stores: sum((s) => s.demand.metadata.stores),
        threads: sum((s) => s.demand.metadata.threads),
        source: scenarios.map((s) => s.demand.metadata.source).join(', '),
      },
      ...{ pages: numbers, epochStart, epochTime, page, reads, writes },
    },
    concurrency: run,
    placed: { ilx: columns.ilx, numbers, page, bytes: placed.bytes },
    setup: merged,
    lines: { reads: sum((s) => s.lines.reads), writes: sum((s) => s.lines.writes) },
    continuous: continuousOptimum(merged),
  };
}

function checkAlike(scenarios: readonly Scenario[]): void {
  if (scenarios.length < 2)
    throw new Error(`together: programs (got ${scenarios.length}, expected 2 or more)`);
  const [first] = scenarios;
  for (const { machine, options, setup, placed } of scenarios) {
    if (setup.spanning)
      throw new Error('together: no use with pinned threads (got --pin, expected none)');
    if (machine.name !== first.machine.name)
      throw new Error(`together: machine (got ${machine.name}, expected ${first.machine.name})`);
    for (const key of ['copies', 'weightHome', 'discipline', 'huge', 'model'] as const) {
      if (options[key] !== first.options[key])
        throw new Error(`together: ${key} (got ${options[key]}, expected ${first.options[key]})`);
    }
    if (placed.bytes !== first.placed.bytes)
      throw new Error(
        `together: page size (got ${placed.bytes} bytes, expected ${first.placed.bytes})`,
      );
  }
}

/** The largest number of lines that a count of each program's can be a multiple of. */
function commonPeriod(periods: readonly number[]): number {
  const [first] = periods;
  if (periods.every((period) => period === first)) return first;
  const broken = periods.find((period) => !Number.isInteger(period));
  if (broken !== undefined)
    throw new Error(`together: sample period (got ${broken}, expected whole numbers)`);
  return periods.reduce(gcd);
}

/**
 * Threads and slots of all, socket by socket: threads take turns as one program's would, and slots are no more than the
 * cores can hold. Compute times stretch with the turns, and count by slots.
 */
function addedConcurrency(scenarios: readonly Scenario[], steps: number): Concurrency {
  const [{ machine, concurrency: first }] = scenarios;
  const count = first.sockets.length;
  const computeNs = new Float64Array(steps * count);
  const sockets = first.sockets.map((_, s): SocketConcurrency => {
    const { cores, threads: hardware, line_fill_buffers: buffers } = machine.sockets[s];
    const own = scenarios.map(({ concurrency, demand }) => {
      const { copies, outstanding } = concurrency.sockets[s];
      return { copies, outstanding, threads: copies * demand.metadata.threads };
    });
    const threads = own.reduce((sum, o) => sum + o.threads, 0);
    const running = Math.min(threads, hardware);
    const wanted = own.map((o) => (o.threads / threads) * running * o.outstanding);
    const outstanding = Math.max(...own.map((o) => o.outstanding));
    const all = wanted.reduce((sum, slots) => sum + slots, 0);
    const most = cores * Math.max(buffers, outstanding);
    const turns = Math.max(1, threads / cores);
    for (const [i, { concurrency }] of scenarios.entries()) {
      const alone = Math.max(1, own[i].threads / cores);
      const column = concurrency.computeNs.filter((_, at) => at % count === s);
      const scale = ((wanted[i] / all) * turns) / alone;
      for (const [step, ns] of alignedSums(column, steps).entries())
        computeNs[step * count + s] += ns * scale;
    }
    return {
      copies: own.reduce((sum, o) => sum + o.copies, 0),
      runningThreads: running,
      outstanding,
      slots: Math.max(1, Math.round(Math.min(all, most))),
    };
  });
  const sum = (of: (s: SocketConcurrency) => number) => sockets.reduce((n, s) => n + of(s), 0);
  return {
    ...first,
    threads: scenarios.reduce((n, s) => n + s.concurrency.threads, 0),
    runningThreads: sum((s) => s.runningThreads),
    outstanding: Math.max(...sockets.map((s) => s.outstanding)),
    slots: sum((s) => s.slots),
    sockets,
    computeNs,
  };
}
