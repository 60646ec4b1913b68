import { describe, expect, test } from 'vitest';
import { gupsStart, synthGups } from '../../traces/synth/gups.ts';
import { synthHashJoin } from '../../traces/synth/hash-join.ts';
import { synthMatmul } from '../../traces/synth/matmul.ts';
import { rowsOf } from './sample-trace.ts';
import { picture } from './synth-picture.ts';

/** HPCC's generator as its definition has it, one number after another. */
function hpcc(length: number): bigint[] {
  const numbers = [1n];
  while (numbers.length < length) {
    const ran = numbers[numbers.length - 1];
    numbers.push(BigInt.asUintN(64, ran << 1n) ^ (ran >> 63n ? 7n : 0n));
  }
  return numbers;
}

describe('gups', () => {
  const options = { tableBytes: 1 << 20, updates: 1280, seed: 1, level: 'access' } as const;

  test("starts anywhere in HPCC's sequence, which repeats after its period", () => {
    const numbers = hpcc(3000);
    for (const n of [0, 1, 2, 63, 64, 65, 128, 2999]) {
      expect(gupsStart(BigInt(n))).toBe(numbers[n]);
    }
    expect(gupsStart(1317624576693539401n)).toBe(1n);
    expect(gupsStart(-1n) << 1n).toBe((1n << 64n) | 6n);
  });

  test("updates the words that HPCC's numbers choose, a load and a store each", async () => {
    const numbers = hpcc(1281);
    const rows = await rowsOf(synthGups({ ...options, threads: 4 }));
    expect(rows).toHaveLength(2560);
    for (let update = 0; update < 1280; update++) {
      const stream = update % 128;
      const ran = numbers[stream * 10 + Math.floor(update / 128) + 1];
      const address = (1n << 40n) + (ran & 0x1ffffn) * 8n;
      const row = { address, size: 8, thread: stream % 4 };
      expect(rows[2 * update]).toEqual({ ...row, time: 2 * update, op: 0 });
      expect(rows[2 * update + 1]).toEqual({ ...row, time: 2 * update + 1, op: 1 });
    }
  });

  test('another seed goes on where the one before ends', async () => {
    const words = async (seed: number, updates: number) => {
      const rows = await rowsOf(synthGups({ ...options, seed, updates, threads: 1 }));
      return rows.filter(({ op }) => op === 1).map(({ address }) => address);
    };
    const sorted = (all: (number | bigint)[]) => all.map(String).sort();
    const both = [...(await words(1, 1280)), ...(await words(2, 1280))];
    expect(sorted(both)).toEqual(sorted(await words(1, 2560)));
  });
});

describe('matmul', () => {
  test('goes through blocks of C, A and B', async () => {
    const trace = synthMatmul({ n: 2, block: 1, elementBytes: 8, threads: 1 });
    // A is at 0, B at 0x1000, C at 0x2000; two elements make a row of 0x10 bytes.
    const cell = (c: string, ...terms: string[]) =>
      terms.map((term) => `L${c} ${term} S${c}`).join(' ');
    expect(await picture(trace)).toBe(
      [
        cell('2000', 'L0 L1000', 'L8 L1010'),
        cell('2008', 'L0 L1008', 'L8 L1018'),
        cell('2010', 'L10 L1000', 'L18 L1010'),
        cell('2018', 'L10 L1008', 'L18 L1018'),
      ].join(' '),
    );
  });

  test.each([
    { n: 12, block: 4, threads: 1 },
    { n: 12, block: 4, threads: 2 },
    { n: 8, block: 8, threads: 1 },
  ])('$n x $n in blocks of $block, $threads threads: counts in closed form', async (options) => {
    const { n, block } = options;
    const trace = synthMatmul({ ...options, elementBytes: 8 });
    const rows = await rowsOf(trace);
    expect(rows).toHaveLength(trace.accesses);
    expect(rows.filter(({ op }) => op === 1)).toHaveLength(n ** 3 / block);
    const loads = new Map<string, number>();
    for (const { address, op } of rows) {
      if (op === 0) loads.set(String(address), (loads.get(String(address)) ?? 0) + 1);
    }
    const base = 1n << 40n;
    const timesOf = (matrix: bigint) =>
      Array.from({ length: n * n }, (_, i) =>
        loads.get(String(base + matrix * 4096n + BigInt(i) * 8n)),
      );
    expect(new Set(timesOf(0n))).toEqual(new Set([n]));
    expect(new Set(timesOf(1n))).toEqual(new Set([n]));
    expect(new Set(timesOf(2n))).toEqual(new Set([n / block]));
  });
});

describe('hash join', () => {
  const options = { buildRows: 100, probeRows: 300, theta: 0, seed: 5 } as const;
  const TABLE = 1n << 40n;
  const BUILD = TABLE + 4096n;
  const PROBE = BUILD + 4096n;

  test('builds every tuple into a slot of its own, then probes for each', async () => {
    const rows = await rowsOf(synthHashJoin({ ...options, threads: 1 }));
    expect(rows).toHaveLength(3 * 100 + 2 * 300);
    const built = new Set<number | bigint>();
    for (let i = 0; i < 100; i++) {
      const [tuple, loaded, stored] = rows.slice(3 * i, 3 * i + 3);
      expect(tuple).toMatchObject({ address: BUILD + BigInt(16 * i), op: 0, size: 16 });
      expect(loaded).toMatchObject({ address: stored.address, op: 0 });
      expect(stored.op).toBe(1);
      built.add(stored.address);
    }
    expect(built.size).toBe(100);
    for (let i = 0; i < 300; i++) {
      const [tuple, slot] = rows.slice(300 + 2 * i, 302 + 2 * i);
      expect(tuple).toMatchObject({ address: PROBE + BigInt(16 * i), op: 0 });
      expect(built.has(slot.address) && slot.op === 0).toBe(true);
    }
  });

  test('no thread probes before all have built', async () => {
    const rows = await rowsOf(synthHashJoin({ ...options, threads: 3 }));
    const lastStore = rows.findLastIndex(({ op }) => op === 1);
    expect(rows.findIndex(({ address }) => BigInt(address) >= PROBE)).toBe(lastStore + 1);
    expect(rows.slice(0, 9).map(({ thread }) => thread)).toEqual([0, 0, 0, 1, 1, 1, 2, 2, 2]);
  });

  test('skewed probes meet few slots often', async () => {
    const hottest = async (theta: number) => {
      const made = synthHashJoin({ ...options, probeRows: 20_000, theta, threads: 1 });
      const table = (await rowsOf(made))
        .slice(300)
        .filter(({ address }) => BigInt(address) < BUILD);
      const counts = new Map<string, number>();
      for (const { address } of table) {
        counts.set(String(address), (counts.get(String(address)) ?? 0) + 1);
      }
      return Math.max(...counts.values()) / 20_000;
    };
    expect(await hottest(0)).toBeLessThan(0.015);
    let sum = 0;
    for (let i = 1; i <= 100; i++) sum += i ** -0.99;
    expect(await hottest(0.99)).toBeCloseTo(1 / sum, 1);
  });
});
