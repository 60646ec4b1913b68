import { z } from 'zod';
import { sweepResultSchema } from '../sweep-result.ts';

const { traces, options, concurrency, continuous } = sweepResultSchema.shape;
const { searched } = sweepResultSchema.shape;
const { version, machine, machineGiven, machineSha256, maxTotal } = sweepResultSchema.shape;
const { weights } = sweepResultSchema.shape.optimum.shape;
const gbps = z.number().nonnegative();
const share = z.number().positive();

const best = z.strictObject({ weights, throughputGbps: gbps });

const traceSchema = traces.element.extend({
  weight: share.optional().describe('how much the trace counts in the mean; alternating only'),
  shareOfLines: z.number().min(0).max(1).describe('of the lines of all traces, its part'),
  best: best.describe('its own best vector, by itself on the machine'),
  recommended: best.describe('the shortest cycle within options.within percent (1) of that'),
  continuous: continuous.describe('its own best real-valued split'),
  searched,
  folder: z.string().optional().describe('sub-folder that holds its own sweep'),
});

const vectorSchema = z.strictObject({
  weights,
  sharesOfBest: z
    .array(share)
    .describe('throughput of each trace over that of its own best vector, in the order of traces'),
  mean: share.describe('weighted geometric mean of sharesOfBest'),
  worst: share.describe('least of sharesOfBest'),
  missedPages: z
    .number()
    .nonnegative()
    .describe('pages of one copy that are not where their index fell, over all traces'),
});

const common = {
  version,
  machine,
  machineGiven,
  machineSha256,
  options,
  maxTotal,
  traces: z.array(traceSchema).min(2),
  assumptions: z.array(z.string()).describe('what was taken for granted, in sentences'),
  warnings: z.array(z.string()).describe('what a reader should know before acting on the numbers'),
};

const alternatingSchema = z.strictObject({
  mode: z.literal('alternating').describe('the traces run one after another'),
  ...common,
  recommended: vectorSchema.describe(
    'the shortest cycle whose mean is within options.within percent (1) of the best',
  ),
  bestMean: vectorSchema.describe('the best mean, by however little'),
  plateau: z
    .array(weights)
    .describe(
      'all vectors whose mean is within options.within percent (1) of the best, the recommended one first',
    ),
  minimax: vectorSchema.describe('the vector with the best worst: whose largest loss is least'),
  vectors: z.array(vectorSchema).min(1),
});

const sharedUse = z.strictObject({
  weights,
  throughputGbps: gbps.describe('of all traces together'),
  shareOfBest: share.describe('throughput over that of the best vector'),
  missedPages: z.number().nonnegative().describe('pages of one copy of each trace, likewise'),
});

const togetherSchema = z.strictObject({
  mode: z.literal('together').describe('the traces share the machine at the same time'),
  ...common,
  concurrency: concurrency
    .omit({ outstandingFrom: true, computeFrom: true })
    .describe('of all traces together'),
  searched,
  epochs: z.int().positive().describe('steps the traces run in, aligned by share of each run'),
  continuous: continuous.describe('the best real-valued split of all lines together'),
  recommended: sharedUse.describe(
    'the shortest cycle within options.within percent (1) of the best',
  ),
  best: sharedUse.describe('the fastest vector, by however little'),
  plateau: z
    .array(weights)
    .describe(
      'all vectors within options.within percent (1) of the best, the recommended one first',
    ),
  vectors: z.array(sharedUse).min(1),
});

/** What several.json holds; docs/several.schema.json is made from it. */
export const severalResultSchema = z.discriminatedUnion('mode', [
  alternatingSchema,
  togetherSchema,
]);

export type SeveralResult = z.infer<typeof severalResultSchema>;
export type AlternatingResult = z.infer<typeof alternatingSchema>;
export type TogetherResult = z.infer<typeof togetherSchema>;
