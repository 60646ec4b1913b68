import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bestSplit } from '../../evaluator/continuous-optimum.ts';
import { pooledSplit } from '../../evaluator/pooled-split.ts';
import { ClosedLoop } from '../../models/memory/closed-loop.ts';
import { memorySystem } from '../../models/memory/memory-system.ts';
import { twoSockets } from './two-socket-machine.ts';

const memory = memorySystem(twoSockets(), 0, 1);

describe('the best split of two sockets', () => {
  test('saturated: every node full with the lines near to it', () => {
    // 30 and 8 GB/s near each socket: 38 each.
    const each = { slots: 1e6, reads: 1e6, writes: 1e5, computeNs: 0 };
    const { shares, timeNs } = pooledSplit(memory, [each, each]);
    expect(timeNs / ((1.1e6 * 64) / 38)).toBeCloseTo(1, 4);
    for (const [p, share] of [30 / 38, 0, 8 / 38, 0, 0, 30 / 38, 0, 8 / 38].entries())
      expect(shares[p]).toBeCloseTo(share, 3);
  });

  test('one socket given as one is what the equation of one socket gives', () => {
    const one = memorySystem(twoSockets(), 0);
    for (const slots of [4, 64, 1000]) {
      const own = { slots, reads: 1e6, writes: 2e5, computeNs: 1e5 };
      const { timeNs } = pooledSplit(one, [own]);
      expect(timeNs / bestSplit(one, slots, own.reads, own.writes, 1e5).timeNs).toBeCloseTo(1, 6);
    }
  });

  const share = fc.double({ min: 0.001, max: 1, noNaN: true });
  const socket = fc.record({
    slots: fc.integer({ min: 1, max: 2000 }),
    reads: fc.integer({ min: 100_000, max: 1_000_000 }),
    writes: fc.integer({ min: 0, max: 1_000_000 }),
    computeNs: fc.double({ min: 0, max: 1e6, noNaN: true }),
  });

  test('is never beaten by a split one may try', () => {
    fc.assert(
      fc.property(
        fc.tuple(socket, socket),
        fc.array(share, { minLength: 8, maxLength: 8 }),
        (sockets, parts) => {
          const { shares, timeNs } = pooledSplit(memory, sockets);
          const loop = new ClosedLoop(memory, ...sockets.map((s) => s.slots));
          const time = (split: ArrayLike<number>) => {
            const lines = (of: 'reads' | 'writes') =>
              Float64Array.from(split, (x, p) => x * sockets[p < 4 ? 0 : 1][of]);
            const compute = Float64Array.from(sockets, (s) => s.computeNs);
            return loop.solve(lines('reads'), lines('writes'), compute);
          };
          const sums = [0, 4].map((at) => parts.slice(at, at + 4).reduce((a, b) => a + b));
          const tried = parts.map((part, p) => part / sums[p < 4 ? 0 : 1]);
          expect(timeNs).toBeLessThanOrEqual(time(tried) * (1 + 1e-9));
          expect(timeNs).toBeLessThanOrEqual(time(shares) * (1 + 1e-9));
        },
      ),
      { numRuns: 100 },
    );
  });
});
