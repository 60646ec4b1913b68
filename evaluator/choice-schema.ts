import { z } from 'zod';
import { PLACEMENTS } from './placement-counts.ts';
import { weightsSchema as weights } from './weights-schema.ts';
import { BOUNDS } from './why.ts';

const gbps = z.number().nonnegative();

/** The choice of a sweep (optimum.ts). */
export const optimumSchema = z.strictObject({
  weights: weights.describe('the recommended vector: the shortest cycle of the plateau'),
  throughputGbps: gbps,
  best: z
    .strictObject({ weights, throughputGbps: gbps })
    .describe('the fastest vector, by however little'),
  plateau: z
    .array(weights)
    .describe('all vectors within options.within percent of the best, the recommended one first'),
});

/** Why the recommended vector is as fast as it is (why.ts). */
export const whySchema = z.strictObject({
  bound: z
    .enum(BOUNDS)
    .describe(
      'what needs most of the run: a node, a link, reads in flight at idle latency, or computing',
    ),
  node: z.int().nonnegative().describe('id of the busiest node'),
  nodeUtilisation: z.number().min(0).max(1).describe('its utilisation over the run'),
  link: z.string().optional().describe('with bound link: its id'),
  utilisation: z.number().min(0).describe('how much of the run the bound needs, 0 to 1'),
  next: z
    .array(
      z.strictObject({
        weights,
        change: z.number().describe('throughput over that of the recommended vector, less 1'),
      }),
    )
    .describe('one more, then one less, of each weight'),
});

/** How pages were placed (placement-counts.ts). */
export const placementSchema = z.strictObject({
  from: z.enum(PLACEMENTS),
  residues: z.int().nonnegative().describe('evaluations read off sums by residue of the index'),
  pages: z.int().nonnegative().describe('evaluations whose pages were placed one by one'),
});
