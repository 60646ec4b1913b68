/**
 * What is stored in the weight homes of a kernel, and its sysfs files
 * `/sys/kernel/mm/mempolicy/weighted_interleave/{nodeN,auto}` for the global one.
 *
 * Source: mm/mempolicy.c, Linux 6.12 (`iw_table`, `node_store`), and from 6.16 on `struct weighted_interleave_state`
 * (`mode_auto`, `weighted_interleave_auto_store`, `mempolicy_set_node_perf`). The other homes are proposals only; what
 * they hold nothing for weighs 1.
 */

import { autoWeights } from '../auto-weights.ts';
import type { WeightGroup } from '../interleave.ts';
import type { KernelVersion } from '../kernel-version.ts';
import type { Topology } from '../topology.ts';
import { type WeightHome, weighedNodes } from '../weight-home.ts';
import { MAX_WEIGHT } from '../weights.ts';
import type { Outcome } from './errno.ts';

/** The weights a kernel holds, by node id, tier and cgroup. */
export type WeightTables = {
  /** One weight a node id. 0, which 6.12 takes, counts as 1. */
  iw_table: Map<number, number>;
  /** True while the table follows firmware bandwidths. */
  mode_auto: boolean;
  /** The weights of firmware, by node id; null where it says nothing. */
  readonly auto: ReadonlyMap<number, number> | null;
  /** For each node with CPUs, each cgroup: a table like the global one. */
  readonly byCpuNode: Map<number, Map<number, number>>;
  readonly byCgroup: Map<string, Map<number, number>>;
  readonly byTier: Map<number, number>;
  /** N:M, the fastest tier against the others. */
  ratio: readonly [number, number];
};

/** The tables at boot: all weights 1, or those of firmware where the kernel derives them. */
export function bootWeightTables({ nodes }: Topology, version: KernelVersion): WeightTables {
  const known = version.autoWeights && nodes.some((n) => n.bandwidthMbps !== undefined);
  const weights = known ? autoWeights(nodes.map((n) => n.bandwidthMbps ?? 0)) : [];
  const auto = known ? new Map(nodes.map(({ id }, k) => [id, weights[k]])) : null;
  return {
    iw_table: new Map(auto ?? []),
    mode_auto: version.autoWeights,
    auto,
    byCpuNode: new Map(),
    byCgroup: new Map(),
    byTier: new Map(),
    ratio: [1, 1],
  };
}

/** A weight as sysfs takes it (`kstrtou8`, base by prefix: 16, 0x10, 020); undefined where it is none. */
export function parseWeight(text: string): number | undefined {
  const [, digits] = /^\+?(0[xX][0-9a-fA-F]+|0[0-7]*|[1-9][0-9]*)$/.exec(text) ?? [];
  if (digits === undefined) return undefined;
  const value = /^0[0-7]+$/.test(digits) ? Number.parseInt(digits, 8) : Number(digits);
  return value <= MAX_WEIGHT ? value : undefined;
}

/** Writes `nodeN`: sets the weight of a node by hand, which ends the automatic mode. */
export function storeWeight(
  tables: WeightTables,
  node: number,
  text: string,
  version: KernelVersion,
): Outcome {
  const weight = parseWeight(text);
  if (weight === undefined || (weight === 0 && version.autoWeights)) return 'EINVAL';
  tables.iw_table.set(node, weight);
  tables.mode_auto = false;
  return 0;
}

/** Writes `auto`: true derives all weights from firmware again, false keeps them as they are. */
export function storeAuto(tables: WeightTables, text: string): Outcome {
  const on = /^([yYtT1]|[oO][nN])/.test(text);
  if (!on && !/^([nNfF0]|[oO][fF])/.test(text)) return 'EINVAL';
  if (on && tables.auto === null) return 'ENODEV';
  if (on && tables.auto !== null) tables.iw_table = new Map(tables.auto);
  tables.mode_auto = on;
  return 0;
}

/** The weight a table holds for something; 1 where it holds none. */
export function weightIn<K>(table: ReadonlyMap<K, number> | undefined, key: K): number {
  return table?.get(key) || 1;
}

/**
 * The nodes of a policy with their weights, as a home gives them to a task: in a cgroup, on a CPU of a node.
 * `nodes` are ids in ascending order.
 */
export function groupsFrom(
  tables: WeightTables,
  home: WeightHome,
  task: Readonly<{ cpuNode: number; cgroup: string }>,
  nodes: readonly number[],
  topology: Topology,
): WeightGroup[] {
  const tierOf = (id: number) => topology.nodes.find((n) => n.id === id)?.tier ?? 0;
  const fastest = Math.min(...topology.nodes.map((n) => n.tier));
  const weightOf: Readonly<Record<WeightHome, (node: number) => number>> = {
    global: (node) => weightIn(tables.iw_table, node),
    policy: () => 1,
    node: (node) => weightIn(tables.byCpuNode.get(task.cpuNode), node),
    cgroup: (node) => weightIn(tables.byCgroup.get(task.cgroup), node),
    memtier: (node) => weightIn(tables.byTier, tierOf(node)),
    ratio: (node) => tables.ratio[tierOf(node) === fastest ? 0 : 1],
  };
  return weighedNodes(home, nodes, nodes.map(tierOf), fastest).map((group) => ({
    weight: weightOf[home](group[0]),
    nodes: group,
  }));
}
