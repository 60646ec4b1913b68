import type { CacheGeometry } from '../../traces/cache-filter.ts';
import type { Machine } from './machine.ts';

/**
 * The caches one of several copies of a program has to itself: copies spread evenly over a socket's cores, and those
 * that meet in one cache share its capacity evenly. Ways stay, sets become fewer.
 *
 * Left out: that copies which need less leave more to the others.
 */
export function cachesPerCopy(machine: Machine, socket: number, copies: number): CacheGeometry[] {
  const { cores } = machine.sockets[socket];
  return machine.caches.map((cache, level) => {
    const last = level === machine.caches.length - 1;
    const sharing = cache.shared_by_cores ?? (last ? cores : 1);
    const copiesInIt = Math.max(1, (copies * sharing) / cores);
    return {
      bytes: Math.floor(cache.bytes / copiesInIt),
      ways: cache.ways,
      lineBytes: cache.line_bytes,
    };
  });
}
