/**
 * What went through a set of caches. A reference that misses at several lines is one miss; a reference to a level is a
 * miss of the one before it on the way of its kind.
 */
export type CacheTally = Readonly<{
  /** Accesses of the program: loads, stores, instruction fetches. */
  references: Float64Array;
  /** Misses of each level, at `3 * level + op`. */
  misses: Float64Array;
  /** Lines read from and written to memory. */
  memory: Float64Array;
}>;

/** A tally of nothing yet, for this many levels. */
export function cacheTally(levels: number): CacheTally {
  return {
    references: new Float64Array(3),
    misses: new Float64Array(3 * levels),
    memory: new Float64Array(2),
  };
}
