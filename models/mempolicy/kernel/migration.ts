/**
 * Moving pages that are there already (`queue_pages_range` and `do_migrate_pages` in mm/mempolicy.c, Linux 6.12).
 *
 * Left out: pages that cannot be isolated, pages mapped by several processes (MOVE and MOVE_ALL move alike).
 */

import { maskOf, type Nodemask, nodeIsset, nodeRemap, nodesOf } from '../nodemask.ts';
import { type AddressSpace, indexIn } from './address-space.ts';
import type { Errno } from './errno.ts';
import type { Kernel } from './kernel.ts';
import { MPOL_MF_MOVE, MPOL_MF_MOVE_ALL, MPOL_MF_STRICT } from './mpol-constants.ts';
import { freePages, takeFromNode } from './page-allocator.ts';
import type { Folio } from './page-tables.ts';

/**
 * The folios between two pages that are not on the nodes of a mask: all of them to be moved, or with STRICT alone EIO if
 * there is any. EFAULT for a hole in the range where holes are not allowed; and where there is no mapping at all.
 */
export function misplacedFolios(
  mm: AddressSpace,
  [start, end]: readonly [number, number],
  nodes: Nodemask,
  flags: number,
  holesAllowed: boolean,
): Folio[] | Errno {
  const vmas = mm.within(start, end);
  if (vmas.length === 0) return 'EFAULT';
  const found: Folio[] = [];
  let reached = start;
  let large = -1;
  for (const [i, vma] of vmas.entries()) {
    if (!holesAllowed && vma.start > reached) return 'EFAULT';
    reached = vma.end;
    // The kernel looks behind each mapping before it looks at its pages.
    if (!holesAllowed && reached < end && vmas[i + 1]?.start !== reached) return 'EFAULT';
    if ((flags & (MPOL_MF_STRICT | MPOL_MF_MOVE | MPOL_MF_MOVE_ALL)) === 0) continue;
    const folios = mm.pages.folios(Math.max(start, vma.start), Math.min(end, vma.end));
    for (const folio of folios) {
      if (nodeIsset(folio.node, nodes)) continue;
      if ((flags & (MPOL_MF_MOVE | MPOL_MF_MOVE_ALL)) === 0) return 'EIO';
      // A huge page that several mappings have parts of is met again and again, single pages in between.
      if (folio.pages > 1 && folio.first === large) continue;
      if (folio.pages > 1) large = folio.first;
      found.push(folio);
    }
  }
  return found;
}

/** Takes pages for what is at a page number and so many pages long; null where there is no room. */
type Target = (first: number, pages: number) => number | null;

/**
 * Moves a folio to where `target` finds room for it; returns how many folios stayed. A huge page that is not mapped in
 * all of its parts any more, or finds no room as a whole, is split and its pages move one by one (`migrate_pages_batch`
 * in mm/migrate.c).
 */
export function moveFolio(kernel: Kernel, mm: AddressSpace, folio: Folio, target: Target): number {
  if (folio.pages === 1 || mm.pages.isWhole(folio)) {
    const node = target(folio.first, folio.pages);
    if (node !== null) {
      settle(kernel, mm, folio, node);
      return 0;
    }
    if (folio.pages === 1) return 1;
  }
  return mm.pages
    .splitFolio(folio, (node) => freePages(kernel, node))
    .reduce((failures, part) => failures + moveFolio(kernel, mm, part, target), 0);
}

/** Moves a folio onto a node whose pages were taken for it already; gives the old ones back. */
function settle(kernel: Kernel, mm: AddressSpace, folio: Folio, node: number): void {
  mm.pages.moveFolio(folio, node);
  freePages(kernel, folio.node, folio.pages);
  const vma = mm.lookup(folio.first);
  const shared = vma?.shared?.pages.get(indexIn(vma, folio.first));
  if (shared !== undefined) shared.node = node;
}

/** Moves every page on one node to another; returns how many folios found no room there. */
function migrateToNode(kernel: Kernel, mm: AddressSpace, source: number, dest: number): number {
  let failures = 0;
  for (const vma of [...mm.all()]) {
    for (const folio of [...mm.pages.folios(vma.start, vma.end)]) {
      if (folio.node !== source) continue;
      failures += moveFolio(kernel, mm, folio, (_, pages) => takeFromNode(kernel, dest, pages));
    }
  }
  return failures;
}

/**
 * Moves all pages of a process from some nodes to others, position by position, so that nodes keep their relation; pairs
 * whose destination is no source left come first. Returns how many folios could not be moved (`do_migrate_pages`).
 */
export function migrateNodes(
  kernel: Kernel,
  mm: AddressSpace,
  from: Nodemask,
  to: Nodemask,
): number {
  const alike = nodesOf(from).length === nodesOf(to).length;
  let failures = 0;
  for (let left = from; left !== 0n; ) {
    let pair: readonly [number, number] | undefined;
    for (const source of nodesOf(left)) {
      if (!alike && nodeIsset(source, to)) continue;
      const dest = nodeRemap(source, from, to);
      if (source === dest) continue;
      pair = [source, dest];
      if (!nodeIsset(dest, left)) break;
    }
    if (pair === undefined) break;
    left &= ~maskOf([pair[0]]);
    failures += migrateToNode(kernel, mm, ...pair);
  }
  return failures;
}
