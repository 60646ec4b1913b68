import type { CacheGeometry } from './cache-filter.ts';

const LETTER = { data: 'D', instructions: 'I', both: 'L' };

/** What people call these levels: `I1`, `D1` and then `L2`, `L3`, each numbered along the way of its kind. */
export function cacheNames(levels: readonly CacheGeometry[]): string[] {
  return levels.map(({ holds = 'both' }, i) => {
    const other = holds === 'data' ? 'instructions' : 'data';
    const before = levels.slice(0, i).filter((level) => level.holds !== other);
    return `${LETTER[holds]}${before.length + 1}`;
  });
}

/** A set of caches in one line, as `trace filter --caches` takes it: `I1=32768,8,64 D1=32768,8,64 L2=8388608,16,64`. */
export function cachesLine(levels: readonly CacheGeometry[]): string {
  const names = cacheNames(levels);
  return levels
    .map(({ bytes, ways, lineBytes, inclusive, instances = 1 }, i) => {
      const apart = instances > 1 ? `${instances}x` : '';
      return `${apart}${names[i]}=${bytes},${ways},${lineBytes}${inclusive ? ',inclusive' : ''}`;
    })
    .join(' ');
}
