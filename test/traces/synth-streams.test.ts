import { describe, expect, test } from 'vitest';
import { synthMlc } from '../../traces/synth/mlc.ts';
import { staticSchedule } from '../../traces/synth/static-schedule.ts';
import { synthStream } from '../../traces/synth/stream.ts';
import { synthStrided } from '../../traces/synth/strided.ts';
import { infoOfTrace } from '../../traces/trace-info.ts';
import { picture } from './synth-picture.ts';

test('a static schedule deals contiguous chunks, the first ones longer by one', () => {
  expect(staticSchedule(7, 3)).toEqual([
    { start: 0, length: 3 },
    { start: 3, length: 2 },
    { start: 5, length: 2 },
  ]);
});

describe('stream', () => {
  const options = { arrayBytes: 8192, iterations: 1, level: 'access', threads: 1 } as const;

  // Arrays of two pages: a is at 0, b at 0x2000, c at 0x4000.
  test.each([
    ['copy', 'L0 S4000 L8 S4008'],
    ['scale', 'L4000 S2000 L4008 S2008'],
    ['add', 'L0 L2000 S4000 L8 L2008 S4008'],
    ['triad', 'L2000 L4000 S0 L2008 L4008 S8'],
  ] as const)('%s loads and stores its arrays in the order of the source', async (kernel, head) => {
    const drawn = await picture(synthStream({ ...options, kernel }));
    expect(drawn.startsWith(`${head} `)).toBe(true);
    expect(drawn.split(' ')).toHaveLength(1024 * (head.split(' ').length / 2));
  });

  test('threads go through their chunks side by side, and iterations follow each other', async () => {
    const made = { kernel: 'copy', arrayBytes: 320, iterations: 2, level: 'memory' } as const;
    const once = 'L0/0 S2000/0 Lc0/1 S20c0/1 L40/0 S2040/0 L100/1 S2100/1 L80/0 S2080/0';
    expect(await picture(synthStream({ ...made, threads: 2 }))).toBe(`${once} ${once}`);
  });

  test('reads and writes every line of its arrays once a pass', async () => {
    const trace = synthStream({ ...options, kernel: 'triad', level: 'memory', iterations: 3 });
    expect(trace.accesses).toBe(3 * 3 * 128);
    const info = await infoOfTrace('t', trace);
    expect(info).toMatchObject({ accesses: 1152, loads: 768, stores: 384, footprintPages: 6 });
  });
});

describe('mlc', () => {
  const options = { bufferBytes: 4096, accesses: 24_000, seed: 1, threads: 2 } as const;
  const made = { ...options, order: 'sequential', level: 'memory' } as const;

  test.each([
    ['R', 'L0/0 L1000/1 L40/0 L1040/1', 1],
    ['W2', 'L0/0 L40/0 S40/0 L1000/1 L1040/1 S1040/1', 2 / 3],
    ['W3', 'L0/0 L40/0 L80/0 S80/0 L1000/1', 3 / 4],
    ['W5', 'L0/0 S0/0 L1000/1 S1000/1 L40/0', 1 / 2],
  ] as const)('%s has its ratio of reads to writes exactly', async (mix, head, share) => {
    expect((await picture(synthMlc({ ...made, mix }))).startsWith(`${head} `)).toBe(true);
    for (const order of ['sequential', 'random'] as const) {
      const info = await infoOfTrace('t', synthMlc({ ...made, mix, order }));
      expect(info).toMatchObject({ accesses: 24_000, loads: 24_000 * share, footprintPages: 2 });
    }
  });

  test('at access level a line stored to is not loaded: the caches do that', async () => {
    const trace = synthMlc({ ...made, mix: 'W3', level: 'access', accesses: 6 });
    expect(await picture(trace)).toBe('L0/0 L40/0 S80/0 L1000/1 L1040/1 S1080/1');
  });

  test('ends with a whole round of its ratio, and goes round its buffer', async () => {
    const trace = synthMlc({ ...made, mix: 'W2', accesses: 100, threads: 1 });
    expect(trace.accesses).toBe(102);
    const drawn = (await picture(trace)).split(' ');
    expect(drawn).toHaveLength(102);
    expect(drawn.slice(96, 99)).toEqual(['L0', 'L40', 'S40']);
  });
});

describe('strided', () => {
  const options = { strideBytes: 1536, readShare: 1, seed: 1, level: 'access' } as const;

  test('accesses are the stride apart, modulo the footprint', async () => {
    const trace = synthStrided({ ...options, pages: 1, accesses: 5, threads: 1 });
    expect(await picture(trace)).toBe('L0 L600 Lc00 L200 L800');
  });

  test('at memory level a row is the line the address lies in; threads have parts of their own', async () => {
    const trace = synthStrided({
      ...options,
      strideBytes: 40,
      pages: 3,
      accesses: 6,
      level: 'memory',
      threads: 2,
    });
    expect(await picture(trace)).toBe('L0/0 L2000/1 L0/0 L2000/1 L40/0 L2040/1');
  });
});
