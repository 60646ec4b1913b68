import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { copiesPerSocket, coresOf } from '../../models/memory/copies-per-socket.ts';
import type { Machine } from '../../models/memory/machine.ts';
import { memorySystem } from '../../models/memory/memory-system.ts';
import { presets } from '../../models/memory/presets.ts';
import { type Path, solved, systemOf } from './memory-system.ts';

const near: Path = { idle: 100, gbps: 200, queueing: 0.2 };
const far: Path = { idle: 180, gbps: 90, queueing: 0.2 };

describe('the closed loop over several sockets', () => {
  test('each on its own node: the time of one socket, twice the lines', () => {
    const alone = solved(systemOf([[near]]), [320], [1e6], [2e5]);
    const both = solved(
      systemOf([
        [near, far],
        [far, near],
      ]),
      [320, 320],
      [1e6, 0, 0, 1e6],
      [2e5, 0, 0, 2e5],
    );
    expect(both.time).toBe(alone.time);
    expect(both.busyNs).toEqual([alone.busyNs[0], alone.busyNs[0]]);
    expect(both.loadNs).toEqual([alone.loadNs[0], 0, 0, alone.loadNs[0]]);
  });

  test('a socket that reads over its far path only: that path alone', () => {
    const alone = solved(systemOf([[far]]), [320], [1e6], [0]);
    const memory = systemOf([
      [near, far],
      [far, near],
    ]);
    const remote = solved(memory, [320, 320], [0, 0, 1e6, 0], [0, 0, 0, 0]);
    expect(remote.time).toBe(alone.time);
    expect(remote.busyNs).toEqual([alone.busyNs[0], 0]);
  });

  test('both on one node over unlike paths: the root of the slower quadratic', () => {
    const [slots, reads] = [320, 1e6];
    const busy = (reads * 64) / near.gbps + (reads * 64) / far.gbps;
    const root = ({ idle, queueing }: Path) => {
      const unloaded = (reads * idle) / slots;
      const apart = unloaded - busy;
      return (unloaded + busy + Math.sqrt(apart ** 2 + 4 * unloaded * queueing * busy)) / 2;
    };
    const { time, busyNs, loadNs } = solved(
      systemOf([[near], [far]]),
      [slots, slots],
      [reads, reads],
      [0, 0],
    );
    expect(time / root(far)).toBeCloseTo(1, 12);
    expect(root(far)).toBeGreaterThan(root(near));
    expect(busyNs[0] / busy).toBeCloseTo(1, 12);
    expect((loadNs[1] * reads) / slots / time).toBeCloseTo(1, 9);
  });

  test('each computes by itself, and the slower one counts', () => {
    const memory = systemOf([
      [near, far],
      [far, near],
    ]);
    const lines = [1e5, 0, 0, 1e5];
    const none = [0, 0, 0, 0];
    const slow = solved(systemOf([[near]]), [320], [1e5], [0], 9e5).time;
    expect(solved(memory, [320, 320], lines, none, [0, 9e5]).time).toBe(slow);
    expect(solved(memory, [320, 320], lines, none, [9e5, 0]).time).toBe(slow);
    expect(solved(memory, [320, 320], lines, none, 9e5).time).toBe(slow);
  });

  test('a link that both cross is as busy as their reads together', () => {
    const links = [{ id: 'cxl', readGbps: 20, writeGbps: 10 }];
    const path = { idle: 200, gbps: 1e6, queueing: 0.2, via: ['cxl'] };
    const one = solved(systemOf([[path]], links), [640], [2e6], [0]).time;
    const two = solved(systemOf([[path], [path]], links), [320, 320], [1e6, 1e6], [0, 0]).time;
    expect(two / one).toBeCloseTo(1, 12);
    const written = solved(systemOf([[path], [path]], links), [320, 320], [0, 0], [1e6, 1e6]).time;
    expect(written).toBeCloseTo((2e6 * 64) / 10, 5);
  });

  const path = fc.record({
    idle: fc.double({ min: 50, max: 500, noNaN: true }),
    gbps: fc.double({ min: 5, max: 500, noNaN: true }),
    queueing: fc.double({ min: 0.01, max: 1, noNaN: true }),
  });
  const lines = fc.integer({ min: 0, max: 1_000_000 });

  test('one socket cut in two halves takes as long', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(path, lines, lines), { minLength: 1, maxLength: 4 }),
        fc.integer({ min: 1, max: 1000 }),
        fc.double({ min: 0, max: 1e6, noNaN: true }),
        (loads, slots, computeNs) => {
          const paths = loads.map(([p]) => p);
          const reads = loads.map(([, r]) => r);
          const writes = loads.map(([, , w]) => w);
          const twice = (values: readonly number[]) => values.map((v) => 2 * v);
          const whole = solved(
            systemOf([paths]),
            [2 * slots],
            twice(reads),
            twice(writes),
            computeNs,
          );
          const halves = solved(
            systemOf([paths, paths]),
            [slots, slots],
            [...reads, ...reads],
            [...writes, ...writes],
            computeNs,
          );
          expect(Math.abs(halves.time - whole.time)).toBeLessThanOrEqual(1e-12 * whole.time);
        },
      ),
      { numRuns: 300 },
    );
  });

  test('gives every socket the time its equation needs, and one of them no more', () => {
    fc.assert(
      fc.property(
        fc
          .integer({ min: 1, max: 3 })
          .chain((nodes) =>
            fc.array(
              fc.tuple(
                fc.array(fc.tuple(path, lines, lines), { minLength: nodes, maxLength: nodes }),
                fc.integer({ min: 1, max: 2000 }),
                fc.double({ min: 0, max: 1e6, noNaN: true }),
              ),
              { minLength: 1, maxLength: 3 },
            ),
          ),
        (sockets) => {
          const flat = sockets.flatMap(([loads]) => loads);
          const { time, busyNs } = solved(
            systemOf(sockets.map(([loads]) => loads.map(([p]) => p))),
            sockets.map(([, slots]) => slots),
            flat.map(([, r]) => r),
            flat.map(([, , w]) => w),
            sockets.map(([, , c]) => c),
          );
          const latency = ({ idle, queueing }: Path, k: number, t: number) => {
            const u = busyNs[k] / t;
            return u >= 1 ? Number.POSITIVE_INFINITY : idle * (1 + (queueing * u) / (1 - u));
          };
          /** The longest of what each socket needs within t, and of any single read. */
          const needed = (t: number) =>
            Math.max(
              ...sockets.map(([loads, slots, computeNs]) =>
                loads.reduce(
                  (sum, [p, r], k) => (r === 0 ? sum : sum + (r * latency(p, k, t)) / slots),
                  computeNs,
                ),
              ),
              ...sockets.flatMap(([loads]) =>
                loads.map(([p, r], k) => (r === 0 ? 0 : latency(p, k, t))),
              ),
            );
          const [later, sooner] = [time * (1 + 1e-9), time * (1 - 1e-9)];
          expect(needed(later)).toBeLessThanOrEqual(later);
          expect(Math.max(needed(sooner), ...busyNs)).toBeGreaterThanOrEqual(sooner);
        },
      ),
      { numRuns: 500 },
    );
  });
});

test('copies are dealt to the sockets in turn, whatever their cores', () => {
  const machine = presets.get('four-node') as Machine;
  expect(coresOf(machine)).toBe(4);
  expect([1, 2, 5].map((copies) => copiesPerSocket(machine, copies))).toEqual([
    [1, 0],
    [1, 1],
    [3, 2],
  ]);
  const { paths } = memorySystem(machine, 0, 1);
  expect(paths.map((p) => `${p.socket}${p.node}`).join(' ')).toBe('00 01 02 03 10 11 12 13');
});
