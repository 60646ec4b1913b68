/**
 * A sum of weights under which a program's traffic falls unevenly on the places of the interleave's cycle: the hottest of
 * the `total` places has `share` of the traffic, `times` its fair share.
 */
export type ResidueImbalance = Readonly<{ total: number; share: number; times: number }>;

/** The largest total looked at, and what is worth saying: a place this many times as hot as it should be. */
const MOST_TOTAL = 64;
const UNEVEN = 1.25;
/** Pages that a place has to have on the average, or little can be said of it. */
const LEAST_PAGES = 16;
/** Standard deviations by which a place has to be above what pages placed at random would make it. */
const DEVIATIONS = 4;

/**
 * The totals of weights that alias with where the traffic is, by total. Placement by address takes the page number modulo
 * the sum of the weights; so what matters is the traffic on each residue, `counts` by page and `pages` their numbers.
 * What chance does with so few pages is not said.
 */
export function residueImbalances(pages: Float64Array, counts: Float64Array): ResidueImbalance[] {
  let traffic = 0;
  let squares = 0;
  for (let i = 0; i < counts.length; i++) {
    traffic += counts[i];
    squares += counts[i] * counts[i];
  }
  const found: ResidueImbalance[] = [];
  const on = new Float64Array(MOST_TOTAL);
  const most = Math.min(MOST_TOTAL, Math.floor(pages.length / LEAST_PAGES));
  for (let total = 2; total <= most; total++) {
    on.fill(0);
    for (let i = 0; i < pages.length; i++) on[pages[i] % total] += counts[i];
    let hottest = 0;
    for (let residue = 0; residue < total; residue++) hottest = Math.max(hottest, on[residue]);
    const fair = traffic / total;
    const chance = Math.sqrt((squares / total) * (1 - 1 / total));
    if (hottest > UNEVEN * fair && hottest - fair > DEVIATIONS * chance)
      found.push({ total, share: hottest / traffic, times: hottest / fair });
  }
  return found;
}
