import { describe, expect, test } from 'vitest';
import { synthMatmul } from '../../traces/synth/matmul.ts';
import { synthMix } from '../../traces/synth/mix.ts';
import { synthPhases } from '../../traces/synth/phases.ts';
import { synthPointerChase } from '../../traces/synth/pointer-chase.ts';
import { synthRandom } from '../../traces/synth/random.ts';
import type { SynthTrace } from '../../traces/synth/synth-trace.ts';
import { rowsOf } from './sample-trace.ts';

const SPAN = 1n << 40n;
const random = (accesses: number, threads = 1) =>
  synthRandom({ pages: 16, accesses, seed: 1, level: 'memory', readShare: 0.5, threads });
const chase = (accesses: number, seed = 1) =>
  synthPointerChase({ pages: 4, accesses, seed, level: 'memory' });
/** A part's rows as they stand in a trace of parts, but for time. */
async function placed(part: SynthTrace, index: number, firstThread = 0) {
  return (await rowsOf(part)).map(({ address, size, op, thread }) => ({
    address: BigInt(address) + BigInt(index) * SPAN,
    size,
    op,
    thread: thread + firstThread,
  }));
}
const timeless = (rows: Awaited<ReturnType<typeof rowsOf>>) =>
  rows.map(({ address, size, op, thread }) => ({ address, size, op, thread }));

describe('phases', () => {
  test('are the parts one after another, in addresses apart, time running on', async () => {
    const made = synthPhases([random(1000), chase(500), random(20)], ['a', 'b', 'c']);
    const rows = await rowsOf(made);
    expect(timeless(rows)).toEqual([
      ...(await placed(random(1000), 0)),
      ...(await placed(chase(500), 1)),
      ...(await placed(random(20), 2)),
    ]);
    expect(rows.map(({ time }) => time)).toEqual(Array.from({ length: 1520 }, (_, i) => i));
    expect(made).toMatchObject({ accesses: 1520, threads: 1 });
  });

  test('keep the reads in flight that all parts agree about', () => {
    expect(synthPhases([chase(9), chase(9, 2)], ['a', 'b']).metadata.outstanding).toBe(1);
    expect(synthPhases([chase(9), random(9)], ['a', 'b']).metadata.outstanding).toBeUndefined();
  });
});

describe('mix', () => {
  test('deals rows by weight in every round, and keeps the order of each part', async () => {
    const made = synthMix([random(1000, 2), chase(1000), random(1000)], [3, 1, 2], ['a', 'b', 'c']);
    const rows = await rowsOf(made);
    // The first part gives out after 333 rounds.
    expect(rows).toHaveLength(333 * 6);
    expect(made).toMatchObject({ accesses: 333 * 6, threads: 4 });
    expect(rows.map(({ time }) => time)).toEqual(rows.map((_, i) => i));
    const partOf = (address: bigint | number) => Number(BigInt(address) / SPAN) - 1;
    for (let round = 0; round < 333; round++) {
      const drawn = rows
        .slice(6 * round, 6 * round + 6)
        .map(({ address }) => 'abc'[partOf(address)]);
      expect(drawn.join('')).toBe('acabca');
    }
    const ofPart = (part: number) =>
      timeless(rows.filter(({ address }) => partOf(address) === part));
    expect(ofPart(0)).toEqual((await placed(random(1000, 2), 0)).slice(0, 999));
    expect(ofPart(1)).toEqual((await placed(chase(1000), 1, 2)).slice(0, 333));
    expect(ofPart(2)).toEqual((await placed(random(1000), 2, 3)).slice(0, 666));
  });
});

test('parts that do not go together are refused', () => {
  const matmul = synthMatmul({ n: 4, block: 2, elementBytes: 8, threads: 1 });
  expect(() => synthPhases([random(9), matmul], ['random', 'matmul'])).toThrow(
    'phases: levels of "random" and "matmul" (got memory and access, expected the same)',
  );
  expect(() => synthMix([random(9), chase(9)], [1, 10], ['random', '10 chase'])).toThrow(
    'mix: accesses of "10 chase" (got 9, expected 10 or more)',
  );
});
