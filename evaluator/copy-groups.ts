import type { WeightHome } from '../models/mempolicy/weight-home.ts';

/** Copies that are placed alike: on one socket, by one vector of weights. */
export type CopyGroup = Readonly<{
  /** Place among the sockets with copies. */
  socket: number;
  /** Place among the vectors. */
  vector: number;
  copies: number;
}>;

/**
 * The groups of copies that a weight home makes with so many vectors; `copies` are those on each socket, which are dealt
 * to sockets in turn, so that those without any come last.
 *
 * Under `node` the vectors are those of the sockets in order; under `cgroup` and `policy` the copies of every socket are
 * dealt to the vectors in turn, copy i to vector floor(i / S) mod G. One vector is everyone's.
 */
export function copyGroups(
  home: WeightHome,
  vectors: number,
  copies: readonly number[],
): CopyGroup[] {
  return copies.flatMap((onSocket, socket): CopyGroup[] => {
    if (vectors === 1) return [{ socket, vector: 0, copies: onSocket }];
    if (home === 'node') return [{ socket, vector: socket, copies: onSocket }];
    return Array.from({ length: vectors }, (_, vector) => ({
      socket,
      vector,
      copies: Math.ceil(Math.max(0, onSocket - vector) / vectors),
    })).filter((group) => group.copies > 0);
  });
}
