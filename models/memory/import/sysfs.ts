import { existsSync, readdirSync, statSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { counted } from './counted.ts';
import { QUEUEING } from './defaults.ts';
import type { ImportOptions, MachineFacts, NodeFacts, PathFacts } from './facts.ts';
import { nodeLayout } from './node-layout.ts';
import { sysfsCpus } from './sysfs-cpus.ts';
import { tiersOf, weightsOf } from './sysfs-kernel.ts';
import { type SysfsNode, sysfsNodes } from './sysfs-node.ts';

/**
 * What a Linux kernel says of its machine: nodes, CPUs, distances (ACPI SLIT) and bandwidths (HMAT), from a `/sys` tree or a
 * copy of one. Source: Documentation/ABI/stable/sysfs-devices-node, admin-guide/mm/numaperf.rst, Linux 6.12.
 * Firmware tells of each node's best initiators only; what other sockets see is not in it.
 */
export function readSysfs(path: string, { onto }: ImportOptions = {}): MachineFacts {
  const { sys, system } = treeOf(path);
  const all = sysfsNodes(join(system, 'node'));
  const cpuNodes = all.filter((node) => node.cpus.length > 0);
  const cpus = sysfsCpus(system, new Map(cpuNodes.map((node) => [node.id, node.cpus])));
  const layout = nodeLayout(path, all, cpus.socketOf, onto);
  const { memory, withCpus, socketOf, sockets, homeOf } = layout;
  const tiers = tiersOf(sys);
  const doubts = [...doubtsOf(memory, onto), ...layout.doubts];
  if (cpus.socketOf === undefined) {
    doubts.push('The tree has no cpu/cpuN/topology: sockets are as the nodes with CPUs.');
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
      const own = homeOf(node, hmat?.nodes);
      return {
        id: node.id,
        kind: kindOf(
          node,
          memory.find(({ id }) => id === own),
        ),
        socket: {
          value: socketOf.get(own) as number,
          guess: cpus.socketOf === undefined && own === node.id,
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
    ...(layout.distances === undefined
      ? {}
      : { distances: { value: layout.distances, source: 'node*/distance' } }),
    ...(weights === undefined ? {} : { weights }),
    read: [
      `${counted(memory.length, 'node')} with memory, ${withCpus.length} with CPUs; bandwidths and latencies of ` +
        `${memory.filter((n) => n.initiators !== undefined).length} (HMAT, each node's best initiators).`,
    ],
    doubts,
  };

  function pathOf(node: SysfsNode, socket: number): PathFacts {
    const near = layout.distanceFrom(socket, node);
    const told = node.initiators;
    const best = told?.nodes.some((id) => socketOf.get(id) === socket) ? told : undefined;
    const folder = `node${node.id}/${told?.access}/initiators`;
    return {
      socket,
      node: node.id,
      ...(near === undefined ? {} : { distance: near }),
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

/** What a node is, by what it has: HBM beside DRAM has no CPUs either, but is the faster of the two. */
function kindOf(node: SysfsNode, home: SysfsNode | undefined): NonNullable<NodeFacts['kind']> {
  const guess = (value: 'dram' | 'cxl' | 'hbm', why: string) =>
    ({ value, source: `assumption: ${why}`, guess: true }) as const;
  if (node.cpus.length > 0) return guess('dram', 'DRAM, as the node has CPUs');
  const mbps = node.initiators?.readMbps ?? 0;
  return home?.initiators !== undefined && mbps > home.initiators.readMbps
    ? guess('hbm', `HBM, as the node has no CPUs and more bandwidth than node ${home.id}`)
    : guess('cxl', 'CXL, as the node has no CPUs');
}

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

function doubtsOf(nodes: readonly SysfsNode[], onto: ImportOptions['onto']): string[] {
  const figures = (id: number) =>
    onto?.nodes.some((n) => n.id === id)
      ? 'its figures stay as they were'
      : 'its figures are plain assumptions';
  return nodes.flatMap(({ id, initiators: told, sideCacheBytes }) => [
    ...(told === undefined
      ? [`Node ${id}: firmware tells no bandwidth (no HMAT): ${figures(id)}.`]
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
