/**
 * Pages from nodes, under policies, cpusets and what is left of each node (`alloc_pages_mpol` in mm/mempolicy.c and
 * `get_page_from_freelist` in mm/page_alloc.c, Linux 6.12).
 *
 * Left out: reclaim, compaction and the OOM killer (an allocation that finds nothing fails), fragmentation (a huge page
 * is had wherever its pages are free), zones within a node.
 */

import { type Nodemask, nodeIsset } from '../nodemask.ts';
import type { Kernel, NodeMemory, Task } from './kernel.ts';
import { interleaves, type Mempolicy } from './mempolicy.ts';
import { MPOL } from './mpol-constants.ts';
import { policyNodes } from './policy-nodes.ts';

/**
 * Takes `pages` pages for a task under a policy (null: none) at an interleave index (null: by the task's counter).
 * Returns the node they are on, or null where no node allowed has them. `patient` is whether a huge page may come from
 * further away (MADV_HUGEPAGE), rather than be given up for small ones.
 */
export function allocatePages(
  kernel: Kernel,
  task: Task,
  policy: Mempolicy | null,
  ilx: number | null,
  pages = 1,
  patient = true,
): number | null {
  const { nid, nodemask } = policyNodes(kernel, task, policy, ilx);
  let node: number | null;
  if (policy?.mode === MPOL.PREFERRED_MANY) {
    node =
      fromFreelist(kernel, task, nid, nodemask, pages) ??
      fromFreelist(kernel, task, nid, null, pages);
  } else {
    // A huge page whose policy does not spread pages is tried on its node alone first.
    const nearFirst =
      pages > 1 &&
      (policy === null || !interleaves(policy)) &&
      (nodemask === null || nodeIsset(nid, nodemask));
    const near = nearFirst && nodeIsset(nid, task.mems_allowed);
    node = near ? takeFromNode(kernel, nid, pages) : null;
    if (node !== null || (nearFirst && !patient)) return node;
    node = fromFreelist(kernel, task, nid, nodemask, pages);
  }
  return node;
}

/** Takes pages from one node and no other (`__GFP_THISNODE`), down to its lowest mark. */
export function takeFromNode(kernel: Kernel, nid: number, pages: number): number | null {
  const memory = memoryOf(kernel, nid);
  if (memory.free - pages < memory.min) return null;
  memory.free -= pages;
  return nid;
}

/** Gives pages back to their node. */
export function freePages(kernel: Kernel, node: number, pages = 1): void {
  memoryOf(kernel, node).free += pages;
}

/** Walks the zonelist of the node wanted: above the low marks first, then down to the lowest. */
function fromFreelist(
  kernel: Kernel,
  task: Task,
  nid: number,
  nodemask: Nodemask | null,
  pages: number,
): number | null {
  const allowed = nodemask === null ? task.mems_allowed : nodemask & task.mems_allowed;
  for (const mark of ['low', 'min'] as const) {
    for (const node of kernel.zonelists.get(nid) ?? []) {
      if (!nodeIsset(node, allowed)) continue;
      const memory = memoryOf(kernel, node);
      if (memory.free - pages >= memory[mark]) {
        memory.free -= pages;
        return node;
      }
    }
  }
  return null;
}

function memoryOf(kernel: Kernel, node: number): NodeMemory {
  const memory = kernel.memory.get(node);
  if (memory === undefined)
    throw new Error(`node ${node}: no memory (expected a node of the machine)`);
  return memory;
}
