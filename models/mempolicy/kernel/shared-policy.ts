import type { Mempolicy } from './mempolicy.ts';

type Range = Readonly<{ start: number; end: number; policy: Mempolicy }>;

/**
 * The policies of shared memory, by index of page. They belong to the memory: a cpuset that gets other nodes does not rebind
 * them. The invariant: ranges are in ascending order and do not overlap.
 *
 * Source: `struct shared_policy` in include/linux/mempolicy.h, `shared_policy_replace` in mm/mempolicy.c, Linux 6.12.
 */
export class SharedPolicy {
  #ranges: readonly Range[] = [];

  /** The policy of a page (`mpol_shared_policy_lookup`); null where none was set. */
  lookup(index: number): Mempolicy | null {
    return this.#ranges.find(({ start, end }) => start <= index && index < end)?.policy ?? null;
  }

  /** Sets the policy of the pages from `start` up to `end`; null takes it away. */
  replace(start: number, end: number, policy: Mempolicy | null): void {
    const below = this.#ranges
      .filter((range) => range.start < start)
      .map((range) => ({ ...range, end: Math.min(range.end, start) }));
    const above = this.#ranges
      .filter((range) => range.end > end)
      .map((range) => ({ ...range, start: Math.max(range.start, end) }));
    const own = policy === null ? [] : [{ start, end, policy: { ...policy } }];
    this.#ranges = [...below, ...own, ...above];
  }
}
