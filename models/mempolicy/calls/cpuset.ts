/**
 * Control groups with a cpuset (version 2): which nodes their processes may use, and what happens when that changes.
 *
 * Source: kernel/cgroup/cpuset.c, Linux 6.12 (`update_nodemask`, `cpuset_update_tasks_nodemask`, `cpuset_attach`). Under
 * version 2 memory migrates with the nodes (CS_MEMORY_MIGRATE). Left out: groups within groups.
 */

import type { Outcome } from '../kernel/errno.ts';
import type { Cgroup, Kernel, Task } from '../kernel/kernel.ts';
import { rebind } from '../kernel/mempolicy.ts';
import { migrateNodes } from '../kernel/migration.ts';
import { type Nodemask, parseNodelist } from '../nodemask.ts';

/**
 * Makes a group, gives it these nodes (a list such as `0-3`) and moves a task into it. Where the nodes are refused, the
 * group is there, with those of the root, and the task is not in it.
 */
export function joinCpuset(kernel: Kernel, task: Task, name: string, mems: string): Outcome {
  if (kernel.cgroups.has(name)) return 'EEXIST';
  const all = kernel.n_memory;
  const cgroup: Cgroup = { name, mems: 0n, effective_mems: all, old_mems_allowed: all };
  kernel.cgroups.set(name, cgroup);
  const outcome = setCpusetMems(kernel, name, mems);
  if (outcome === 0) attach(kernel, task, cgroup);
  return outcome;
}

/** Moves a task into a group that is there: a process started later joins the others. */
export function enterCgroup(kernel: Kernel, task: Task, name: string): Outcome {
  const cgroup = kernel.cgroups.get(name);
  if (cgroup === undefined) return 'ENOENT';
  attach(kernel, task, cgroup);
  return 0;
}

/** Writes the nodes of a group; its tasks' policies are bound anew, and their pages move. */
export function setCpusetMems(kernel: Kernel, name: string, mems: string): Outcome {
  const cgroup = kernel.cgroups.get(name);
  if (cgroup === undefined) return 'ENOENT';
  if (name === '/') return 'EACCES';
  const nodes = parseNodelist(mems);
  if (nodes === undefined || (nodes & ~kernel.n_memory) !== 0n) return 'EINVAL';
  if (nodes === cgroup.mems) return 0;
  cgroup.mems = nodes;
  cgroup.effective_mems = nodes;
  for (const task of kernel.tasks.values()) {
    if (task.cgroup === cgroup && !task.exited) {
      changeNodes(kernel, task, nodes, cgroup.old_mems_allowed);
    }
  }
  cgroup.old_mems_allowed = nodes;
  return 0;
}

function attach(kernel: Kernel, task: Task, cgroup: Cgroup): void {
  const { cgroup: left } = task;
  task.cgroup = cgroup;
  if (left.effective_mems !== cgroup.effective_mems) {
    changeNodes(kernel, task, cgroup.effective_mems, left.old_mems_allowed);
  }
  cgroup.old_mems_allowed = cgroup.effective_mems;
}

function changeNodes(kernel: Kernel, task: Task, nodes: Nodemask, before: Nodemask): void {
  rebind(task.mempolicy, nodes, kernel.version);
  task.mems_allowed = nodes;
  for (const vma of task.mm.all()) rebind(vma.policy, nodes, kernel.version);
  if (before !== nodes) migrateNodes(kernel, task.mm, before, nodes);
}
