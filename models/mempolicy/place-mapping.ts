/**
 * The node of every page of a mapping, at the speed of filling an array: pages side by side fall on the places of the
 * cycle one after another, so the cycle is written once and copied on.
 *
 *     ilx = (vm_pgoff >> order) + ((address - vm_start) >> (page_shift + order))
 *
 * as `get_vma_policy` in mm/mempolicy.c has it (Linux 6.12). Left out: nodes that are full.
 */

/** A mapping by the numbers of its first page and the one behind its last; `pgoff` is `start` for private memory. */
export type Mapping = Readonly<{ start: number; end: number; pgoff: number }>;

/**
 * Places all pages of a mapping under a policy's cycle (`policyCycle`), touched from first to last. With an order above
 * 0, aligned runs of 2^order pages inside the mapping are huge pages; what is left at its ends are base pages.
 */
export function placeMapping(
  { start, end, pgoff }: Mapping,
  cycle: Uint8Array,
  order = 0,
  into: Uint8Array = new Uint8Array(end - start),
): Uint8Array {
  const span = 2 ** order;
  const firstHuge = Math.ceil(start / span) * span;
  const endHuge = Math.floor(end / span) * span;
  if (order === 0 || firstHuge >= endHuge) {
    fillCycle(into, 0, end - start, cycle, pgoff);
    return into;
  }
  fillCycle(into, 0, firstHuge - start, cycle, pgoff);
  const base = Math.floor(pgoff / span);
  for (let page = firstHuge; page < endHuge; page += span) {
    const ilx = base + Math.floor((page - start) / span);
    into.fill(cycle[ilx % cycle.length], page - start, page - start + span);
  }
  fillCycle(into, endHuge - start, end - start, cycle, pgoff + (endHuge - start));
  return into;
}

/** Writes the nodes of indices `ilx`, `ilx + 1` and so on from `from` up to `to`. */
function fillCycle(
  into: Uint8Array,
  from: number,
  to: number,
  cycle: Uint8Array,
  ilx: number,
): void {
  const turn = ilx % cycle.length;
  const written = Math.min(to, from + cycle.length);
  for (let i = from; i < written; i++) into[i] = cycle[(turn + i - from) % cycle.length];
  for (let length = written - from; from + length < to; length *= 2) {
    into.copyWithin(from + length, from, Math.min(from + length, to - length));
  }
}
