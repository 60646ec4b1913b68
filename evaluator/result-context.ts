import { createHash } from 'node:crypto';
import { cachesPerCopy } from '../models/memory/caches-per-copy.ts';
import { weightsText } from '../models/mempolicy/weights.ts';
import type { CacheGeometry } from '../traces/cache-filter.ts';
import type { Demand } from '../traces/demand.ts';
import { VERSION } from '../traces/version.ts';
import type { Evaluation } from './evaluation.ts';
import { onlySocket, overfullNodes, type Scenario } from './scenario.ts';
import type { ResultContext } from './sweep-result.ts';

/** What the user named: the trace file and its hash, the machine, and how many epochs to cut a trace into at most. */
export type Inputs = Readonly<{ file: string; sha256: string; machine: string; epochs?: number }>;

/** Everything a result says beside its evaluations: what was run, how, and on what assumptions. */
export function resultContext(scenario: Scenario, inputs: Inputs): ResultContext {
  const { file, sha256, epochs } = inputs;
  const { demand, machine, options, lines, continuous } = scenario;
  const { metadata } = demand;
  const { computeNs: _, ...concurrency } = scenario.concurrency;
  return {
    version: VERSION,
    machine,
    machineGiven: inputs.machine,
    machineSha256: createHash('sha256').update(JSON.stringify(machine)).digest('hex'),
    traces: [
      {
        file,
        sha256,
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
    options: { ...options, ...(epochs === undefined ? {} : { epochs }) },
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
      ? `Compute time: ${cpi} cycles an instruction (--cpi) at ${machine.sockets[0].clock_ghz} GHz, one thread of a core at a time.`
      : `Compute time: ${computeShare} of the trace's own time (--compute-share), as it was measured with stalls inside.`,
    cacheSentence(demand),
    'Pages are placed by virtual address (weighted interleave of a private anonymous mapping), base pages only, as if no node filled up.',
    'Peak, or 100 % busy, is the bandwidth a curve rises to at the read shares a node sees, above what one measures.',
    'Writes are posted: they take bandwidth and hold no slot. Hardware prefetching is not modelled.',
  ];
  if (machine.nodes.some((n) => n.hmat === undefined)) {
    said.push(
      'Kernel auto weights are from the curves where the machine does not say what firmware tells the kernel.',
    );
  }
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
  const text = weightsText(evaluation.weights);
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
  const gib = (bytes: number) => `${Math.ceil(bytes / 2 ** 30)} GiB`;
  for (const { id, needed, capacity } of overfullNodes(scenario, evaluation)) {
    warnings.push(
      `Node ${id} would be full: ${text} puts ${gib(needed)} on it, it has ${gib(capacity)}; the kernel would place the ` +
        'rest elsewhere, which is not modelled.',
    );
  }
  const footprint = demand.pages.length * demand.metadata.pageBytes * options.copies;
  const memory = machine.nodes.reduce((sum, n) => sum + n.capacity_bytes, 0);
  if (footprint > memory) {
    warnings.push(
      `${options.copies} copies need ${gib(footprint)}, all nodes together have ${gib(memory)}: they do not fit.`,
    );
  }
  if (evaluation.shareOfOptimum > 1) {
    warnings.push(
      `${text} lies above the continuous optimum: its cycle happens to keep apart pages that are read from pages that ` +
        'are written, which one proportion for all pages cannot. Another memory layout may not repeat it.',
    );
  }
  const { paths } = scenario.setup.memory;
  const longest = Math.max(...paths.map((p) => p.idle_ns));
  const { reads, writes } = scenario.lines;
  if (4 * reads < writes && (evaluation.meanLoadNs ?? 0) > 10 * longest) {
    warnings.push(
      'Posted writes fill the nodes: the latency of the few reads among them is out of proportion.',
    );
  }
  return warnings;
}
