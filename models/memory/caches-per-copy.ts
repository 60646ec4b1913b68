import type { CacheGeometry } from '../../traces/cache-filter.ts';
import { copiesPerSocket } from './copies-per-socket.ts';
import type { Machine } from './machine.ts';

/**
 * The caches one of several copies of a program has to itself: copies spread evenly over a socket's cores, and those
 * that meet in one cache share its capacity evenly. Ways stay, sets become fewer. A copy with several cores has as many
 * instances of a level as those cores have.
 *
 * Left out: that copies which need less leave more to the others.
 */
export function cachesPerCopy(machine: Machine, socket: number, copies: number): CacheGeometry[] {
  const { cores } = machine.sockets[socket];
  const ownCores = Math.max(1, Math.floor(cores / copies));
  return machine.caches.map((cache, level) => {
    const last = level === machine.caches.length - 1;
    const sharing = cache.shared_by_cores ?? (last ? cores : 1);
    const copiesInIt = Math.max(1, (copies * sharing) / cores);
    const instances = Math.ceil(ownCores / sharing);
    return {
      bytes: Math.floor(cache.bytes / copiesInIt),
      ways: cache.ways,
      lineBytes: cache.line_bytes,
      ...(cache.holds === undefined ? {} : { holds: cache.holds }),
      ...(cache.inclusive ? { inclusive: true } : {}),
      ...(instances > 1 ? { instances } : {}),
    };
  });
}

/**
 * The caches every one of a machine's copies is taken to have: those of a copy on the busiest socket, the one with the
 * most copies a core. One demand then stands for all copies.
 */
export function cachesOfCopies(machine: Machine, copies: number): CacheGeometry[] {
  const on = copiesPerSocket(machine, copies);
  const load = on.map((n, socket) => n / machine.sockets[socket].cores);
  const busiest = load.indexOf(Math.max(...load));
  return cachesPerCopy(machine, busiest, on[busiest]);
}
