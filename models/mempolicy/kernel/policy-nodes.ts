/**
 * Which node a policy wants a page on, and over which nodes it may fall back (`policy_nodemask` in mm/mempolicy.c, Linux
 * 6.12, with `interleave_nid`, `weighted_interleave_nid`, `interleave_nodes` and `weighted_interleave_nodes`).
 */

import { interleaveNid, type WeightGroup } from '../interleave.ts';
import { firstNode, type Nodemask, nextNodeIn, nodesOf } from '../nodemask.ts';
import { weighsNodes } from '../weight-home.ts';
import { type Kernel, numaNodeId, type Task } from './kernel.ts';
import type { Mempolicy } from './mempolicy.ts';
import { MPOL, NUMA_NO_NODE } from './mpol-constants.ts';
import { groupsFrom } from './weight-tables.ts';

/** The node wanted, and the nodes that may serve instead: null for all that the cpuset allows. */
export type Wanted = Readonly<{ nid: number; nodemask: Nodemask | null }>;

/**
 * What a policy, or none, wants for the page at interleave index `ilx`; without an index, as for the kernel's own memory,
 * interleaving goes by the task's counter, which then moves on.
 */
export function policyNodes(
  kernel: Kernel,
  task: Task,
  policy: Mempolicy | null,
  ilx: number | null,
): Wanted {
  const local = numaNodeId(kernel, task);
  if (policy === null) return { nid: local, nodemask: null };
  const home = policy.home_node === NUMA_NO_NODE ? local : policy.home_node;
  switch (policy.mode) {
    case MPOL.PREFERRED:
      return { nid: firstNode(policy.nodes), nodemask: null };
    case MPOL.PREFERRED_MANY:
      return { nid: home, nodemask: policy.nodes };
    case MPOL.BIND: {
      const valid = (policy.nodes & task.mems_allowed) !== 0n;
      return { nid: home, nodemask: valid ? policy.nodes : null };
    }
    case MPOL.INTERLEAVE:
    case MPOL.WEIGHTED_INTERLEAVE: {
      if (ilx === null) return { nid: takeTurn(kernel, task, policy), nodemask: null };
      return { nid: interleaveNid(policyGroups(kernel, task, policy), ilx), nodemask: null };
    }
    default:
      return { nid: local, nodemask: null };
  }
}

/** The nodes an interleaving policy spreads pages over, with their weights. */
export function policyGroups(kernel: Kernel, task: Task, policy: Mempolicy): WeightGroup[] {
  const nodes = nodesOf(policy.nodes);
  const { weights } = policy;
  if (weights !== null) return nodes.map((node) => ({ weight: weights[node] || 1, nodes: [node] }));
  if (policy.mode === MPOL.INTERLEAVE) return nodes.map((node) => ({ weight: 1, nodes: [node] }));
  const where = { cpuNode: numaNodeId(kernel, task), cgroup: task.cgroup.name };
  return groupsFrom(kernel.weights, kernel.settings.weightHome, where, nodes, kernel.topology);
}

/** The node the counter of a task gives next, without moving it on (MPOL_F_NODE of get_mempolicy). */
export function nextNode(kernel: Kernel, task: Task, policy: Mempolicy): number {
  if (unweighted(policy)) return nextNodeIn(task.il_prev, policy.nodes);
  // The kernel does not look whether a node that has pages coming is still one of the policy's.
  if (task.il_weight > 0 && weighsNodes(kernel.settings.weightHome)) return task.il_prev;
  return nodeInTurn(task, groupInTurn(task, policyGroups(kernel, task, policy)));
}

/** The node the counter of a task gives next; moves it on. */
function takeTurn(kernel: Kernel, task: Task, policy: Mempolicy): number {
  if (unweighted(policy)) {
    task.il_prev = nextNodeIn(task.il_prev, policy.nodes);
    return task.il_prev;
  }
  const group = groupInTurn(task, policyGroups(kernel, task, policy));
  const node = nodeInTurn(task, group);
  const goesOn = task.il_weight > 0 && group.nodes.includes(task.il_prev);
  task.il_weight = (goesOn ? task.il_weight : group.weight) - 1;
  task.il_prev = group.nodes[0];
  if (group.nodes.length > 1) task.il_turns.set(task.il_prev, turnOf(task, group) + 1);
  return node;
}

function unweighted({ mode, weights }: Mempolicy): boolean {
  return mode === MPOL.INTERLEAVE && weights === null;
}

function groupInTurn({ il_prev, il_weight }: Task, groups: readonly WeightGroup[]): WeightGroup {
  const current = groups.findIndex(({ nodes }) => nodes.includes(il_prev));
  if (current >= 0) return groups[il_weight > 0 ? current : (current + 1) % groups.length];
  return groups.find(({ nodes }) => nodes[0] > il_prev) ?? groups[0];
}

function nodeInTurn(task: Task, group: WeightGroup): number {
  return group.nodes[turnOf(task, group) % group.nodes.length];
}

function turnOf({ il_turns }: Task, { nodes }: WeightGroup): number {
  return il_turns.get(nodes[0]) ?? 0;
}
