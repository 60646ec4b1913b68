import type { Machine } from '../../models/memory/machine.ts';

type NodeFigures = Readonly<{ gbps: number; idleNs: number; tier?: number }>;

/** A machine of one 64-core socket whose nodes have these bandwidths (at any read share) and idle latencies. */
export function machineOf(nodes: readonly NodeFigures[]): Machine {
  return {
    name: 'test',
    line_bytes: 64,
    page_bytes: 4096,
    sockets: [{ cores: 64, threads: 128, line_fill_buffers: 16, clock_ghz: 2 }],
    caches: [{ bytes: 49152, ways: 12, line_bytes: 64 }],
    nodes: nodes.map(({ tier = 0 }, id) => ({
      id,
      kind: 'dram',
      socket: 0,
      tier,
      capacity_bytes: 2 ** 37,
    })),
    paths: nodes.map(({ gbps, idleNs }, node) => ({
      socket: 0,
      node,
      idle_ns: idleNs,
      curve: { queueing: 0.2, bandwidth: [{ read_share: 1, gbps }] },
    })),
  };
}
