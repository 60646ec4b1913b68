import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Scenario, scenario } from '../../evaluator/scenario.ts';
import { sweep } from '../../evaluator/sweep.ts';
import { demandOfTrace } from '../../traces/demand-of-trace.ts';
import { synthRandom } from '../../traces/synth/random.ts';
import { machineOf } from './two-node-machine.ts';

const UNITS = { caches: [], lineBytes: 64, pageBytes: 4096 };

async function put(
  nodes: Parameters<typeof machineOf>[0],
  trace: Readonly<{ pages: number; accesses: number; readShare: number; seed: number }>,
  model: 'closed-loop' | 'bottleneck' = 'closed-loop',
): Promise<Scenario> {
  const demand = await demandOfTrace('t', synthRandom({ ...trace, level: 'memory' }), UNITS);
  return scenario(demand, machineOf(nodes), { copies: 64, cpi: 0.5, computeShare: 0, model });
}

const gbps = fc.double({ min: 10, max: 400, noNaN: true });
const idleNs = fc.double({ min: 80, max: 500, noNaN: true });

describe('the continuous optimum', () => {
  test('of a uniform demand on nodes of one latency is the proportion of their bandwidths, to 1e-6', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(gbps, { minLength: 2, maxLength: 5 }), async (bandwidths) => {
        const nodes = bandwidths.map((own) => ({ gbps: own, idleNs: 120 }));
        const trace = { pages: 4096, accesses: 200_000, readShare: 1, seed: 1 };
        const { continuous } = await put(nodes, trace);
        const all = bandwidths.reduce((sum, own) => sum + own, 0);
        for (const [k, fraction] of continuous.fractions.entries())
          expect(Math.abs(fraction - bandwidths[k] / all)).toBeLessThan(1e-6);
      }),
      { numRuns: 20 },
    );
  });

  test('is never below any vector, however few or mixed the pages, by the closed loop and by its bound', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ gbps, idleNs }), { minLength: 2, maxLength: 3 }),
        fc.integer({ min: 4, max: 300 }),
        fc.double({ min: 0.1, max: 1, noNaN: true }),
        fc.constantFrom('closed-loop', 'bottleneck'),
        fc.integer({ min: 1, max: 1000 }),
        async (nodes, pages, readShare, model, seed) => {
          const made = await put(nodes, { pages, accesses: 5000, readShare, seed }, model);
          const { continuous, evaluations, baselines } = await sweep(made, {
            maxTotal: 8,
            threads: 1,
          });
          expect(continuous.throughputGbps).toBeGreaterThanOrEqual(made.continuous.throughputGbps);
          for (const e of [...evaluations, ...Object.values(baselines)]) {
            expect(e.throughputGbps).toBeLessThanOrEqual(continuous.throughputGbps);
            expect(e.shareOfOptimum).toBeLessThanOrEqual(1);
            expect(e.shareOfOptimum).toBe(e.throughputGbps / continuous.throughputGbps);
          }
        },
      ),
      { numRuns: 15 },
    );
  });
});
