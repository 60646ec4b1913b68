import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { ClosedLoop } from '../../models/memory/closed-loop.ts';
import { LoadedLatency } from '../../models/memory/loaded-latency.ts';
import { type Machine, type MachinePath, machineSchema } from '../../models/memory/machine.ts';
import { memorySystem } from '../../models/memory/memory-system.ts';
import { presets } from '../../models/memory/presets.ts';

const all = [...presets.entries()];

function pathOf(name: string, socket: number, node: number): MachinePath {
  const path = presets.get(name)?.paths.find((p) => p.socket === socket && p.node === node);
  if (path === undefined) throw new Error(`no path ${socket} to ${node} in ${name}`);
  return path;
}

/** The bandwidth at which a path's curve has risen to a latency. */
function gbpsAt({ curve, idle_ns: idle }: MachinePath, readShare: number, ns: number): number {
  const latency = new LoadedLatency(curve, idle);
  latency.setShare(readShare);
  let [low, high] = [0, 1];
  for (let i = 0; i < 50; i++) {
    const middle = (low + high) / 2;
    latency.evaluate(middle);
    if (idle * (1 + latency.excess) < ns) low = middle;
    else high = middle;
  }
  return low * latency.gbps;
}

const slotsOf = ({ sockets }: Machine) => sockets.map((s) => s.cores * s.line_fill_buffers);

describe('presets', () => {
  test('are one file each', () => {
    const files = readdirSync('models/memory/presets').map((file) => file.replace('.json', ''));
    expect([...presets.keys()].sort()).toEqual(files.sort());
    expect(files.length).toBeGreaterThanOrEqual(10);
  });

  test('are all in the list of docs/machine-files.md', () => {
    const rows = [...readFileSync('docs/machine-files.md', 'utf8').matchAll(/^\| (`[^|]*`) \|/gm)];
    const named = rows.flatMap(([, cell]) => [...cell.matchAll(/`([^`]+)`/g)].map((m) => m[1]));
    expect(named).toEqual(expect.arrayContaining([...presets.keys()]));
  });

  test.each(all)('%s passes the schema and has sources that are places in it', (name, machine) => {
    expect(machineSchema.parse(structuredClone(machine))).toEqual(machine);
    expect(machine.name).toBe(name);
    const { source = {} } = machine;
    for (const place of Object.keys(source)) {
      const found = place
        .split(/[.[\]]+/)
        .filter((part) => part !== '')
        .reduce<unknown>((value, part) => (value as Record<string, unknown>)?.[part], machine);
      expect(found, place).toBeDefined();
    }
  });

  test.each(all)('%s names a source for every path, node and socket', (_, machine) => {
    const places = Object.keys(machine.source as object);
    const said = (place: string) =>
      expect(
        places.some((p) => place.startsWith(p) || p.startsWith(`${place}.`)),
        place,
      ).toBe(true);
    for (const i of machine.paths.keys()) {
      said(`paths[${i}].idle_ns`);
      said(`paths[${i}].curve`);
    }
    for (const i of machine.nodes.keys()) said(`nodes[${i}].capacity_bytes`);
    for (const i of machine.sockets.keys()) {
      for (const key of ['cores', 'threads', 'line_fill_buffers', 'clock_ghz'])
        said(`sockets[${i}].${key}`);
    }
  });

  // Idle ns; and at some read shares the highest bandwidth measured (GB/s) and the latency there (ns): figures of Mess,
  // of PROFET over a socket and over UPI, and of the simulated expander at its knee, with 70 ns more.
  test.each<[string, number, number, number, [number, number, number][]]>([
    [
      'spr-8460y',
      0,
      0,
      110,
      [
        [1, 267, 223],
        [0.66, 238, 290],
        [0.5, 237, 364],
      ],
    ],
    [
      'spr-2cxl',
      0,
      0,
      115,
      [
        [1, 241, 254],
        [0.66, 194, 321],
        [0.57, 192, 400],
      ],
    ],
    [
      'spr-8480-highmem',
      0,
      0,
      117,
      [
        [1, 264, 250],
        [0.66, 229, 339],
        [0.5, 224, 386],
      ],
    ],
    [
      'hbm-9480',
      0,
      1,
      129,
      [
        [0.82, 638, 197],
        [0.66, 764, 205],
        [0.5, 833, 225],
      ],
    ],
    [
      'clx-1s',
      0,
      0,
      90,
      [
        [1, 106, 158],
        [0.66, 91, 196],
        [0.5, 87, 272],
      ],
    ],
    [
      'clx-2s-upi',
      0,
      0,
      102,
      [
        [1, 112, 225],
        [0.66, 99, 288],
        [0.5, 98, 334],
      ],
    ],
    [
      'clx-2s-upi',
      0,
      1,
      175,
      [
        [1, 34, 495],
        [0.66, 44.6, 479],
        [0.5, 51, 473],
      ],
    ],
    [
      'spr-2cxl',
      0,
      1,
      177,
      [
        [1, 26.7, 206],
        [0.66, 37.6, 218],
        [0.5, 40, 228],
      ],
    ],
  ])('%s gives back what was measured from socket %i to node %i', (name, s, n, idleNs, points) => {
    const path = pathOf(name, s, n);
    expect(Math.abs(path.idle_ns / idleNs - 1)).toBeLessThan(0.05);
    for (const [readShare, gbps, ns] of points)
      expect(Math.abs(gbpsAt(path, readShare, ns) / gbps - 1), `${readShare}`).toBeLessThan(0.05);
  });

  test.each(all)('%s: an epoch through the closed loop', (_, machine) => {
    const memory = memorySystem(machine, ...machine.sockets.keys());
    const loop = new ClosedLoop(memory, ...slotsOf(machine));
    const reads = new Float64Array(memory.paths.length).fill(1e6);
    const writes = new Float64Array(memory.paths.length).fill(4e5);
    const time = loop.solve(reads, writes, 0);
    expect(time).toBeGreaterThanOrEqual(Math.max(...loop.busyNs));
    expect(time).toBeLessThan(Number.POSITIVE_INFINITY);
    for (const [p, { idle_ns: idle }] of memory.paths.entries())
      expect(loop.loadNs[p]).toBeGreaterThan(idle);
    // One slot a socket: every read takes little more than its idle latency.
    const slow = new ClosedLoop(memory, ...machine.sockets.map(() => 1));
    const alone = memory.paths.filter((p) => p.socket === 0);
    const idle = alone.reduce((sum, p) => sum + 1e6 * p.idle_ns, 0);
    expect(slow.solve(reads, new Float64Array(reads.length), 0) / idle).toBeCloseTo(1, 1);
  });
});
