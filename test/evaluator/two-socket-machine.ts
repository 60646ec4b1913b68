import type { Machine } from '../../models/memory/machine.ts';

/**
 * A machine of two sockets that mirror each other: two cores each, DRAM on nodes 0 and 1, slower memory on nodes 2 and 3,
 * near and far. `pages` is how many pages each node has; `cores` those of each socket.
 */
export function twoSockets(pages = 2 ** 20, cores: readonly number[] = [2, 2]): Machine {
  const idle = [
    [100, 180, 250, 350],
    [180, 100, 350, 250],
  ];
  const gbps = [
    [30, 12, 8, 4],
    [12, 30, 4, 8],
  ];
  return {
    name: 'two-sockets',
    line_bytes: 64,
    page_bytes: 4096,
    sockets: cores.map((n) => ({ cores: n, threads: n, line_fill_buffers: 16, clock_ghz: 2 })),
    caches: [{ bytes: 49152, ways: 12, line_bytes: 64 }],
    nodes: [0, 1, 2, 3].map((id) => ({
      id,
      kind: id < 2 ? 'dram' : 'cxl',
      socket: id % 2,
      tier: id < 2 ? 0 : 1,
      capacity_bytes: pages * 4096,
      reserved_bytes: 0,
    })),
    paths: [0, 1].flatMap((socket) =>
      [0, 1, 2, 3].map((node) => ({
        socket,
        node,
        idle_ns: idle[socket][node],
        curve: { queueing: 0.2, bandwidth: [{ read_share: 1, gbps: gbps[socket][node] }] },
      })),
    ),
  };
}
