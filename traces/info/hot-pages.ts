/** A page and what falls on it: accesses of a trace, lines of a demand. */
export type HotPage = Readonly<{ address: string; count: number; share: number }>;

/** What share of the traffic falls on the hottest share of pages; `pages` and `traffic` are 0 to 1. */
export type HotPoint = Readonly<{ pages: number; traffic: number }>;

/** Which pages are hot: a few points people ask for, the curve through all, and the hottest pages themselves. */
export type HotPages = Readonly<{
  top1Percent: number;
  top10Percent: number;
  top50Percent: number;
  curve: readonly HotPoint[];
  hottest: readonly HotPage[];
}>;

/** Pages listed as the hottest, and points of the curve. */
const HOTTEST = 10;
const POINTS = 100;

/**
 * How traffic is spread over pages: `counts` by page ordinal, `pages` their numbers. A share of the pages is rounded up to
 * whole pages, so that there is always one hottest page.
 */
export function hotPages(pages: Float64Array, counts: Float64Array, pageBytes: number): HotPages {
  const order = Uint32Array.from(pages, (_, i) => i);
  order.sort((a, b) => counts[b] - counts[a] || pages[a] - pages[b]);
  const upTo = new Float64Array(order.length + 1);
  for (let i = 0; i < order.length; i++) upTo[i + 1] = upTo[i] + counts[order[i]];
  const total = upTo[order.length];
  const of = (share: number) => upTo[Math.ceil(share * order.length)] / total;
  // The hottest hundredth is drawn as finely as all the rest: that is where the curve bends.
  const shares = Array.from({ length: 2 * POINTS }, (_, i) =>
    i < POINTS ? i / (POINTS * POINTS) : (i - POINTS + 1) / POINTS,
  );
  return {
    top1Percent: of(0.01),
    top10Percent: of(0.1),
    top50Percent: of(0.5),
    curve: shares.map((share) => ({ pages: share, traffic: of(share) })),
    hottest: [...order.subarray(0, HOTTEST)].map((ordinal) => ({
      address: `0x${(BigInt(pages[ordinal]) * BigInt(pageBytes)).toString(16)}`,
      count: counts[ordinal],
      share: counts[ordinal] / total,
    })),
  };
}
