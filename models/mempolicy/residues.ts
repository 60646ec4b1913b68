/**
 * `ilx mod total` for interleave indices held as floats (exact to 2^53). Split in two words first: 32-bit remainders are
 * an order of magnitude faster than those of floats.
 */
export function residues(ilx: Float64Array, total: number): Uint16Array {
  const result = new Uint16Array(ilx.length);
  const SPLIT = 0x100_0000;
  const carry = SPLIT % total;
  for (let i = 0; i < ilx.length; i++) {
    const high = Math.floor(ilx[i] / SPLIT);
    const low = ilx[i] - high * SPLIT;
    result[i] = ((((high >>> 0) % total) * carry + low) >>> 0) % total;
  }
  return result;
}
