import { interleaveNid, type WeightGroup } from '../models/mempolicy/interleave.ts';

/** The floor: one pass that writes the node of every page and does nothing else. */
export function writeNodes(nodes: Uint8Array): void {
  const pages = nodes.length;
  for (let i = 0; i < pages; i++) nodes[i] = i & 1;
}

/** Placement as the kernel does it: for every page a walk over the weights. */
export function walkWeights(
  ilx: Float64Array,
  groups: readonly WeightGroup[],
  nodes: Uint8Array,
): void {
  for (let i = 0; i < ilx.length; i++) nodes[i] = interleaveNid(groups, ilx[i]);
}
