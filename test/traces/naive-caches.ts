import type { CacheGeometry } from '../../traces/cache-filter.ts';

type Line = { address: bigint; dirty: boolean };

/**
 * The cache filter as one would write it without a thought for speed: a Map of sets, each a list of lines with the
 * most recent first. Emits `R address` and `W address` for every line read from and written to memory.
 */
export function naiveCaches(geometry: readonly CacheGeometry[]) {
  const levels = geometry.map(({ bytes, ways, lineBytes }) => ({
    ways,
    sets: BigInt(Math.max(1, Math.floor(bytes / (ways * lineBytes)))),
    lines: new Map<bigint, Line[]>(),
  }));
  const lineBytes = BigInt(geometry[0].lineBytes);
  const memory: string[] = [];

  function setOf(level: number, address: bigint): Line[] {
    const { sets, lines } = levels[level];
    const index = (address / lineBytes) % sets;
    const set = lines.get(index) ?? [];
    lines.set(index, set);
    return set;
  }

  function writeBack(address: bigint, from: number): void {
    for (let level = from; level < levels.length; level++) {
      const held = setOf(level, address).find((line) => line.address === address);
      if (held !== undefined) {
        held.dirty = true;
        return;
      }
    }
    memory.push(`W ${address.toString(16)}`);
  }

  function lookUp(level: number, address: bigint, dirty: boolean): boolean {
    const set = setOf(level, address);
    const at = set.findIndex((line) => line.address === address);
    const [line] = at < 0 ? [{ address, dirty: false }] : set.splice(at, 1);
    line.dirty ||= dirty;
    set.unshift(line);
    if (set.length > levels[level].ways) {
      const victim = set.pop() as Line;
      if (victim.dirty) writeBack(victim.address, level + 1);
    }
    return at >= 0;
  }

  return {
    memory,
    access(address: bigint, size: number, store: boolean): void {
      const first = address / lineBytes;
      const last = (address + BigInt(size) - 1n) / lineBytes;
      for (let level = 0; level < levels.length; level++) {
        let missed = false;
        for (let line = first; line <= last; line++) {
          if (lookUp(level, line * lineBytes, store && level === 0)) continue;
          missed = true;
          if (level === levels.length - 1) memory.push(`R ${(line * lineBytes).toString(16)}`);
        }
        if (!missed) return;
      }
    },
  };
}
