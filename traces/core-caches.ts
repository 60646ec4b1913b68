import type { CacheGeometry } from './cache-filter.ts';
import { CacheLevel } from './cache-level.ts';

/** What one core sees of the caches. */
export type CoreCaches = Readonly<{
  /** The levels its loads and stores go through, and those its fetches go through, from the core to memory. */
  data: readonly CacheLevel[];
  instructions: readonly CacheLevel[];
  /** How many levels for data it has to itself. */
  ownDepth: number;
  /** By core: the caches that one has and this one has not. */
  foreign: readonly (readonly CacheLevel[])[];
}>;

/**
 * Makes the caches of these levels, and deals them to as many cores as the most frequent level has instances.
 * Throws where lines differ, or no level holds data.
 */
export function coreCaches(levels: readonly CacheGeometry[]): CoreCaches[] {
  check(levels);
  const cores = Math.max(...levels.map(({ instances = 1 }) => instances));
  const caches = levels.map((geometry, level) =>
    Array.from({ length: geometry.instances ?? 1 }, () => new CacheLevel(geometry, level)),
  );
  const pathOf = (core: number, without: string) =>
    caches
      .filter((_, level) => levels[level].holds !== without)
      .map((instances) => instances[Math.floor((core * instances.length) / cores)]);
  const paths = Array.from({ length: cores }, (_, core) => ({
    data: pathOf(core, 'instructions'),
    instructions: pathOf(core, 'data'),
  }));
  for (const { data, instructions } of paths) {
    coverUpperLevels(data, levels);
    coverUpperLevels(instructions, levels);
  }
  const all = paths.map(({ data, instructions }) => [...new Set([...data, ...instructions])]);
  return paths.map((path, core) => ({
    ...path,
    ownDepth: path.data.filter(({ level }) => caches[level].length === cores).length,
    foreign: all.map((other) => other.filter((cache) => !all[core].includes(cache))),
  }));
}

function check(levels: readonly CacheGeometry[]): void {
  if (!levels.some(({ holds }) => holds !== 'instructions')) {
    throw new Error(
      `caches: no level for data (got ${levels.length === 0 ? 'no level' : 'levels for instructions only'})`,
    );
  }
  const [{ lineBytes }] = levels;
  for (const [index, { lineBytes: got }] of levels.entries()) {
    if (got !== lineBytes) {
      throw new Error(`cache level ${index + 1}: line size (got ${got}, expected ${lineBytes})`);
    }
  }
}

/** Tells every inclusive level of a path which ones it covers: those before it. */
function coverUpperLevels(path: readonly CacheLevel[], levels: readonly CacheGeometry[]): void {
  for (const [depth, cache] of path.entries()) {
    if (levels[cache.level].inclusive !== true) continue;
    cache.above.push(...path.slice(0, depth).filter((upper) => !cache.above.includes(upper)));
  }
}
