import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { importMachine } from '../../../models/memory/import/import-machine.ts';
import { presets } from '../../../models/memory/presets.ts';
import { temporaryFolder } from '../../temporary-folder.ts';
import { sharedFolder } from './shared-folder.ts';
import { sysfsTree } from './sysfs-tree.ts';

const folder = temporaryFolder();
const shared = sharedFolder('machines/sysfs-4node');
let trees = 0;
const tree = (...given: [Parameters<typeof sysfsTree>[1], Parameters<typeof sysfsTree>[2]?]) =>
  sysfsTree(join(folder, `tree${trees++}`), ...given);

/** What the kernel told of a Xeon 6787P with a Montage expander on PCIe 5.0 x8. */
const montage = {
  0: { cpus: '0-171', distance: '10 14', hmat: [0, 262144, 176128, 91, 91] },
  1: { distance: '14 10', hmat: [0, 98304, 92160, 1510, 390] },
} as const;

describe('a tree of /sys', () => {
  test.skipIf(!existsSync(shared))(
    'of the virtual machine gives its preset (needs ../shared)',
    () => {
      const { machine, weights } = importMachine('sysfs', shared);
      const preset = presets.get('four-node');
      expect(machine.distances).toEqual(preset?.distances);
      expect(machine.nodes.map((n) => [n.kind, n.socket, n.tier, n.hmat])).toEqual(
        preset?.nodes.map((n) => [n.kind, n.socket, n.tier, n.hmat]),
      );
      expect(machine.sockets.map((s) => [s.cores, s.threads])).toEqual([
        [2, 2],
        [2, 2],
      ]);
      const idle = machine.paths.map((p) => p.idle_ns);
      expect(idle).toEqual([100, 210, 250, 428.6, 210, 100, 428.6, 250]);
      expect(weights?.nodes.map((n) => n.weight)).toEqual([13, 13, 2, 2]);
    },
  );

  test('is found from its root, from sys, and from the folders in it', () => {
    const root = tree(montage);
    const expected = importMachine('sysfs', root);
    for (const inner of ['sys', 'sys/devices/system', 'sys/devices/system/node']) {
      const { machine } = importMachine('sysfs', join(root, inner));
      expect(machine).toEqual(expected.machine);
    }
  });

  test('gives the nodes, their figures and where each is from', () => {
    const { machine, assumed } = importMachine('sysfs', tree(montage));
    expect(machine.nodes).toMatchObject([
      { id: 0, kind: 'dram', socket: 0, tier: 0, capacity_bytes: 2 ** 30, reserved_bytes: 0 },
      { id: 1, kind: 'cxl', socket: 0, tier: 1, hmat: { read_mbps: 98304, write_mbps: 92160 } },
    ]);
    expect(machine.paths[1]).toMatchObject({
      idle_ns: 1510,
      curve: {
        queueing: 0.2,
        bandwidth: [
          { read_share: 0, gbps: 92.16 },
          { read_share: 1, gbps: 98.304 },
        ],
      },
    });
    expect(machine.source).toMatchObject({
      'paths[1].idle_ns': 'node1/access0/initiators/read_latency',
      'nodes[1].capacity_bytes': 'node1/meminfo: MemTotal',
    });
    expect(assumed.map((a) => a.sentence)).toContain('CXL, as the node has no CPUs');
  });

  test('of a machine with HBM beside its DRAM, and of one whose CXL is quiet', () => {
    const hbm = {
      0: { cpus: '0-3', distance: '10 13', hmat: [0, 250000, 200000, 110, 110] },
      1: { distance: '13 10', hmat: [0, 800000, 600000, 130, 130] },
    } as const;
    expect(importMachine('sysfs', tree(hbm)).machine.nodes[1].kind).toBe('hbm');
    // What a prototype of 2022 told, two sockets with a CXL device each.
    const prototype = {
      0: { cpus: '0-1', distance: '10 21 14 24', hmat: [0, 262100, 176100, 91, 91] },
      1: { cpus: '2-3', distance: '21 10 24 14', hmat: [1, 262100, 176100, 91, 91] },
      2: { distance: '14 24 10 26', hmat: [0, 30000, 30000, 100, 100] },
      3: { distance: '24 14 26 10', hmat: [0, 30000, 30000, 100, 100] },
    } as const;
    const { machine, flags } = importMachine('sysfs', tree(prototype));
    expect(machine.nodes.map((n) => n.socket)).toEqual([0, 1, 0, 0]);
    expect(flags.map((f) => f.path)).toContain('nodes[0].hmat');
    expect(flags.map((f) => f.path)).not.toContain('nodes[2].hmat.read_mbps');
  });

  test('whose figures cannot be is told so', () => {
    const { flags, doubts } = importMachine('sysfs', tree(montage));
    expect(flags.map((f) => [f.path, f.got])).toEqual([
      ['nodes[1].hmat.read_mbps', '98304 MB/s'],
      ['nodes[1].hmat.write_mbps', '92160 MB/s'],
      ['paths[1].curve', '98.3 GB/s of reads'],
      ['nodes[0].hmat', '262144 and 176128 MB/s'],
    ]);
    expect(doubts.join()).toContain('reading takes 1510 ns, writing 390 ns');
    const { flags: narrow } = importMachine('sysfs', tree(montage), {}, { lanes: 8 });
    expect(narrow[0].expected).toBe('at most 32000 MB/s');
  });

  test('without firmware figures is filled with assumptions, and says so', () => {
    const bare = { 0: { cpus: '0-3', distance: '10 20' }, 1: { distance: '20 10' } };
    const { machine, assumed, doubts } = importMachine('sysfs', tree(bare));
    expect(machine.paths.map((p) => p.idle_ns)).toEqual([100, 200]);
    expect(assumed.map((a) => a.sentence).join()).toContain('no bandwidth is known');
    expect(doubts.filter((d) => d.includes('no HMAT'))).toHaveLength(2);
  });

  test('tells cores, clock and caches where it has folders of CPUs', () => {
    const cpu = (n: number, socket: number) => ({
      [`devices/system/cpu/cpu${n}/topology/physical_package_id`]: String(socket),
      [`devices/system/cpu/cpu${n}/topology/core_cpus_list`]:
        n % 2 ? `${n - 1}-${n}` : `${n}-${n + 1}`,
      [`devices/system/cpu/cpu${n}/cpufreq/base_frequency`]: '2100000',
    });
    const cache = (index: number, level: number, type: string, size: string, ways: number) => ({
      [`devices/system/cpu/cpu0/cache/index${index}/level`]: String(level),
      [`devices/system/cpu/cpu0/cache/index${index}/type`]: type,
      [`devices/system/cpu/cpu0/cache/index${index}/size`]: size,
      [`devices/system/cpu/cpu0/cache/index${index}/ways_of_associativity`]: String(ways),
      [`devices/system/cpu/cpu0/cache/index${index}/coherency_line_size`]: '64',
      [`devices/system/cpu/cpu0/cache/index${index}/shared_cpu_list`]: level === 3 ? '0-7' : '0-1',
    });
    const { machine, doubts } = importMachine(
      'sysfs',
      tree(
        {
          0: { cpus: '0-3', distance: '10 12' },
          1: { cpus: '4-7', distance: '12 10' },
        },
        Object.assign(
          {},
          ...[0, 1, 2, 3, 4, 5, 6, 7].map((n) => cpu(n, 7)),
          cache(0, 1, 'Data', '48K', 12),
          cache(1, 1, 'Instruction', '32K', 8),
          cache(2, 2, 'Unified', '2048K', 16),
          cache(3, 3, 'Unified', '30720K', 15),
        ),
      ),
    );
    expect(machine.sockets).toEqual([
      { cores: 4, threads: 8, line_fill_buffers: 16, clock_ghz: 2.1 },
    ]);
    expect(machine.nodes.map((n) => n.socket)).toEqual([0, 0]);
    expect(machine.caches.map((c) => [c.bytes, c.ways, c.holds, c.shared_by_cores])).toEqual([
      [48 << 10, 12, 'data', 1],
      [32 << 10, 8, 'instructions', 1],
      [2 << 20, 16, undefined, 1],
      [30 << 20, 15, undefined, 4],
    ]);
    expect(doubts.join()).not.toContain('topology');
  });

  test.each(['auto', '__auto_type'])(
    'tells the weights, by themselves where %s says so',
    (name) => {
      const weights = 'kernel/mm/mempolicy/weighted_interleave';
      const root = tree(montage, {
        [`${weights}/node0`]: '5',
        [`${weights}/node1`]: '2',
        [`${weights}/${name}`]: 'true',
      });
      expect(importMachine('sysfs', root).weights).toEqual({
        nodes: [
          { id: 0, weight: 5 },
          { id: 1, weight: 2 },
        ],
        auto: true,
      });
    },
  );

  test('tells the tiers where it has them, and leaves out nodes that are offline or without memory', () => {
    const root = tree(
      {
        ...montage,
        0: { cpus: '0-3', distance: '10 14 20' },
        1: { distance: '14 10 24' },
        2: { distance: '20 24 10', kib: 0 },
        3: {},
      },
      {
        'devices/system/node/online': '0-2',
        'devices/virtual/memory_tiering/memory_tier4/nodelist': '1',
        'devices/virtual/memory_tiering/memory_tier108/nodelist': '0',
      },
    );
    const { machine } = importMachine('sysfs', root);
    expect(machine.nodes.map((n) => [n.id, n.tier])).toEqual([
      [0, 1],
      [1, 0],
    ]);
    expect(machine.distances).toEqual([
      [10, 14],
      [14, 10],
    ]);
  });
});

describe('is refused', () => {
  const file = join(folder, 'file');
  writeFileSync(file, 'text');
  mkdirSync(join(folder, 'empty'));
  test.each([
    ['a file', file, 'is no directory (expected /sys or a copy of it)'],
    ['a folder without nodes', join(folder, 'empty'), 'no devices/system/node in it'],
    ['nothing', join(folder, 'none'), 'ENOENT'],
    ['nodes without memory', tree({ 0: { cpus: '0', kib: 0 } }), 'no node with memory'],
    ['nodes without CPUs', tree({ 0: {} }), 'no node with CPUs'],
    ['a list of CPUs that is none', tree({ 0: { cpus: '0-' } }), 'is no list of CPUs'],
    ['too few distances', tree({ 0: { cpus: '0', distance: '10' }, 1: {} }), 'got 1 figures'],
  ])('%s', (_, path, message) => {
    expect(() => importMachine('sysfs', path)).toThrow(message);
  });
});
