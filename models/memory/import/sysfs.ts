import { existsSync, readdirSync, statSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { QUEUEING } from './defaults.ts';
import type { ImportOptions, KernelWeights, MachineFacts, NodeFacts, PathFacts } from './facts.ts';
import { idList } from './id-list.ts';
import { sysfsCpus } from './sysfs-cpus.ts';
import { type SysfsNode, sysfsNodes } from './sysfs-node.ts';
import { smallFile } from './text-file.ts';

/**
 * What a Linux kernel says of its machine: nodes, CPUs, distances (ACPI SLIT) and bandwidths (HMAT), from a `/sys` tree or a
 * copy of one. Source: Documentation/ABI/stable/sysfs-devices-node, admin-guide/mm/numaperf.rst, Linux 6.12.
 * Firmware tells of each node's best initiators only; what other sockets see is not in it.
 */
export function readSysfs(path: string, { onto }: ImportOptions = {}): MachineFacts {
  const { sys, system } = treeOf(path);
  const all = sysfsNodes(join(system, 'node'));
  const withCpus = all.filter((node) => node.cpus.length > 0);
  const memory = all.filter((node) => node.bytes > 0);
  if (memory.length === 0) throw new Error(`${path}: no node with memory (expected nodeN/meminfo)`);
  if (withCpus.length === 0) throw new Error(`${path}: no node with CPUs (expected nodeN/cpulist)`);
  const cpus = sysfsCpus(system, new Map(withCpus.map((node) => [node.id, node.cpus])));
  const socketOf =
    cpus.socketOf ?? new Map(withCpus.map((node, i) => [node.id, ontoSocket(node.id, i)]));
  function ontoSocket(id: number, otherwise: number): number {
    const known = withCpus.every((node) => onto?.nodes.some((n) => n.id === node.id));
    return known ? (onto?.nodes.find((n) => n.id === id)?.socket ?? otherwise) : otherwise;
  }
  const sockets = 1 + Math.max(...socketOf.values());
  const place = new Map(all.map((node, i) => [node.id, i]));
  const distance = (from: number, to: number) =>
    all[place.get(from) as number].distance[place.get(to) as number];
  const home = (node: SysfsNode): number => {
    if (node.cpus.length > 0) return node.id;
    const initiator = node.initiators?.nodes.find((id) => socketOf.has(id));
    if (initiator !== undefined) return initiator;
    const near = [...withCpus].sort((a, b) => distance(a.id, node.id) - distance(b.id, node.id));
    return near[0].id;
  };
  const tiers = tiersOf(sys);
  const square = memory.map((a) => memory.map((b) => distance(a.id, b.id)));
  const plain = square.every((row, i) =>
    row.every((d, k) => (i === k ? d === 10 : d > 10 && d <= 254)),
  );
  const doubts = [...doubtsOf(memory), ...(plain || square[0][0] === undefined ? [] : [ODD_SLIT])];
  if (cpus.socketOf === undefined) {
    doubts.push('The tree has no cpu/cpuN/topology: each node with CPUs was taken for a socket.');
  }
  const weights = weightsOf(sys);
  return {
    file: basename(resolve(path)),
    sockets:
      cpus.sockets.length === sockets ? cpus.sockets : Array.from({ length: sockets }, () => ({})),
    ...(cpus.caches === undefined ? {} : { caches: cpus.caches }),
    allNodes: true,
    nodes: memory.map((node): NodeFacts => {
      const hmat = node.initiators;
      const tier = tiers.get(node.id);
      const own = home(node);
      return {
        id: node.id,
        kind:
          node.cpus.length > 0
            ? { value: 'dram', source: 'assumption: DRAM, as the node has CPUs', guess: true }
            : { value: 'cxl', source: 'assumption: CXL, as the node has no CPUs', guess: true },
        socket: {
          value: socketOf.get(own) as number,
          source:
            own === node.id
              ? cpus.socketOf === undefined
                ? 'assumption: a socket for each node with CPUs'
                : 'cpu*/topology/physical_package_id of its CPUs'
              : hmat?.nodes.includes(own)
                ? `node${node.id}/${hmat.access}/initiators: node${own}`
                : `assumption: the nearest, by node${node.id}/distance`,
        },
        ...(tier === undefined
          ? {}
          : { tier: { value: tier, source: `memory_tiering/memory_tier*/nodelist` } }),
        capacityBytes: { value: node.bytes, source: `node${node.id}/meminfo: MemTotal` },
        reservedBytes: {
          value: 0,
          source: `node${node.id}/meminfo: MemTotal is what remains beside the kernel's table of pages`,
        },
        ...(hmat === undefined || hmat.writeMbps === 0
          ? {}
          : {
              hmat: {
                value: { read_mbps: hmat.readMbps, write_mbps: hmat.writeMbps },
                source: `node${node.id}/${hmat.access}/initiators`,
              },
            }),
      };
    }),
    paths: Array.from({ length: sockets }, (_, socket) =>
      memory.map((node) => pathOf(node, socket)),
    ).flat(),
    ...(plain ? { distances: { value: square, source: 'node*/distance' } } : {}),
    ...(weights === undefined ? {} : { weights }),
    read: [
      `${memory.length} nodes with memory, ${withCpus.length} with CPUs; bandwidths and latencies of ` +
        `${memory.filter((n) => n.initiators !== undefined).length} (HMAT, each node's best initiators).`,
    ],
    doubts,
  };

  function pathOf(node: SysfsNode, socket: number): PathFacts {
    const ways = withCpus.filter((n) => socketOf.get(n.id) === socket);
    const near = Math.min(...ways.map((n) => distance(n.id, node.id)));
    const told = node.initiators;
    const best = told?.nodes.some((id) => socketOf.get(id) === socket) ? told : undefined;
    const folder = `node${node.id}/${told?.access}/initiators`;
    return {
      socket,
      node: node.id,
      ...(near > 0 ? { distance: near } : {}),
      ...(best === undefined || best.readNs === 0
        ? {}
        : { idleNs: { value: best.readNs, source: `${folder}/read_latency` } }),
      ...(best === undefined
        ? {}
        : {
            curve: {
              value: {
                queueing: QUEUEING,
                bandwidth: [
                  ...(best.writeMbps > 0 ? [{ read_share: 0, gbps: best.writeMbps / 1000 }] : []),
                  { read_share: 1, gbps: best.readMbps / 1000 },
                ],
              },
              source: `${folder}/{read,write}_bandwidth; assumption: queueing ${QUEUEING}, nothing measured`,
            },
          }),
    };
  }
}

const ODD_SLIT =
  'The distances are not 10 for a node itself and 11 to 254 for others: they were left out.';

/** The folders `…/sys` and `…/sys/devices/system` of a path to one of them, above or in them. */
function treeOf(path: string): { sys: string; system: string } {
  if (!statSync(path).isDirectory()) {
    throw new Error(`${path}: is no directory (expected /sys or a copy of it)`);
  }
  const folders = ['.', 'sys', '..', '../..', '../../..'];
  for (const folder of folders) {
    const sys = resolve(path, folder);
    const system = join(sys, 'devices/system');
    const deep = folder.startsWith('..');
    if (deep && !resolve(path).startsWith(system)) continue;
    if (existsSync(join(system, 'node'))) return { sys, system };
  }
  if (readdirSync(path).some((name) => /^node\d+$/.test(name))) {
    const system = resolve(path, '..');
    return { sys: resolve(system, '../..'), system };
  }
  throw new Error(`${path}: no devices/system/node in it (expected /sys or a copy of it)`);
}

/** The place of each node's memory tier, fastest first. */
function tiersOf(sys: string): ReadonlyMap<number, number> {
  const folder = join(sys, 'devices/virtual/memory_tiering');
  if (!existsSync(folder)) return new Map();
  const tiers = readdirSync(folder)
    .map((name) => Number(/^memory_tier(\d+)$/.exec(name)?.[1] ?? Number.NaN))
    .filter((tier) => !Number.isNaN(tier))
    .sort((a, b) => a - b);
  const lists = tiers.map((tier) =>
    idList(smallFile(join(folder, `memory_tier${tier}`, 'nodelist')) ?? ''),
  );
  const used = lists.filter((ids) => ids !== undefined && ids.length > 0) as number[][];
  return new Map(used.flatMap((ids, tier) => ids.map((id): [number, number] => [id, tier])));
}

/** `auto` was called `__auto_type` in Linux 6.18, where a macro took its name. */
function weightsOf(sys: string): KernelWeights | undefined {
  const folder = join(sys, 'kernel/mm/mempolicy/weighted_interleave');
  if (!existsSync(folder)) return undefined;
  const nodes = readdirSync(folder)
    .map((name) => /^node(\d{1,4})$/.exec(name)?.[1])
    .filter((id) => id !== undefined)
    .map((id) => ({ id: Number(id), weight: Number(smallFile(join(folder, `node${id}`))) }))
    .filter(({ weight }) => Number.isInteger(weight))
    .sort((a, b) => a.id - b.id);
  if (nodes.length === 0) return undefined;
  const auto = smallFile(join(folder, 'auto')) ?? smallFile(join(folder, '__auto_type'));
  return { nodes, ...(auto === undefined ? {} : { auto: /^(true|1|y)$/i.test(auto) }) };
}

function doubtsOf(nodes: readonly SysfsNode[]): string[] {
  return nodes.flatMap(({ id, initiators: told, sideCacheBytes }) => [
    ...(told === undefined
      ? [`Node ${id}: firmware tells no bandwidth (no HMAT): its figures are plain assumptions.`]
      : []),
    ...(told !== undefined && told.readNs > 0 && told.writeNs > 0
      ? Math.max(told.readNs / told.writeNs, told.writeNs / told.readNs) > 2
        ? [
            `Node ${id}: reading takes ${told.readNs} ns, writing ${told.writeNs} ns by its firmware: one of them is off.`,
          ]
        : []
      : []),
    ...(sideCacheBytes > 0
      ? [
          `Node ${id} has a memory-side cache of ${sideCacheBytes / 2 ** 20} MiB, which the model leaves out.`,
        ]
      : []),
  ]);
}
