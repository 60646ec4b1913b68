/** A run of `length` things from `start` on. */
export type Chunk = Readonly<{ start: number; length: number }>;

/**
 * The chunk of `total` things that each thread gets, as OpenMP's `schedule(static)` deals them in GCC (libgomp/iter.c,
 * `gomp_iter_static_next`): contiguous, equally long, the first `total mod threads` longer by one.
 */
export function staticSchedule(total: number, threads: number): readonly Chunk[] {
  const least = Math.floor(total / threads);
  const longer = total % threads;
  return Array.from({ length: threads }, (_, thread) => ({
    start: thread * least + Math.min(thread, longer),
    length: least + (thread < longer ? 1 : 0),
  }));
}
