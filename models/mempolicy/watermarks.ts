import type { Topology } from './topology.ts';

/** `watermark_scale_factor` as shipped: 10 of 10,000. */
const WATERMARK_SCALE = 10 / 10_000;
const [LEAST_KIB, MOST_KIB] = [128, 262_144];

/** How many free pages of a node an allocation leaves at first, and how many when that found none; by place. */
export type Watermarks = Readonly<{ low: readonly number[]; min: readonly number[] }>;

/**
 * The watermarks of every node: `min_free_kbytes` is the square root of 16 times the memory in KiB, shared out by size;
 * low lies a quarter of that or 0.1 % of the node above it, whichever is more.
 *
 * Source: mm/page_alloc.c, `calculate_min_free_kbytes` and `__setup_per_zone_wmarks`, Linux 6.12. Left out: zones within a
 * node, and the higher marks that khugepaged asks for once huge pages were enabled.
 */
export function watermarks({ nodes, pageBytes }: Topology): Watermarks {
  const managed = nodes.map((n) => n.capacityPages - n.reservedPages);
  const all = managed.reduce((sum, pages) => sum + pages, 0);
  const kib = Math.floor(Math.sqrt((all * pageBytes * 16) / 1024));
  const minFreePages = (Math.min(MOST_KIB, Math.max(LEAST_KIB, kib)) * 1024) / pageBytes;
  const min = managed.map((pages) => Math.floor((minFreePages * pages) / all));
  const low = managed.map(
    (pages, k) => min[k] + Math.max(min[k] >> 2, Math.floor(pages * WATERMARK_SCALE)),
  );
  return { low, min };
}

/** Pages of every node that programs can have before allocations meant for it go elsewhere; by place. */
export function usablePages(topology: Topology): number[] {
  const { low } = watermarks(topology);
  return topology.nodes.map((n, k) => Math.max(0, n.capacityPages - n.reservedPages - low[k]));
}
