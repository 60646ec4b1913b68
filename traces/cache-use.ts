import type { CacheGeometry } from './cache-filter.ts';
import { cacheNames } from './cache-names.ts';
import type { CacheTally } from './cache-tally.ts';
import { FETCH, LOAD, STORE } from './trace.ts';

/** References or misses, by what they wanted. */
export type CountByOp = Readonly<{ loads: number; stores: number; fetches: number }>;

/** One level, with what looked something up in it, and what did not find it. */
export type CacheUse = CacheGeometry &
  Readonly<{ name: string; references: CountByOp; misses: CountByOp }>;

/** What became of a trace in a set of caches. */
export type CacheUseResult = Readonly<{
  file: string;
  caches: readonly CacheUse[];
  memory: Readonly<{ linesRead: number; linesWritten: number }>;
}>;

/** What `tally` says of every level: a level's references are the misses of the one before it on the way of their kind. */
export function cacheUse(
  file: string,
  levels: readonly CacheGeometry[],
  tally: CacheTally,
): CacheUseResult {
  const names = cacheNames(levels);
  const arriving = Float64Array.from(tally.references);
  const caches = levels.map((geometry, level) => {
    const skipped =
      geometry.holds === 'data' ? [FETCH] : geometry.holds === 'instructions' ? [LOAD, STORE] : [];
    const references = arriving.map((count, op) => (skipped.includes(op) ? 0 : count));
    const misses = tally.misses.subarray(3 * level, 3 * level + 3);
    for (const op of [LOAD, STORE, FETCH]) if (!skipped.includes(op)) arriving[op] = misses[op];
    return { name: names[level], ...geometry, references: byOp(references), misses: byOp(misses) };
  });
  const [linesRead, linesWritten] = tally.memory;
  return { file, caches, memory: { linesRead, linesWritten } };
}

function byOp(counts: Float64Array): CountByOp {
  return { loads: counts[LOAD], stores: counts[STORE], fetches: counts[FETCH] };
}
