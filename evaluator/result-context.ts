import { createHash } from 'node:crypto';
import { cachesPerCopy } from '../models/memory/caches-per-copy.ts';
import type { CacheGeometry } from '../traces/cache-filter.ts';
import type { Demand } from '../traces/demand.ts';
import { VERSION } from '../traces/version.ts';
import type { Evaluation } from './evaluation.ts';
import { onlySocket, type Scenario } from './scenario.ts';
import type { ResultContext } from './sweep-result.ts';

/** The trace file a scenario's demand is from. */
export type TraceFile = Readonly<{ file: string; sha256: string }>;

/** Everything a result says beside its evaluations: what was run, how, and on what assumptions. */
export function resultContext(scenario: Scenario, trace: TraceFile, epochs: number): ResultContext {
  const { demand, machine, options, lines, continuous } = scenario;
  const { metadata } = demand;
  const { computeNs: _, ...concurrency } = scenario.concurrency;
  return {
    version: VERSION,
    machine,
    machineSha256: createHash('sha256').update(JSON.stringify(machine)).digest('hex'),
    traces: [
      {
        ...trace,
        source: metadata.source,
        ...(metadata.command === undefined ? {} : { command: metadata.command }),
        accesses: metadata.accesses,
        loads: metadata.loads,
        stores: metadata.stores,
        threads: metadata.threads,
        footprintPages: demand.pages.length,
        pageBytes: metadata.pageBytes,
        linesRead: lines.reads / options.copies,
        linesWritten: lines.writes / options.copies,
        epochs: demand.epochTime.length,
      },
    ],
    options: { ...options, epochs },
    concurrency,
    continuous: { ...continuous, fractions: [...continuous.fractions] },
    assumptions: assumptions(scenario),
    warnings: [],
  };
}

function assumptions({ demand, machine, options, concurrency }: Scenario): string[] {
  const { metadata } = demand;
  const { copies, cpi, computeShare } = options;
  const said = [
    `${copies} ${copies === 1 ? 'copy runs' : 'copies run'} in step, each with its own memory laid out alike.`,
    `${concurrency.slots} reads in flight: ${concurrency.runningThreads} running threads of ${concurrency.outstanding} ` +
      `(${concurrency.outstandingFrom}), no core above the larger of that and its line-fill buffers.`,
    metadata.timeUnit === 'instructions'
      ? `Compute time: ${cpi} cycles an instruction (--cpi) at ${machine.sockets[0].clock_ghz} GHz.`
      : `Compute time: ${computeShare} of the trace's own time (--compute-share), as it was measured with stalls inside.`,
    cacheSentence(demand),
    'Pages are placed by virtual address (weighted interleave of a private anonymous mapping), base pages only, and no node fills up.',
    'Writes are posted: they take bandwidth and hold no slot. Hardware prefetching is not modelled.',
  ];
  if (metadata.samplePeriod > 1) {
    said.push(
      `One access in ${metadata.samplePeriod} was recorded; each line counts ${metadata.samplePeriod} times.`,
    );
  }
  return said;
}

function cacheSentence({ metadata }: Demand): string {
  if (metadata.caches === undefined) return 'The trace was behind the caches already.';
  return `Caches of one copy: ${cachesText(metadata.caches)}; shared levels divided evenly among the copies; prefetching off.`;
}

function cachesText(caches: readonly CacheGeometry[]): string {
  return caches.map((c) => `${Math.round(c.bytes / 1024)} KiB of ${c.ways} ways`).join(', ');
}

/** What a reader should know before acting on an evaluation: threads that take turns, nodes that would fill up. */
export function warningsFor(scenario: Scenario, evaluation: Evaluation): string[] {
  const { machine, options, concurrency, demand } = scenario;
  const warnings: string[] = [];
  const { threads, runningThreads } = concurrency;
  if (threads > runningThreads) {
    warnings.push(`${threads} threads share ${runningThreads} hardware threads and take turns.`);
  }
  const ownCaches = cachesPerCopy(machine, onlySocket(machine), options.copies);
  const behind = demand.metadata.caches;
  if (behind !== undefined && JSON.stringify(behind) !== JSON.stringify(ownCaches)) {
    warnings.push(
      `The demand was taken behind ${cachesText(behind)}; one of ${options.copies} copies on ${machine.name} has ` +
        `${cachesText(ownCaches)}. Start from the trace to filter it anew.`,
    );
  }
  for (const [k, { id, capacity_bytes: capacity }] of machine.nodes.entries()) {
    const needed = evaluation.nodes[k].pages * options.copies * demand.metadata.pageBytes;
    if (needed > capacity) {
      warnings.push(
        `Node ${id} would be full: ${evaluation.weights.join(':')} puts ${needed} bytes on it, it has ${capacity}; ` +
          'the kernel would place the rest elsewhere.',
      );
    }
  }
  return warnings;
}
