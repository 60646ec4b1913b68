/**
 * Pages on nodes that fill up: each goes to the node its interleave index falls on, and where that one is full to the
 * first node of that node's zonelist that holds it.
 *
 * `alloc_pages_mpol` gives the chosen node as the preferred one and no nodemask for interleave policies, so
 * `get_page_from_freelist` walks that node's zonelist over all nodes, also those of weight 0, and takes the first whose
 * free pages stay above its low watermark (mm/mempolicy.c and mm/page_alloc.c, Linux 6.12).
 *
 * Left out: what happens below the low watermark (reclaim, then the min watermark), and that the copies of a group,
 * taken here as one, would meet a nearly full node one by one.
 */

/** Where pages came to lie: for each group the node (its place) of every page, and how many pages of each group fitted. */
export type FilledNodes = Readonly<{ nodes: readonly Uint8Array[]; pages: number }>;

/**
 * Places the pages of several groups of copies one by one in first-touch order, all groups in step.
 *
 * `wanted[g][p]` is the node that page p of group g should be on, a place; a page of group g stands for `copies[g]` pages,
 * which stay together. `usable[k]` is how many pages node k holds, `zonelists[k]` the order in which places are tried for
 * node k, itself first. Where no node holds a page, `pages` is its number and what follows is not placed.
 */
export function fillNodes(
  wanted: readonly Uint8Array[],
  copies: readonly number[],
  usable: readonly number[],
  zonelists: readonly (readonly number[])[],
): FilledNodes {
  const groups = wanted.length;
  const pages = wanted[0].length;
  const nodes = wanted.map((own) => Uint8Array.from(own));
  const free = Float64Array.from(usable);
  for (let page = 0; page < pages; page++) {
    for (let g = 0; g < groups; g++) {
      const needed = copies[g];
      let node = wanted[g][page];
      if (free[node] < needed) {
        const order = zonelists[node];
        let next = 0;
        while (next < order.length && free[order[next]] < needed) next++;
        if (next === order.length) return { nodes, pages: page };
        node = order[next];
        nodes[g][page] = node;
      }
      free[node] -= needed;
    }
  }
  return { nodes, pages };
}
