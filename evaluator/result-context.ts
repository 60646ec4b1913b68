import { createHash } from 'node:crypto';
import { kernelVersion } from '../models/mempolicy/kernel-version.ts';
import type { WeightHome } from '../models/mempolicy/weight-home.ts';
import type { CacheGeometry } from '../traces/cache-filter.ts';
import type { Demand } from '../traces/demand.ts';
import { samplingSentences } from '../traces/sampling.ts';
import type { TimeUnit } from '../traces/trace.ts';
import { VERSION } from '../traces/version.ts';
import type { Scenario } from './scenario.ts';
import type { ResultContext } from './sweep-result.ts';

/** What the user named: the trace file and its hash, the machine, and options: `within` is of a sweep, in percent. */
export type Inputs = Readonly<{
  file: string;
  sha256: string;
  machine: string;
  epochs?: number;
  pin?: readonly string[];
  within?: number;
}>;

/** Everything a result says beside its evaluations: what was run, how, and on what assumptions. */
export function resultContext(scenario: Scenario, inputs: Inputs): ResultContext {
  const { file, sha256 } = inputs;
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
    options: optionsInOrder(scenario, inputs),
    concurrency: { ...concurrency, sockets: [...concurrency.sockets] },
    continuous: { ...continuous, fractions: [...continuous.fractions] },
    assumptions: assumptions(scenario),
    warnings: [],
  };
}

/** In the order of the schema, in which they come back from a file. */
function optionsInOrder(
  { options }: Scenario,
  { epochs, pin, within }: Inputs,
): ResultContext['options'] {
  const { copies, outstanding, cpi, computeShare, weightHome, discipline, kernel, huge } = options;
  const { model = 'closed-loop', queueLines } = options;
  return {
    copies,
    ...(outstanding === undefined ? {} : { outstanding }),
    cpi,
    computeShare,
    model,
    ...(queueLines === undefined ? {} : { queueLines }),
    ...(epochs === undefined ? {} : { epochs }),
    ...(pin === undefined ? {} : { pin: [...pin] }),
    weightHome,
    discipline,
    kernel,
    huge,
    ...(within === undefined ? {} : { within }),
  };
}

function assumptions(scenario: Scenario): string[] {
  const { demand, machine, options, concurrency } = scenario;
  const { metadata } = demand;
  const { copies, cpi, computeShare } = options;
  const clocks = machine.sockets.slice(0, concurrency.sockets.length).map((s) => s.clock_ghz);
  const outstanding = concurrency.sockets.map((s) => s.outstanding);
  const said = [
    `${copies} ${copies === 1 ? 'copy runs' : 'copies run'} in step, each with its own memory laid out alike${socketsSaid(scenario)}.`,
    `${concurrency.slots} reads in flight: ${concurrency.runningThreads} running threads of ${distinct(outstanding)} ` +
      `(${concurrency.outstandingFrom}), no core above the larger of that and its line-fill buffers.`,
    computeSentence(metadata.timeUnit, cpi, computeShare, distinct(clocks)),
    cacheSentence(demand),
    `${placementSentence(scenario)} ${HOMES[options.weightHome]}`,
    'A node holds what the kernel leaves of it above its low watermark; pages for a full node go along its zonelist.',
    'Where pages all fit, lines are summed by residue of the interleave index; where a node fills up, pages are placed one by one.',
    'Peak, or 100 % busy, is the bandwidth a curve rises to at the read shares a node sees, above what one measures.',
    'Writes are posted: they take bandwidth and hold no slot. Hardware prefetching is not modelled.',
    ...modelSentence(scenario),
  ];
  const { autoWeights, name } = kernelVersion(options.kernel);
  if (!autoWeights) {
    said.push(
      `Linux ${name} has no auto weights: where nobody sets weights, those of all nodes are 1.`,
    );
  } else if (machine.nodes.some((n) => n.hmat === undefined)) {
    said.push(
      'Kernel auto weights are from the curves where the machine does not say what firmware tells the kernel.',
    );
  }
  said.push(...samplingSentences(metadata));
  if (metadata.physical) {
    said.push(
      'Addresses are physical: pages are placed by frame number, as if that were where the program sees them.',
    );
  }
  return said;
}

function computeSentence(unit: TimeUnit, cpi: number, share: number, clocks: string): string {
  if (unit === 'instructions') {
    return `Compute time: ${cpi} cycles an instruction (--cpi) at ${clocks} GHz, one thread of a core at a time.`;
  }
  if (unit === 'accesses') return 'Compute time: none, as the trace has no time in it.';
  return `Compute time: ${share} of the trace's own time (--compute-share), as it was measured with stalls inside.`;
}

function modelSentence({ options, lines }: Scenario): string[] {
  const { model, queueLines = Number.POSITIVE_INFINITY } = options;
  if (model === 'bottleneck') {
    return [
      'Time is a lower bound: what the busiest node or link needs, or the slots at idle latencies (--model bottleneck).',
    ];
  }
  if (model !== 'queue') return [];
  const all = lines.reads + lines.writes;
  const part =
    queueLines < all ? `${((100 * queueLines) / all).toPrecision(2)} % of the lines` : 'Every line';
  return [
    `${part} of each run ${queueLines < all ? 'are' : 'is'} replayed event by event, in random order within an epoch (--model queue); the 100 % line is the closed loop's.`,
  ];
}

const HOMES: Readonly<Record<WeightHome, string>> = {
  global: 'Weights are global to the machine.',
  policy: 'Weights are in the policy of each process group.',
  node: 'Every socket has weights of its own.',
  memtier: 'Weights are of memory tiers, whose nodes share their pages in turn.',
  cgroup: 'Every cgroup has weights of its own.',
  ratio: 'The weights are N:M, the fastest memory tier against all others.',
};

function socketsSaid({ demand, machine, concurrency }: Scenario): string {
  if (machine.sockets.length === 1) return '';
  if (demand.metadata.pinned !== undefined) {
    const on = demand.metadata.pinned
      .filter(({ threads }) => threads > 0)
      .map(
        ({ socket, threads }) =>
          `${threads} ${threads === 1 ? 'thread' : 'threads'} on socket ${socket}`,
      );
    return `, each with its threads pinned (${on.join(', ')})`;
  }
  const on = concurrency.sockets.map((s, socket) => `${s.copies} on socket ${socket}`);
  return `, dealt to sockets in turn (${on.join(', ')}), whose threads stay there`;
}

function placementSentence({ demand, options }: Scenario): string {
  const pages = options.huge
    ? 'pages of 2 MiB, as if every mapping were aligned to them and all memory huge'
    : 'base pages only';
  if (options.discipline === 'address') {
    const mapped = demand.metadata.vmas !== undefined && !options.huge;
    const index = mapped ? ', those of files by their place in the file' : '';
    return `Pages are placed by virtual address (weighted interleave of a private anonymous mapping)${index}, ${pages}.`;
  }
  return `Pages are handed out in the order of first touches, by a counter of each copy's own, ${pages}; no mainline kernel does.`;
}

function distinct(values: readonly number[]): string {
  return [...new Set(values)].join(' or ');
}

function cacheSentence({ metadata }: Demand): string {
  if (metadata.caches?.length === 0) return 'No caches: the trace is a sample of all accesses.';
  if (metadata.caches === undefined) return 'The trace was behind the caches already.';
  return `Caches of one copy: ${cachesText(metadata.caches)}; shared levels divided evenly among the copies; prefetching off.`;
}

/** Caches in words, from the core outwards. */
export function cachesText(caches: readonly CacheGeometry[]): string {
  return caches
    .map(({ bytes, ways, holds = 'both', instances = 1 }) => {
      const apart = instances > 1 ? `${instances} times ` : '';
      const kind = holds === 'both' ? '' : ` for ${holds}`;
      return `${apart}${Math.round(bytes / 1024)} KiB of ${ways} ways${kind}`;
    })
    .join(', ');
}
