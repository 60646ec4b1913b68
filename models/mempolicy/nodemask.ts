/**
 * Sets of nodes as the kernel holds them (`nodemask_t`), and the operations on them that memory policies need. Node ids
 * run from 0 to 63: the kernels modelled are built with MAX_NUMNODES = 64.
 *
 * Source: include/linux/nodemask.h and lib/bitmap.c, Linux 6.12; the functions keep the names without `nodes_`.
 */

/** Bit n is set where node n is in the set. */
export type Nodemask = bigint;

/** The number of bits a mask has. */
export const MAX_NUMNODES = 64;

/** The mask of these nodes. */
export function maskOf(nodes: Iterable<number>): Nodemask {
  let mask = 0n;
  for (const node of nodes) mask |= 1n << BigInt(node);
  return mask;
}

/** The nodes of a mask in ascending order. */
export function nodesOf(mask: Nodemask): number[] {
  const nodes: number[] = [];
  for (let rest = mask, node = 0; rest !== 0n; rest >>= 1n, node++) {
    if ((rest & 1n) === 1n) nodes.push(node);
  }
  return nodes;
}

/** True where the node is in the mask. */
export function nodeIsset(node: number, mask: Nodemask): boolean {
  return node >= 0 && node < MAX_NUMNODES && ((mask >> BigInt(node)) & 1n) === 1n;
}

/** The lowest node of a mask; MAX_NUMNODES where it is empty. */
export function firstNode(mask: Nodemask): number {
  return nodesOf(mask)[0] ?? MAX_NUMNODES;
}

/** The next node of the mask above `node`, or its first one again (`next_node_in`); MAX_NUMNODES where it is empty. */
export function nextNodeIn(node: number, mask: Nodemask): number {
  return nodesOf(mask).find((other) => other > node) ?? firstNode(mask);
}

/** Every node modulo `size` (`nodes_fold`). */
export function fold(mask: Nodemask, size: number): Nodemask {
  return maskOf(nodesOf(mask).map((node) => node % size));
}

/** The n-th node of `relative` for every n in `mask` (`nodes_onto`). */
export function onto(mask: Nodemask, relative: Nodemask): Nodemask {
  return maskOf(nodesOf(relative).filter((_, n) => nodeIsset(n, mask)));
}

/** Where a node goes when the nodes of `from` become those of `to`, position by position, round again (`node_remap`). */
export function nodeRemap(node: number, from: Nodemask, to: Nodemask): number {
  const position = nodesOf(from).indexOf(node);
  const targets = nodesOf(to);
  return position < 0 || targets.length === 0 ? node : targets[position % targets.length];
}

/** The same for every node of a mask (`nodes_remap`). */
export function remap(mask: Nodemask, from: Nodemask, to: Nodemask): Nodemask {
  return maskOf(nodesOf(mask).map((node) => nodeRemap(node, from, to)));
}

/** A mask as the kernel prints it (`%*pbl`): `0-3,5`. */
export function nodelistText(mask: Nodemask): string {
  const ranges: string[] = [];
  const nodes = nodesOf(mask);
  for (let i = 0; i < nodes.length; i++) {
    const from = nodes[i];
    while (nodes[i + 1] === nodes[i] + 1) i++;
    ranges.push(from === nodes[i] ? `${from}` : `${from}-${nodes[i]}`);
  }
  return ranges.join(',');
}

/** Reads a list such as `0-3,5` (`nodelist_parse`); undefined where it is none. */
export function parseNodelist(text: string): Nodemask | undefined {
  let mask = 0n;
  for (const part of text.split(',')) {
    const [, low, high = low] = /^(\d{1,3})(?:-(\d{1,3}))?$/.exec(part) ?? [];
    if (low === undefined || Number(low) > Number(high) || Number(high) >= MAX_NUMNODES)
      return undefined;
    for (let node = Number(low); node <= Number(high); node++) mask |= 1n << BigInt(node);
  }
  return mask;
}
