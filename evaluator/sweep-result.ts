import { z } from 'zod';
import { machineSchema } from '../models/memory/machine.ts';
import { TIME_MODELS } from '../models/memory/time-model.ts';
import { DISCIPLINES } from '../models/mempolicy/discipline.ts';
import { KERNEL_VERSIONS } from '../models/mempolicy/kernel-version.ts';
import { WEIGHT_HOMES } from '../models/mempolicy/weight-home.ts';
import { BASELINE_NAMES } from './baselines.ts';
import { optimumSchema, placementSchema, whySchema } from './choice-schema.ts';
import { howSureSchema } from './confidence/confidence-result.ts';
import { weightsSchema as weights } from './weights-schema.ts';

const gbps = z.number().nonnegative();
const latency = z.number().positive();

const nodeUse = z.strictObject({
  id: z.int().nonnegative().describe('node id'),
  readGbps: gbps.describe('read from this node by all copies, GB/s (1e9 bytes a second)'),
  writeGbps: gbps.describe('written to this node by all copies, GB/s'),
  utilisation: z
    .number()
    .min(0)
    .max(1)
    .describe("busy time over run time: share of the curve's asymptotic bandwidth"),
  pages: z
    .number()
    .nonnegative()
    .describe('pages of one copy placed on this node, averaged over copies (of 2 MiB with huge)'),
  missed: z
    .number()
    .nonnegative()
    .describe('pages of one copy that should be on this node and lie elsewhere, since it was full'),
  meanLoadNs: z
    .number()
    .nonnegative()
    .nullable()
    .describe('mean latency of a read from this node, ns; null without reads'),
  loadPercentilesNs: z
    .strictObject({ p50: latency, p99: latency, p999: latency })
    .optional()
    .describe('with model queue: the latency that 50, 99 and 99.9 % of the reads have at most, ns'),
});

const lane = z.number().min(0).describe('bandwidth over that of the lane');
const linkUse = z.strictObject({
  id: z.string(),
  readGbps: gbps.describe('read over this link by all copies, GB/s'),
  writeGbps: gbps.describe('written over this link by all copies, GB/s'),
  readUtilisation: lane,
  writeUtilisation: lane,
});

const evaluationSchema = z.strictObject({
  weights,
  throughputGbps: gbps.describe('bytes read and written by all copies over time, GB/s'),
  timeNs: z.number().positive().describe('time of the whole run, ns'),
  shareOfOptimum: z.number().positive().describe('throughputGbps over continuous.throughputGbps'),
  meanLoadNs: z
    .number()
    .nonnegative()
    .nullable()
    .describe('mean latency of a read from memory, ns; null without reads'),
  missedPages: z
    .number()
    .nonnegative()
    .describe('pages of one copy that are not on the node their index fell on, over all nodes'),
  nodes: z.array(nodeUse),
  links: z.array(linkUse).optional().describe('of machines that have links'),
});

const traceSummary = z.strictObject({
  file: z.string().describe('as given on the command line'),
  sha256: z.string(),
  source: z.string().describe('what made the trace'),
  command: z.string().optional().describe('command line of the traced program'),
  accesses: z.int().positive(),
  loads: z.int().nonnegative(),
  stores: z.int().nonnegative(),
  threads: z.int().positive(),
  footprintPages: z.int().positive(),
  pageBytes: z.int().positive(),
  linesRead: z.number().nonnegative().describe('cache lines one copy reads from memory'),
  linesWritten: z.number().nonnegative().describe('cache lines one copy writes to memory'),
  epochs: z.int().positive(),
});

const optionsSchema = z.strictObject({
  copies: z.int().positive(),
  outstanding: z.int().positive().optional(),
  cpi: z.number().nonnegative(),
  computeShare: z.number().min(0).max(1),
  model: z.enum(TIME_MODELS).describe('what says how long memory takes'),
  queueLines: z
    .int()
    .positive()
    .optional()
    .describe('with model queue: most lines of a run that are replayed, in proportion'),
  epochs: z.int().positive().optional().describe('most epochs a trace was cut into'),
  pin: z.array(z.string()).optional().describe('which threads run on which socket, as given'),
  weightHome: z.enum(WEIGHT_HOMES).describe('where weights live'),
  discipline: z.enum(DISCIPLINES).describe('what an interleave index is made of'),
  kernel: z
    .enum([...KERNEL_VERSIONS.keys()] as [string, ...string[]])
    .describe('whose weights kernelAuto has'),
  huge: z.boolean().describe('all memory in pages of 2 MiB'),
  within: z
    .number()
    .min(0)
    .max(100)
    .optional()
    .describe('of a sweep: how far below the best the plateau reaches, %'),
});

const concurrencySchema = z.strictObject({
  threads: z.int().positive().describe('software threads of all copies'),
  runningThreads: z.int().positive().describe('how many of them run at a time'),
  outstanding: z
    .int()
    .positive()
    .describe('reads a thread keeps in flight (the most, where sockets differ)'),
  outstandingFrom: z.enum(['option', 'trace', 'line-fill buffers']),
  computeFrom: z
    .enum(['instructions', 'cycles', 'ns', 'accesses'])
    .describe('what compute time is reckoned from'),
  slots: z.int().positive().describe('reads in flight altogether'),
  sockets: z
    .array(
      z.strictObject({
        copies: z.int().positive(),
        runningThreads: z.int().positive(),
        outstanding: z.int().positive(),
        slots: z.int().positive().describe('reads in flight: Q'),
      }),
    )
    .min(1)
    .describe('the sockets that have copies, in order'),
});

const common = {
  version: z.string().describe('version of numaweave that made this'),
  machine: machineSchema,
  machineGiven: z.string().describe('the machine as given on the command line: a preset or a file'),
  machineSha256: z.string().describe('SHA-256 of the machine as JSON without white space'),
  traces: z.array(traceSummary).min(1),
  options: optionsSchema,
  concurrency: concurrencySchema,
  continuous: z
    .strictObject({
      fractions: z.array(z.number().min(0).max(1)).describe("each node's share of all lines"),
      throughputGbps: gbps,
    })
    .describe('the best real-valued split, which every share of optimum is measured against'),
  assumptions: z.array(z.string()).describe('what the model took for granted, in sentences'),
  warnings: z.array(z.string()).describe('what a reader should know before acting on the numbers'),
};

/** What `evaluate --json` prints; docs/evaluation.schema.json is made from it. */
export const evaluationResultSchema = z.strictObject({ ...common, evaluation: evaluationSchema });

/** What sweep.json holds; docs/sweep.schema.json is made from it. */
export const sweepResultSchema = z.strictObject({
  ...common,
  maxTotal: z.int().positive().describe('largest total of weights swept'),
  searched: z
    .strictObject({
      vectors: z.number().positive().describe('how many there are'),
      evaluated: z.int().positive().describe('how many of them were evaluated'),
      budget: z.int().positive().describe('how many might have been'),
    })
    .optional()
    .describe('where good vectors were searched, not all evaluated'),
  optimum: optimumSchema,
  why: whySchema.describe('what bounds the recommended vector, and what its neighbours do'),
  placement: placementSchema.describe('how many evaluations are read off sums, how many placed'),
  baselines: z.strictObject(
    Object.fromEntries(BASELINE_NAMES.map((name) => [name, evaluationSchema])) as Record<
      (typeof BASELINE_NAMES)[number],
      typeof evaluationSchema
    >,
  ),
  globalBest: evaluationSchema
    .optional()
    .describe(
      'the best of a sweep of global weights, where options.weightHome holds other weights',
    ),
  ...howSureSchema(weights),
  evaluations: z.array(evaluationSchema).min(1),
});

export type SweepResult = z.infer<typeof sweepResultSchema>;
export type EvaluationResult = z.infer<typeof evaluationResultSchema>;
export type ResultContext = Omit<EvaluationResult, 'evaluation'>;
