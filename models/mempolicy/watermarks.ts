import type { Topology } from './topology.ts';

/** `watermark_scale_factor` as shipped: 10 of 10,000. */
const WATERMARK_SCALE = 10 / 10_000;
const [LEAST_KIB, MOST_KIB] = [128, 262_144];

/** Pages of a block that is grouped by mobility (`pageblock_nr_pages`): a huge page. */
const PAGEBLOCK = 512;
/** Blocks a zone that khugepaged wants free: two, and one for each of three mobility types to fall back to each. */
const FREE_BLOCKS = 2 + 3 * 3;
/** The most of all memory that huge pages keep free. */
const MOST_FOR_HUGE = 0.05;

/** How many free pages of a node an allocation leaves at first, and how many when that found none; by place. */
export type Watermarks = Readonly<{ low: readonly number[]; min: readonly number[] }>;

/**
 * The watermarks of every node: `min_free_kbytes` is the square root of 16 times the memory in KiB, shared out by size;
 * low lies a quarter of that or 0.1 % of the node above it, whichever is more. While huge pages are enabled
 * (`hugePages`), `min_free_kbytes` is at least eleven blocks a zone.
 *
 * Source: mm/page_alloc.c, `calculate_min_free_kbytes` and `__setup_per_zone_wmarks`; mm/khugepaged.c,
 * `set_recommended_min_free_kbytes`; Linux 6.12. Left out: zones within a node (one each, and the first has DMA as well).
 */
export function watermarks({ nodes, pageBytes }: Topology, hugePages = false): Watermarks {
  const managed = nodes.map((n) => n.capacityPages - n.reservedPages);
  const all = managed.reduce((sum, pages) => sum + pages, 0);
  const kib = Math.floor(Math.sqrt((all * pageBytes * 16) / 1024));
  const plain = (Math.min(MOST_KIB, Math.max(LEAST_KIB, kib)) * 1024) / pageBytes;
  const forHuge = Math.min(PAGEBLOCK * FREE_BLOCKS * (nodes.length + 1), all * MOST_FOR_HUGE);
  const minFreePages = hugePages ? Math.max(plain, forHuge) : plain;
  const min = managed.map((pages) => Math.floor((minFreePages * pages) / all));
  const low = managed.map(
    (pages, k) => min[k] + Math.max(min[k] >> 2, Math.floor(pages * WATERMARK_SCALE)),
  );
  return { low, min };
}

/** Pages of every node that programs can have before allocations meant for it go elsewhere; by place. */
export function usablePages(topology: Topology, hugePages = false): number[] {
  const { low } = watermarks(topology, hugePages);
  return topology.nodes.map((n, k) => Math.max(0, n.capacityPages - n.reservedPages - low[k]));
}
