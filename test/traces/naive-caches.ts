import type { CacheGeometry } from '../../traces/cache-filter.ts';
import { FETCH, STORE } from '../../traces/trace.ts';

type Line = { address: bigint; dirty: boolean };

/** One cache as a Map of sets, each a list of lines with the most recent first. */
class NaiveCache {
  readonly level: number;
  readonly ways: number;
  readonly #sets: bigint;
  readonly #lineBytes: bigint;
  readonly #lines = new Map<bigint, Line[]>();

  constructor({ bytes, ways, lineBytes }: CacheGeometry, level: number) {
    this.level = level;
    this.ways = ways;
    this.#sets = BigInt(Math.max(1, Math.floor(bytes / (ways * lineBytes))));
    this.#lineBytes = BigInt(lineBytes);
  }

  set(address: bigint): Line[] {
    const index = (address / this.#lineBytes) % this.#sets;
    const set = this.#lines.get(index) ?? [];
    this.#lines.set(index, set);
    return set;
  }

  find(address: bigint): Line | undefined {
    return this.set(address).find((line) => line.address === address);
  }

  drop(address: bigint): Line | undefined {
    const set = this.set(address);
    const at = set.findIndex((line) => line.address === address);
    return at < 0 ? undefined : set.splice(at, 1)[0];
  }

  all(): Line[] {
    return [...this.#lines.values()].flat();
  }
}

/**
 * The cache filter as one would write it without a thought for speed. `memory` gets `R address` and `W address` for every
 * line read from and written to memory, `misses` counts by level and op; `paths` are each core's levels for data and for
 * instructions.
 */
export function naiveCaches(geometry: readonly CacheGeometry[]) {
  const lineBytes = BigInt(geometry[0].lineBytes);
  const cores = Math.max(...geometry.map(({ instances = 1 }) => instances));
  const caches = geometry.map((level, i) =>
    Array.from({ length: level.instances ?? 1 }, () => new NaiveCache(level, i)),
  );
  const paths = Array.from({ length: cores }, (_, core) => {
    const cacheOf = (level: number) =>
      caches[level][Math.floor((core * caches[level].length) / cores)];
    const ofKind = (other: string) =>
      geometry.flatMap(({ holds }, level) => (holds === other ? [] : [cacheOf(level)]));
    return { data: ofKind('instructions'), instructions: ofKind('data') };
  });
  const threads: number[] = [];
  const memory: string[] = [];
  const misses = geometry.map(() => [0, 0, 0]);

  function writeBack(address: bigint, below: readonly NaiveCache[]): void {
    const holder = below.find((cache) => cache.find(address));
    if (holder === undefined) memory.push(`W ${address.toString(16)}`);
    else (holder.find(address) as Line).dirty = true;
  }

  function evict(cache: NaiveCache, { address, dirty }: Line, below: readonly NaiveCache[]): void {
    let anyDirty = dirty;
    if (geometry[cache.level].inclusive) {
      for (const path of paths.flatMap(({ data, instructions }) => [data, instructions])) {
        if (!path.includes(cache)) continue;
        for (const upper of path.slice(0, path.indexOf(cache))) {
          if (upper.drop(address)?.dirty) anyDirty = true;
        }
      }
    }
    if (anyDirty) writeBack(address, below);
  }

  function access(address: bigint, size: number, op: number, thread: number): void {
    if (!threads.includes(thread)) threads.push(thread);
    const core = threads.indexOf(thread) % cores;
    const path = paths[core][op === FETCH ? 'instructions' : 'data'];
    const own = [...paths[core].data, ...paths[core].instructions];
    const others = paths
      .flatMap(({ data, instructions }) => [...data, ...instructions])
      .filter((cache) => op !== FETCH && !own.includes(cache));
    const ownLevels = path.filter(({ level }) => caches[level].length === cores);
    const count = Number((address + BigInt(size) - 1n) / lineBytes - address / lineBytes) + 1;
    const lines = Array.from(
      { length: count },
      (_, i) => (address / lineBytes + BigInt(i)) * lineBytes,
    );
    const held = lines.map((line) => op === STORE && others.some((cache) => cache.find(line)));
    if (op === STORE) for (const line of lines) for (const cache of others) cache.drop(line);
    for (const [depth, cache] of path.entries()) {
      const below = path.slice(depth + 1);
      let missed = false;
      for (const [i, address] of lines.entries()) {
        const hit = cache.drop(address);
        cache.set(address).unshift({
          address,
          dirty: (hit?.dirty ?? false) || (op === STORE && depth === 0),
        });
        if (hit !== undefined) {
          held[i] = true;
          continue;
        }
        missed = true;
        const set = cache.set(address);
        if (set.length > cache.ways) evict(cache, set.pop() as Line, below);
        if (cores > 1 && cache === ownLevels.at(-1) && !held[i]) {
          const copies = others.flatMap((other) => other.find(address) ?? []);
          held[i] = copies.length > 0;
          const dirty = copies.some((copy) => copy.dirty);
          for (const copy of copies) copy.dirty = false;
          if (dirty) writeBack(address, path.slice(ownLevels.length));
        }
        if (below.length === 0 && !held[i]) memory.push(`R ${address.toString(16)}`);
      }
      if (!missed) return;
      misses[cache.level][op]++;
    }
  }

  return { memory, misses, paths, access };
}
