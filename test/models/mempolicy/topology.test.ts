import { describe, expect, test } from 'vitest';
import type { Machine } from '../../../models/memory/machine.ts';
import { readMachine } from '../../../models/memory/read-machine.ts';
import { usablePages, watermarks } from '../../../models/mempolicy/watermarks.ts';
import { zonelists } from '../../../models/mempolicy/zonelist.ts';
import { topologyOf } from '../../../models/topology-of.ts';
import { machineOf } from '../../evaluator/two-node-machine.ts';

describe('a machine as memory policy sees it', () => {
  test('CPUs are numbered socket by socket, on the first DRAM node of each', () => {
    const { nodes } = topologyOf(readMachine('four-node'));
    expect(nodes.map((n) => n.cpus)).toEqual([[0, 1], [2, 3], [], []]);
    expect(topologyOf(readMachine('genoa-4cxl')).nodes.map((n) => n.cpus.length)).toEqual([
      192, 0, 0, 0, 0,
    ]);
  });

  test('distances are those of the file, else follow latencies', () => {
    expect(topologyOf(readMachine('four-node')).distances[0]).toEqual([10, 21, 14, 24]);
    const made = topologyOf(
      machineOf([
        { gbps: 200, idleNs: 100 },
        { gbps: 50, idleNs: 250 },
        { gbps: 50, idleNs: 101 },
      ]),
    );
    expect(made.distances).toEqual([
      [10, 25, 11],
      [25, 10, 26],
      [11, 26, 10],
    ]);
  });

  test('firmware bandwidth is the smaller of reading and writing', () => {
    const { nodes } = topologyOf(readMachine('spr-1cxl'));
    expect(nodes.map((n) => n.bandwidthMbps)).toEqual([176100, 30000]);
    expect('bandwidthMbps' in topologyOf(machineOf([{ gbps: 1, idleNs: 1 }])).nodes[0]).toBe(false);
  });
});

describe('zonelists', () => {
  const ordered = (distances: number[][], cpus: number[][]) =>
    zonelists({
      pageBytes: 4096,
      distances,
      nodes: cpus.map((own, id) => ({
        id,
        cpus: own,
        tier: 0,
        capacityPages: 1,
        reservedPages: 0,
      })),
    });

  test('nearest first', () => {
    expect(zonelists(topologyOf(readMachine('four-node')))).toEqual([
      [0, 2, 1, 3],
      [1, 3, 0, 2],
      [2, 0, 1, 3],
      [3, 1, 0, 2],
    ]);
  });

  test('equally far: nodes above before nodes below, without CPUs before with, lists taking turns', () => {
    const alike = [0, 1, 2, 3].map((a) => [0, 1, 2, 3].map((b) => (a === b ? 10 : 20)));
    expect(ordered(alike, [[0], [1], [2], [3]])).toEqual([
      [0, 1, 2, 3],
      [1, 2, 3, 0],
      [2, 3, 0, 1],
      [3, 0, 1, 2],
    ]);
    expect(ordered(alike, [[0], [1], [], []])[0]).toEqual([0, 2, 3, 1]);
  });
});

describe('watermarks', () => {
  test('a 4 GiB machine keeps 8 MB free at the least, shared out by size', () => {
    const topology = topologyOf({
      ...(readMachine('four-node') as Machine),
      nodes: readMachine('four-node').nodes.map((n) => ({ ...n, reserved_bytes: 0 })),
    });
    const { low, min } = watermarks(topology);
    // min_free_kbytes = sqrt(16 * 4 GiB in KiB) = 8192: 2048 pages, a quarter for each node.
    expect(min).toEqual([512, 512, 512, 512]);
    // 0.1 % of 262,144 pages is more than a quarter of 512.
    expect(low).toEqual([774, 774, 774, 774]);
    expect(usablePages(topology)).toEqual([261_370, 261_370, 261_370, 261_370]);
    // With huge pages eleven blocks of 512 for each of five zones, a quarter for each node, and a quarter more of that.
    expect(watermarks(topology, true).min).toEqual([7040, 7040, 7040, 7040]);
    expect(watermarks(topology, true).low).toEqual([8800, 8800, 8800, 8800]);
  });

  test('a machine of many TiB no more than 256 MiB', () => {
    const machine = readMachine('spr-1cxl');
    const nodes = machine.nodes.map((n) => ({ ...n, capacity_bytes: 2 ** 43 }));
    const { min } = watermarks(topologyOf({ ...machine, nodes }));
    expect(min).toEqual([32768, 32768]);
  });
});
