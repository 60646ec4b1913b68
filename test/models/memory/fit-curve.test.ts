import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isTabulated } from '../../../models/memory/curve.ts';
import { type CurvePoint, fitCurve } from '../../../models/memory/fit-curve.ts';
import { LoadedLatency } from '../../../models/memory/loaded-latency.ts';

/** Points of a parametric curve at even utilisations up to `most`. */
function pointsOf(
  readShare: number,
  [idle, gbps, queueing]: [number, number, number],
  most = 0.85,
  count = 20,
): CurvePoint[] {
  return Array.from({ length: count }, (_, i) => {
    const u = (most * (i + 1)) / count;
    return { readShare, gbps: u * gbps, ns: idle * (1 + (queueing * u) / (1 - u)) };
  });
}

/** Flat up to a bandwidth, then a wall: no queue of one parameter looks like that. */
function wall(readShare: number, gbps: number): CurvePoint[] {
  const flat = Array.from({ length: 12 }, (_, i) => ({
    readShare,
    gbps: (gbps * (i + 1)) / 12.001,
    ns: 100 + i,
  }));
  return [...flat, { readShare, gbps, ns: 400 }, { readShare, gbps: gbps * 1.0001, ns: 600 }];
}

function latencyAt(fitted: ReturnType<typeof fitCurve>, readShare: number, gbps: number): number {
  const latency = new LoadedLatency(fitted.curve, fitted.idleNs);
  latency.setShare(readShare);
  latency.evaluate(gbps / latency.gbps);
  return fitted.idleNs * (1 + latency.excess);
}

describe('fitting a curve to points', () => {
  test('gives back the parameters of points that lie on parametric curves', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 60, max: 400, noNaN: true }),
        fc.double({ min: 10, max: 900, noNaN: true }),
        fc.double({ min: 0.05, max: 0.8, noNaN: true }),
        (idle, gbps, queueing) => {
          const half: [number, number, number] = [idle, gbps * 0.8, queueing * 1.4];
          const { idleNs, curve } = fitCurve([
            ...pointsOf(0.5, half),
            ...pointsOf(1, [idle, gbps, queueing]),
          ]);
          if (isTabulated(curve)) throw new Error('expected a parametric curve');
          expect(idleNs / idle).toBeCloseTo(1, 3);
          expect(curve.bandwidth[0].gbps / half[1]).toBeCloseTo(1, 3);
          expect(curve.bandwidth[1].gbps / gbps).toBeCloseTo(1, 3);
          expect(curve.bandwidth[1].queueing).toBeCloseTo(queueing, 2);
          expect(curve.fit.rms).toBeLessThan(1e-3);
        },
      ),
      { numRuns: 50 },
    );
  });

  test('a wall becomes a table, which gives back its points and saturates there', () => {
    const fitted = fitCurve([...wall(0.5, 40), ...wall(1, 26)]);
    expect(isTabulated(fitted.curve)).toBe(true);
    expect(fitted.curve.fit.worst_rms).toBeLessThan(0.01);
    expect(latencyAt(fitted, 1, 13) / 105).toBeCloseTo(1, 1);
    expect(latencyAt(fitted, 1, 25.9)).toBeGreaterThan(110);
    expect(latencyAt(fitted, 1, 27)).toBe(Number.POSITIVE_INFINITY);
    // Between two read shares, the wall lies between.
    expect(latencyAt(fitted, 0.75, 31)).toBeLessThan(120);
    expect(latencyAt(fitted, 0.75, 34)).toBe(Number.POSITIVE_INFINITY);
  });

  test('leaves out what cannot be, and what bends back, and says how many', () => {
    const real = pointsOf(1, [100, 200, 0.2]);
    const { leftOut, curve } = fitCurve([
      ...real,
      { readShare: 1, gbps: -3, ns: 100 },
      { readShare: 1, gbps: 50, ns: Number.NaN },
      { readShare: 1, gbps: 150, ns: 400 },
      { readShare: 1, gbps: 120, ns: 500 },
    ]);
    expect(leftOut).toEqual({ impossible: 2, pastSaturation: 2 });
    expect(curve.fit.rms).toBeLessThan(1e-3);
  });

  test.each([
    [[], /no usable points \(got 0/],
    [[{ readShare: 1, gbps: -1, ns: 100 }], /no usable points \(got 1/],
    [pointsOf(0.5, [100, 200, 0.2], 0.8, 2), /too few points at 50 % reads \(got 2 different/],
  ])('refuses points that make no curve', (points, message) => {
    expect(() => fitCurve(points)).toThrow(message);
  });

  test('with the idle latency given, that is the one', () => {
    expect(fitCurve(pointsOf(1, [100, 200, 0.2]), { idleNs: 97 }).idleNs).toBe(97);
  });
});

describe('a tabulated curve', () => {
  const steep = fc
    .array(
      fc.tuple(
        fc.double({ min: 0.01, max: 30, noNaN: true }),
        fc.double({ min: 0, max: 200, noNaN: true }),
      ),
      {
        minLength: 1,
        maxLength: 12,
      },
    )
    .map((steps) => {
      let [gbps, ns] = [0, 100];
      return steps.map(([wider, higher]) => {
        gbps += wider;
        ns += higher;
        return { gbps, ns };
      });
    });

  test('goes through its points, never falls, and its slope is its derivative', () => {
    fc.assert(
      fc.property(steep, fc.double({ min: 0, max: 1, noNaN: true }), (points, readShare) => {
        const top = points[points.length - 1].gbps;
        const row = { gbps: top * 1.01, points };
        const curve = {
          table: [
            { read_share: 0, ...row },
            { read_share: 1, ...row },
          ],
        };
        const latency = new LoadedLatency(curve, 100);
        latency.setShare(readShare);
        for (const { gbps, ns } of points) {
          latency.evaluate(gbps / latency.gbps);
          expect(100 * (1 + latency.excess)).toBeCloseTo(ns, 6);
        }
        let before = 0;
        for (let u = 0; u < 1; u += 1 / 512) {
          latency.evaluate(u);
          const { excess, slope } = latency;
          expect(excess).toBeGreaterThanOrEqual(before - 1e-9);
          expect(slope).toBeGreaterThanOrEqual(-1e-9);
          before = excess;
          const h = 1e-7;
          latency.evaluate(u + h);
          expect(latency.excess - excess).toBeLessThanOrEqual(
            2 * h * Math.max(slope, latency.slope) + 1e-6,
          );
        }
        latency.evaluate(1);
        expect(latency.excess).toBe(Number.POSITIVE_INFINITY);
      }),
    );
  });
});
