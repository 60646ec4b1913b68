import { interleaveCycle } from './interleave.ts';

/**
 * The node of every page by its interleave index: `cycle[ilx mod cycle.length]`, for whole numbers held as floats (exact
 * below 2^53), in the order they are given. `cycle` is that of `interleaveCycle`.
 *
 * The remainder is taken by multiplying with the reciprocal, which may be one cycle off either way for the largest
 * indices; the cycle is laid out three times so that the lookup comes out right all the same. Four at a time, since the
 * time goes into waiting for one result after another.
 */
export function placePages(
  ilx: Float64Array,
  cycle: Uint8Array,
  into: Uint8Array = new Uint8Array(ilx.length),
): Uint8Array {
  const period = cycle.length;
  const inverse = 1 / period;
  const thrice = new Uint8Array(3 * period);
  for (let i = 0; i < 3; i++) thrice.set(cycle, i * period);
  const pages = ilx.length;
  const four = pages - (pages % 4);
  for (let i = 0; i < four; i += 4) {
    const a = ilx[i];
    const b = ilx[i + 1];
    const c = ilx[i + 2];
    const d = ilx[i + 3];
    into[i] = thrice[(a - period * Math.floor(a * inverse) + period) | 0];
    into[i + 1] = thrice[(b - period * Math.floor(b * inverse) + period) | 0];
    into[i + 2] = thrice[(c - period * Math.floor(c * inverse) + period) | 0];
    into[i + 3] = thrice[(d - period * Math.floor(d * inverse) + period) | 0];
  }
  for (let i = four; i < pages; i++) into[i] = cycle[ilx[i] % period];
  return into;
}

/** The same under weights of one for each node, a node of weight 0 left out; nodes are their places among the weights. */
export function placeByAddress(pages: Float64Array, weights: readonly number[]): Uint8Array {
  return placePages(
    pages,
    interleaveCycle(weights.map((weight, place) => ({ weight, nodes: [place] }))),
  );
}
