import type { TracedVma, VmaKind } from '../trace.ts';
import { vmaAt } from '../vma-at.ts';

/** Pages touched, and the share of the traffic on them, in mappings of one kind. */
export type MappedPages = Readonly<{ kind: VmaKind | 'unknown'; pages: number; share: number }>;

/**
 * Pages and traffic by kind of mapping, the most traffic first; `counts` by page ordinal, `pages` their numbers. What lies in
 * no mapping that is known is `unknown`.
 */
export function mappedPages(
  vmas: readonly TracedVma[],
  pages: Float64Array,
  counts: Float64Array,
  pageBytes: number,
): MappedPages[] {
  const found = new Map<MappedPages['kind'], { pages: number; traffic: number }>();
  let traffic = 0;
  for (let i = 0; i < pages.length; i++) {
    const kind = vmaAt(vmas, pages[i] * pageBytes)?.kind ?? 'unknown';
    const before = found.get(kind) ?? { pages: 0, traffic: 0 };
    found.set(kind, { pages: before.pages + 1, traffic: before.traffic + counts[i] });
    traffic += counts[i];
  }
  return [...found]
    .map(([kind, own]) => ({ kind, pages: own.pages, share: own.traffic / Math.max(1, traffic) }))
    .sort((a, b) => b.share - a.share || b.pages - a.pages);
}
