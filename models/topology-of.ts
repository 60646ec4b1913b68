import type { Machine } from './memory/machine.ts';
import type { Topology, TopologyNode } from './mempolicy/topology.ts';

/** Bytes the kernel keeps of a node by default: 64 for the `struct page` of every 4 KiB (include/linux/mm_types.h). */
const PAGE_TABLE_SHARE = 1 / 64;
/** Distances that firmware can tell (ACPI SLIT): 10 is a node itself, 255 out of reach. */
const [LOCAL, FARTHEST] = [10, 254];

/**
 * What memory policy needs to know of a machine.
 *
 * CPUs are numbered socket by socket, one for each hardware thread; those of a socket are on its first DRAM node, else
 * its first node, else the node nearest to it. Where the machine file has no distances, they are as firmware would have
 * them, idle latencies with 10 for the lowest: see `distancesFromLatency`.
 */
export function topologyOf(machine: Machine): Topology {
  const { nodes, sockets, page_bytes: pageBytes } = machine;
  const homes = sockets.map((_, socket) => nodeOfSocket(machine, socket));
  const cpus = nodes.map((): number[] => []);
  let cpu = 0;
  for (const [socket, { threads }] of sockets.entries()) {
    for (let i = 0; i < threads; i++) cpus[homes[socket]].push(cpu++);
  }
  return {
    pageBytes,
    nodes: nodes.map((node, k): TopologyNode => {
      const { id, tier, capacity_bytes: capacity, hmat } = node;
      const reserved = node.reserved_bytes ?? capacity * PAGE_TABLE_SHARE;
      return {
        id,
        tier,
        cpus: cpus[k],
        capacityPages: Math.floor(capacity / pageBytes),
        reservedPages: Math.ceil(reserved / pageBytes),
        ...(hmat === undefined
          ? {}
          : { bandwidthMbps: Math.floor(Math.min(hmat.read_mbps, hmat.write_mbps)) }),
      };
    }),
    distances: machine.distances ?? distancesFromLatency(machine, homes),
  };
}

/** The node (its place) on which the CPUs of a socket are. */
export function nodeOfSocket(machine: Machine, socket: number): number {
  const { nodes } = machine;
  const own = nodes.map((n, k) => ({ ...n, k })).filter((n) => n.socket === socket);
  const home = own.find((n) => n.kind === 'dram') ?? own[0];
  if (home !== undefined) return home.k;
  const latency = nodes.map((n) => idleNs(machine, socket, n.id));
  return latency.indexOf(Math.min(...latency));
}

/**
 * Distances from idle latencies: 10 times the latency over that of the socket's own node, at least 11. Between two nodes
 * without CPUs it is the way over the socket they are nearest to together; from one of them to a node with CPUs as back.
 */
function distancesFromLatency(machine: Machine, homes: readonly number[]): number[][] {
  const { nodes, sockets } = machine;
  const from = (socket: number, k: number): number => {
    if (homes[socket] === k) return LOCAL;
    const own = idleNs(machine, socket, nodes[homes[socket]].id);
    const ratio = idleNs(machine, socket, nodes[k].id) / own;
    return Math.min(FARTHEST, Math.max(LOCAL + 1, Math.round(LOCAL * ratio)));
  };
  const between = (a: number, b: number): number => {
    if (a === b) return LOCAL;
    const [fromA, fromB] = [homes.indexOf(a), homes.indexOf(b)];
    if (fromA >= 0) return from(fromA, b);
    if (fromB >= 0) return from(fromB, a);
    const ways = [...sockets.keys()].map((s) => from(s, a) + from(s, b) - LOCAL);
    return Math.min(FARTHEST, ...ways);
  };
  return nodes.map((_, a) => nodes.map((_, b) => between(a, b)));
}

function idleNs({ paths }: Machine, socket: number, node: number): number {
  return (
    paths.find((p) => p.socket === socket && p.node === node)?.idle_ns ?? Number.POSITIVE_INFINITY
  );
}
