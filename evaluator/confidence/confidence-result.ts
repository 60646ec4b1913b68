import { z } from 'zod';
import { WEIGHT_HOMES } from '../../models/mempolicy/weight-home.ts';
import type { WeightVectors } from '../../models/mempolicy/weights.ts';
import { QUANTITIES } from './changed-memory.ts';
import { METHOD } from './confidence.ts';

const share = z.number().min(0).max(1);

/** What sweep.json says of how sure the choice is; `weights` is the schema of one vector or several. */
export function howSureSchema(weights: z.ZodType<WeightVectors>) {
  const confidence = z.strictObject({
    method: z.literal(METHOD),
    model: z.enum(['closed-loop', 'bottleneck']).describe('what timed the epochs'),
    level: share.describe('of the intervals'),
    resamples: z.int().positive(),
    blockEpochs: z.int().positive().describe('epochs in a block'),
    seed: z.int().nonnegative(),
    gains: z
      .array(
        z.strictObject({
          weights,
          home: z
            .enum(WEIGHT_HOMES)
            .optional()
            .describe('of baselines that options.weightHome cannot hold'),
          gain: z.number().describe('0.019 is 1.9 % more throughput'),
          low: z.number(),
          high: z.number(),
        }),
      )
      .min(1)
      .describe(
        'over baselines.fastestOnly, with intervals: the plateau (64 at most, the recommended one first), the fastest ' +
          'vector, the baselines',
      ),
    recommendedBest: share.describe(
      'of the resamples, in which the recommended vector is the best of those',
    ),
    recommendedWithin: share.describe(
      'of the resamples, in which it is within options.within percent of the best',
    ),
  });
  const sensitivity = z.strictObject({
    candidates: z.int().positive().describe('vectors chosen among on every changed machine'),
    changes: z
      .array(
        z.strictObject({
          node: z.int().nonnegative().describe('node id'),
          quantity: z.enum(QUANTITIES),
          change: z.number().describe('-0.2 is 20 % less'),
          best: weights.describe('the vector that is then the fastest'),
          loss: share.describe('share of its throughput that the recommended one lacks'),
        }),
      )
      .min(1),
    robust: z
      .strictObject({ weights, worstLoss: share })
      .describe('the vector whose largest loss over all changes is the least'),
  });
  return {
    confidence: confidence
      .optional()
      .describe('what resampled epochs say; left out with fewer than 8 epochs or --resamples 0'),
    sensitivity: sensitivity
      .optional()
      .describe("the choice made again with one node's bandwidth or idle latency changed"),
  };
}
