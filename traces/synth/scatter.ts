import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';

const ROUNDS = 4;

/**
 * A pseudo-random permutation of `0 … count - 1` (`count` up to 2^32) in no memory: a Feistel network of four rounds over
 * the next even number of bits, walked on until it comes back below `count` (J. Black and P. Rogaway, "Ciphers with
 * arbitrary finite domains", CT-RSA 2002, the generalised-Feistel and cycle-walking methods). Not for secrets.
 */
export function scatter(count: number, seed: number): (i: number) => number {
  const halfBits = Math.max(1, Math.ceil(Math.log2(count) / 2));
  const half = 2 ** halfBits;
  const mask = half - 1;
  const random = xoroshiro128plus(seed);
  const keys = Int32Array.from({ length: ROUNDS }, () => random.next());
  return (i) => {
    let at = i;
    do {
      let left = Math.floor(at / half);
      let right = at & mask;
      for (let round = 0; round < ROUNDS; round++) {
        // The finalizer of MurmurHash3 (A. Appleby), which mixes all bits of a word into all others.
        let word = right ^ keys[round];
        word = Math.imul(word ^ (word >>> 16), 0x85ebca6b);
        word = Math.imul(word ^ (word >>> 13), 0xc2b2ae35);
        const mixed = left ^ ((word ^ (word >>> 16)) & mask);
        left = right;
        right = mixed;
      }
      at = left * half + right;
    } while (at >= count);
    return at;
  };
}
