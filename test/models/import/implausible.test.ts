import { describe, expect, test } from 'vitest';
import { implausible } from '../../../models/memory/implausible.ts';
import { type Machine, machineSchema } from '../../../models/memory/machine.ts';
import { readMachine } from '../../../models/memory/read-machine.ts';

type Draft = ReturnType<typeof machineSchema.parse>;

/** A machine nothing is wrong with, changed. */
function changed(change: (machine: Draft) => void): Machine {
  const machine = structuredClone(readMachine('spr-1cxl')) as Draft;
  machine.nodes[0].hmat = { read_mbps: 307200, write_mbps: 200000 };
  change(machine);
  return machineSchema.parse(machine);
}

const flat = (gbps: number) => ({ queueing: 0.2, bandwidth: [{ read_share: 1, gbps }] });

describe('what cannot be true', () => {
  test('is nothing in a machine that can be', () => {
    expect(implausible(changed(() => {}))).toEqual([]);
    expect(implausible(readMachine('genoa-4cxl'))).toEqual([]);
  });

  test.each<[string, (machine: Draft) => void, string, string]>([
    [
      'a CXL device faster than its lanes',
      (m) => Object.assign(m.nodes[1], { hmat: { read_mbps: 98304, write_mbps: 60000 } }),
      'nodes[1].hmat.read_mbps',
      'PCIe 5.0 x16 carries 64 GB/s a direction',
    ],
    [
      'a CXL curve above its lanes',
      (m) => Object.assign(m.paths[1], { curve: flat(90) }),
      'paths[1].curve',
      'carries no more',
    ],
    [
      'a path above its link',
      (m) => {
        m.links = [{ id: 'x', read_gbps: 20, write_gbps: 20 }];
        m.paths[1].via = ['x'];
      },
      'paths[1].curve',
      'over link x',
    ],
    [
      'a link of CXL nodes above the lanes',
      (m) => {
        m.links = [{ id: 'x', read_gbps: 100, write_gbps: 100 }];
        m.paths[1].via = ['x'];
      },
      'links[0].read_gbps',
      'only CXL nodes lie behind it',
    ],
    [
      "a default of firmware's",
      (m) => Object.assign(m.nodes[0], { hmat: { read_mbps: 262144, write_mbps: 176128 } }),
      'nodes[0].hmat',
      'a default of their firmware',
    ],
    [
      'DRAM and CXL with the same figures',
      (m) => {
        m.nodes[0].hmat = { read_mbps: 30000, write_mbps: 30000 };
      },
      'nodes[1].hmat',
      'nobody filled them in',
    ],
    [
      'writing faster than reading',
      (m) => Object.assign(m.nodes[1], { hmat: { read_mbps: 20000, write_mbps: 30000 } }),
      'nodes[1].hmat',
      'writes faster than it reads',
    ],
    [
      'the latency of a cache',
      (m) => Object.assign(m.paths[0], { idle_ns: 12 }),
      'paths[0].idle_ns',
      'time of a cache',
    ],
    [
      'a latency in other units',
      (m) => Object.assign(m.paths[1], { idle_ns: 250000 }),
      'paths[1].idle_ns',
      'that slow',
    ],
    [
      'CXL faster than DRAM',
      (m) => Object.assign(m.paths[1], { idle_ns: 100 }),
      'paths[1].idle_ns',
      'cannot be faster than the DRAM',
    ],
    [
      'more bandwidth than a socket has channels for',
      (m) => Object.assign(m.paths[0], { curve: flat(1300) }),
      'paths[0].curve',
      '12 channels of DDR5-8800',
    ],
  ])('is said of %s', (_, change, path, why) => {
    const found = implausible(changed(change));
    expect(found).toMatchObject([{ path }]);
    expect(found[0].why).toContain(why);
  });

  test('is said of distances that latencies contradict, and not of noise', () => {
    const four = structuredClone(readMachine('four-node')) as Draft;
    const from = (paths: Draft['paths'], ns: number) => {
      paths[1].idle_ns = ns;
      return implausible({ ...four, paths }).filter((f) => f.why.includes('order the nodes'));
    };
    expect(from(four.paths, 180).map((f) => f.path)).toEqual([
      'paths[2].idle_ns',
      'paths[7].idle_ns',
    ]);
    expect(from(four.paths, 240).map((f) => f.path)).toEqual(['paths[7].idle_ns']);
  });

  test('depends on the lanes where they are known', () => {
    const machine = changed((m) =>
      Object.assign(m.nodes[1], { hmat: { read_mbps: 40000, write_mbps: 40000 } }),
    );
    expect(implausible(machine)).toEqual([]);
    expect(implausible(machine, 8).map((f) => f.expected)).toEqual([
      'at most 32000 MB/s',
      'at most 32000 MB/s',
    ]);
  });
});
