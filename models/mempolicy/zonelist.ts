import type { Topology } from './topology.ts';

/** `PENALTY_FOR_NODE_WITH_CPUS`, include/linux/topology.h. */
const PENALTY_FOR_NODE_WITH_CPUS = 1;

/** A node's distance counts this much more than how often it already heads a distance group (`MAX_NUMNODES`). */
const LOAD_SCALE = 64;

/**
 * The order in which an allocation meant for a node tries all nodes: its zonelist. One row a node; rows and entries are
 * places in `topology.nodes`, not ids.
 *
 * Nearest first; among equally far ones a node above comes before one below, one without CPUs before one with, one that
 * heads fewer lists so far before others. Lists are built in the order of node ids, as at boot.
 *
 * Source: mm/page_alloc.c, `find_next_best_node` and `build_zonelists`, Linux 6.12.
 */
export function zonelists({ nodes, distances }: Topology): number[][] {
  const load = nodes.map(() => 0);
  return nodes.map((_, local) => {
    const order: number[] = [];
    const left = new Set(nodes.keys());
    for (let previous = local; left.size > 0; ) {
      let best = local;
      let least = Number.POSITIVE_INFINITY;
      for (const n of left.has(local) ? [] : left) {
        const distance =
          distances[local][n] +
          (n < local ? 1 : 0) +
          (nodes[n].cpus.length > 0 ? PENALTY_FOR_NODE_WITH_CPUS : 0);
        const value = distance * LOAD_SCALE + load[n];
        if (value < least) [best, least] = [n, value];
      }
      left.delete(best);
      if (distances[local][best] !== distances[local][previous]) load[best]++;
      order.push(best);
      previous = best;
    }
    return order;
  });
}
