import { z } from 'zod';
import type { WeightVectors } from '../models/mempolicy/weights.ts';

const vector = z
  .array(z.int().min(0).max(255))
  .min(1)
  .describe(
    'interleave weights in ascending order of node id, or of the groups of nodes that options.weightHome weighs; ' +
      '0 leaves one out',
  );
/** Weights in a result: one vector or several; typed as they are everywhere else. */
export const weightsSchema = z
  .union([vector, z.array(vector).min(2)])
  .describe(
    'one vector of weights, or one for each socket, cgroup or process group',
  ) as z.ZodType<WeightVectors>;
