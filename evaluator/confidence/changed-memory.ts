import { isTabulated } from '../../models/memory/curve.ts';
import type { MachinePath } from '../../models/memory/machine.ts';
import type { MemorySystem } from '../../models/memory/memory-system.ts';

/** What may be other than the machine says: how much a node carries, and how long it takes when idle. */
export const QUANTITIES = ['bandwidth', 'latency'] as const;

/** One node's bandwidth or latency changed by a share of it: -0.2 is 20 % less. */
export type MachineChange = Readonly<{
  /** Node id. */
  node: number;
  quantity: (typeof QUANTITIES)[number];
  change: number;
}>;

const SHARES = [-0.2, -0.1, -0.05, 0.05, 0.1, 0.2];

/** Every node's bandwidth and latency by 5, 10 and 20 % either way, one at a time. */
export function machineChanges(nodeIds: readonly number[]): MachineChange[] {
  return nodeIds.flatMap((node) =>
    QUANTITIES.flatMap((quantity) => SHARES.map((change) => ({ node, quantity, change }))),
  );
}

/**
 * A memory system with one node changed as all sockets see it: its curves stretched along bandwidth, B and the points of a
 * table alike, or along latency. Links stay as they are.
 */
export function changedMemory(
  memory: MemorySystem,
  { node, quantity, change }: MachineChange,
): MemorySystem {
  const by = 1 + change;
  const changed = quantity === 'bandwidth' ? widened : slowed;
  return { ...memory, paths: memory.paths.map((p) => (p.node === node ? changed(p, by) : p)) };
}

function widened(path: MachinePath, by: number): MachinePath {
  const { curve } = path;
  if (!isTabulated(curve)) {
    const bandwidth = curve.bandwidth.map((row) => ({ ...row, gbps: row.gbps * by }));
    return { ...path, curve: { ...curve, bandwidth } };
  }
  const table = curve.table.map((row) => ({
    ...row,
    gbps: row.gbps * by,
    points: row.points.map(({ gbps, ns }) => ({ gbps: gbps * by, ns })),
  }));
  return { ...path, curve: { ...curve, table } };
}

function slowed(path: MachinePath, by: number): MachinePath {
  const { curve } = path;
  const idle = { ...path, idle_ns: path.idle_ns * by };
  if (!isTabulated(curve)) return idle;
  const table = curve.table.map((row) => ({
    ...row,
    points: row.points.map(({ gbps, ns }) => ({ gbps, ns: ns * by })),
  }));
  return { ...idle, curve: { ...curve, table } };
}
