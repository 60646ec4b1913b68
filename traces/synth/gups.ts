import { type Level, LOAD, STORE } from '../trace.ts';
import { BASE_ADDRESS, LINE_BYTES, type SynthTrace, synthTrace } from './synth-trace.ts';

const WORD_BYTES = 8;

/** Sequences that HPCC goes through side by side (RandomAccess/core_single_cpu.c). */
export const GUPS_STREAMS = 128;
/** The feedback of HPCC's generator, `x^64 + x^2 + x + 1`, and its period (RandomAccess.h). */
const POLY = 7;
const PERIOD = 1317624576693539401n;

/**
 * HPC Challenge's RandomAccess (1.5.0): each update reads a word of a table, changes it, and writes it back, the word chosen
 * by HPCC's own generator, `ran = (ran << 1) ^ (ran < 0 ? 7 : 0)` in 64 bits, and its low bits. As in HPCC's kernel the
 * sequence is cut into 128 parts that are gone through side by side; part `j` is thread `j mod threads`'s. Seed 1 is the
 * sequence from its start, as HPCC has it; seed `s` starts `(s - 1) * updates` numbers later (the updates rounded up to the 128 parts).
 *
 * `tableBytes` is a power of two up to 32 GiB. HPCC makes 4 updates a word. At memory level a row is the word's line.
 */
export function synthGups(
  options: Readonly<{
    tableBytes: number;
    updates: number;
    seed: number;
    level: Level;
    threads: number;
  }>,
): SynthTrace {
  const { tableBytes, updates, seed, level, threads } = options;
  return synthTrace(
    {
      pattern: 'gups',
      options: { tableBytes, updates, seed, level, threads },
      level,
      accesses: 2 * updates,
      threads,
    },
    function* (builder) {
      const each = BigInt(Math.ceil(updates / GUPS_STREAMS));
      const before = BigInt(seed - 1) * each * BigInt(GUPS_STREAMS);
      const starts = Array.from({ length: GUPS_STREAMS }, (_, j) =>
        gupsStart(before + each * BigInt(j)),
      );
      const low = Int32Array.from(starts, (ran) => Number(BigInt.asIntN(32, ran)));
      const high = Int32Array.from(starts, (ran) => Number(BigInt.asIntN(32, ran >> 32n)));
      const mask = tableBytes / WORD_BYTES - 1;
      const size = level === 'memory' ? LINE_BYTES : WORD_BYTES;
      for (let i = 0; i < updates; i++) {
        if (!builder.hasRoom(2)) yield builder.take();
        const j = i % GUPS_STREAMS;
        const feedback = high[j] < 0 ? POLY : 0;
        high[j] = (high[j] << 1) | (low[j] >>> 31);
        low[j] = (low[j] << 1) ^ feedback;
        const offset = ((low[j] & mask) >>> 0) * WORD_BYTES;
        const address = BASE_ADDRESS + offset - (offset % size);
        const above = address / 0x1_0000_0000;
        const thread = j % threads;
        builder.push(2 * i, address, above, size, LOAD, thread);
        builder.push(2 * i + 1, address, above, size, STORE, thread);
      }
    },
  );
}

/**
 * The `n`-th number of HPCC's sequence, which starts with 1: `x^n` modulo its polynomial, by squaring (HPCC_starts in
 * RandomAccess/utility.c gives the same).
 */
export function gupsStart(n: bigint): bigint {
  let result = 1n;
  let power = 2n;
  for (let left = ((n % PERIOD) + PERIOD) % PERIOD; left > 0n; left >>= 1n) {
    if (left & 1n) result = multiply(result, power);
    power = multiply(power, power);
  }
  return result;
}

/** The product of two polynomials over bits, modulo `x^64 + x^2 + x + 1`. */
function multiply(a: bigint, b: bigint): bigint {
  let product = 0n;
  for (let bit = 63n; bit >= 0n; bit--) {
    product = BigInt.asUintN(64, product << 1n) ^ (product >> 63n ? BigInt(POLY) : 0n);
    if ((a >> bit) & 1n) product ^= b;
  }
  return product;
}
