import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readPoints } from '../../../models/calibration-points.ts';
import { calibrate } from '../../../models/memory/calibrate.ts';
import { type Machine, machineSchema } from '../../../models/memory/machine.ts';
import { memorySystem } from '../../../models/memory/memory-system.ts';
import { presets } from '../../../models/memory/presets.ts';
import { throughputOf } from '../../../models/memory/throughput.ts';

const machine = presets.get('spr-1cxl') as Machine;

/** What a machine with these factors on slots, queueing and B would measure. */
function measured(slots: number, queueing: number, bandwidth: number, weights: number[][]) {
  const paths = machine.paths.map((p) => {
    if (!('bandwidth' in p.curve)) throw new Error('expected a parametric curve');
    const rows = p.curve.bandwidth.map((row) => ({ ...row, gbps: row.gbps * bandwidth }));
    return { ...p, curve: { queueing: p.curve.queueing * queueing, bandwidth: rows } };
  });
  const memory = memorySystem({ ...machine, paths }, 0);
  return weights.map((own) => ({
    weights: own,
    readShare: 0.5,
    gbps: throughputOf(memory, 56 * 16 * slots, 0.5, own),
  }));
}

describe('calibrating a machine', () => {
  const weights = [
    [1, 0],
    [0, 1],
    [9, 1],
    [4, 1],
    [20, 1],
  ];

  test('predicts the points of a machine that differs by up to 30 %, and what lies between them', () => {
    const factor = fc.double({ min: 0.7, max: 1.3, noNaN: true });
    fc.assert(
      fc.property(factor, factor, factor, (slots, queueing, bandwidth) => {
        const points = measured(slots, queueing, bandwidth, weights);
        const calibration = calibrate(machine, points);
        expect(calibration.rmsAfter).toBeLessThan(0.01);
        expect(calibration.rmsAfter).toBeLessThanOrEqual(calibration.rmsBefore + 1e-9);
        const [between] = measured(slots, queueing, bandwidth, [[14, 1]]);
        const own = memorySystem(calibration.machine, 0);
        const { cores, line_fill_buffers: buffers } = calibration.machine.sockets[0];
        const predicted = throughputOf(own, cores * buffers, 0.5, [14, 1]);
        expect(Math.abs(predicted / between.gbps - 1)).toBeLessThan(0.015);
        expect(machineSchema.safeParse(calibration.machine).success).toBe(true);
      }),
      { numRuns: 15 },
    );
  });

  test('DRAM alone says nothing of CXL, and says which two it cannot tell apart', () => {
    const { parameters, entangled } = calibrate(machine, measured(1, 1, 0.9, [[1, 0]]));
    expect(parameters.map((p) => p.node)).not.toContain(1);
    const bandwidth = parameters.findIndex((p) => p.name === 'bandwidth');
    const queueing = parameters.findIndex((p) => p.name === 'queueing');
    expect(parameters[bandwidth].fromPoints).toBeGreaterThan(0.5);
    expect(parameters[queueing].fromPoints).toBeLessThan(0.3);
    expect(entangled.some(({ pair }) => pair.includes(bandwidth))).toBe(true);
  });

  test('intervals hold the truth, and are narrower with more precise points', () => {
    const points = measured(1.1, 1.2, 1.1, weights);
    const [rough, exact] = [0.03, 0.003].map((error) => calibrate(machine, points, { error }));
    for (const [i, p] of exact.parameters.entries()) {
      const truth = p.before * { 'slots per core': 1.1, queueing: 1.2, bandwidth: 1.1 }[p.name];
      expect(truth).toBeGreaterThan(p.low);
      expect(truth).toBeLessThan(p.high);
      expect(p.high / p.low).toBeLessThan(rough.parameters[i].high / rough.parameters[i].low);
    }
  });

  test('a tabulated curve is scaled in bandwidth', () => {
    const tabulated = presets.get('spr-2cxl') as Machine;
    const points = [{ weights: [0, 1, 1], readShare: 0.66, gbps: 60 }];
    const { rmsAfter, parameters } = calibrate(tabulated, points);
    expect(rmsAfter).toBeLessThan(0.01);
    expect(parameters.some((p) => p.name === 'queueing' && p.node === 1)).toBe(false);
  });

  test('refuses a socket that is not there, and weights of another machine', () => {
    const points = [{ weights: [1, 0], readShare: 1, gbps: 200 }];
    expect(() => calibrate(machine, points, { socket: 1 })).toThrow(/no such socket \(got 1/);
    expect(() => calibrate(machine, [{ ...points[0], weights: [1] }])).toThrow(/got 1, expected 2/);
  });
});

describe('files of measured points', () => {
  test('are CSV', () => {
    const text = '# from a run\r\nweights,read_share,gbps\r\n\r\n9:1,0.5,205.8\r\n1:0, 1, 260\r\n';
    expect(readPoints('p.csv', text, 2)).toEqual([
      { weights: [9, 1], readShare: 0.5, gbps: 205.8 },
      { weights: [1, 0], readShare: 1, gbps: 260 },
    ]);
  });

  test.each([
    ['', /no points/],
    ['9:1,0.5,200\n', /line 1: header/],
    ['weights,read_share,gbps\n9:1,0.5\n', /line 2: fields \(got "2 of them"/],
    ['weights,read_share,gbps\n9,0.5,200\n', /line 2: weights 9: wrong number/],
    ['weights,read_share,gbps\n9:1,50,200\n', /line 2: read_share \(got "50", expected "?0 to 1/],
    ['weights,read_share,gbps\n9:1,0.5,-3\n', /line 2: gbps \(got "-3"/],
    ['weights,read_share,gbps\n9:1,0.5,\n', /line 2: gbps \(got ""/],
  ])('%j is refused with its line', (text, message) => {
    expect(() => readPoints('p.csv', text, 2)).toThrow(message);
  });
});
