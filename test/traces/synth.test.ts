import { describe, expect, test } from 'vitest';
import { synthPointerChase } from '../../traces/synth/pointer-chase.ts';
import { synthRandom } from '../../traces/synth/random.ts';
import { infoOfTrace } from '../../traces/trace-info.ts';
import { rowsOf } from './sample-trace.ts';

const options = { pages: 16, accesses: 4096, seed: 7, level: 'memory' as const };

describe('synthetic traces', () => {
  test('are the same for the same seed and differ for another', async () => {
    const random = (seed: number) => rowsOf(synthRandom({ ...options, seed, readShare: 0.5 }));
    expect(await random(7)).toEqual(await random(7));
    expect(await random(7)).not.toEqual(await random(8));
  });

  test('random: every line is as likely as any other, and loads have their share', async () => {
    const info = await infoOfTrace(
      't',
      synthRandom({ ...options, accesses: 160_000, readShare: 0.25 }),
    );
    expect(info.footprintPages).toBe(16);
    expect(info.loads / info.accesses).toBeCloseTo(0.25, 2);
    // 10,000 a page expected, standard deviation 97: five of them on either side.
    for (const { count } of info.hottestPages) expect(Math.abs(count - 10_000)).toBeLessThan(500);
  });

  test('pointer chase: one cycle through every line, one read outstanding', async () => {
    const trace = synthPointerChase({ ...options, accesses: 2 * 16 * 64 });
    expect(trace.metadata.outstanding).toBe(1);
    const rows = await rowsOf(trace);
    const first = rows.slice(0, 1024).map((r) => r.address);
    expect(new Set(first).size).toBe(1024);
    expect(rows.slice(1024).map((r) => r.address)).toEqual(first);
  });
});

test('trace info says what a trace holds', async () => {
  const info = await infoOfTrace('t.arrow', synthPointerChase({ ...options, accesses: 100 }));
  expect(info).toMatchObject({
    kind: 'trace',
    file: 't.arrow',
    accesses: 100,
    loads: 100,
    stores: 0,
    threads: 1,
    footprintBytes: info.footprintPages * 4096,
    duration: 99,
    timeUnit: 'instructions',
  });
  expect(info.hottestPages[0].count).toBeGreaterThanOrEqual(info.hottestPages[1].count);
  expect(info.hottestPages[0].address).toMatch(/^0x100000[0-9a-f]{5}$/);
});
