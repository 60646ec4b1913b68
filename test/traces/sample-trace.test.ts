import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { sampleTrace } from '../../traces/sample-trace.ts';
import { rowsOf, sampleTrace as traceOf } from './sample-trace.ts';

/** Rows 0 to 19, their number being their address and time; in batches of 7. */
const twenty = (batchRows = 7) =>
  traceOf(
    Array.from({ length: 20 }, (_, address) => ({ address })),
    {},
    batchRows,
  );

const numbers = async (...args: Parameters<typeof sampleTrace>) =>
  (await rowsOf(sampleTrace(...args))).map(({ time }) => time);

describe('sampling', () => {
  test.each([
    ['everything', {}, Array.from({ length: 20 }, (_, i) => i)],
    ['skip', { skip: 17 }, [17, 18, 19]],
    ['skip of more than there is', { skip: 100 }, []],
    ['limit', { limit: 3 }, [0, 1, 2]],
    ['periods', { length: 2, period: 6 }, [0, 1, 6, 7, 12, 13, 18, 19]],
    ['all three', { skip: 1, length: 2, period: 6, limit: 3 }, [1, 2, 7]],
  ])('%s', async (_, sampling, expected) => {
    expect(await numbers(twenty(), sampling)).toEqual(expected);
  });

  test('does not depend on how the trace is cut into batches', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.nat(25),
        fc.integer({ min: 1, max: 25 }),
        fc.integer({ min: 1, max: 4 }),
        fc.integer({ min: 1, max: 5 }),
        fc.integer({ min: 1, max: 20 }),
        async (skip, limit, length, times, batchRows) => {
          const period = length * times;
          const expected = Array.from({ length: 20 }, (_, i) => i)
            .filter((i) => i >= skip && (i - skip) % period < length)
            .slice(0, limit);
          const sampling = { skip, limit, length, period };
          expect(await numbers(twenty(batchRows), sampling)).toEqual(expected);
        },
      ),
    );
  });

  test('says one in how many rows was kept, and how many in a row', () => {
    const { metadata } = sampleTrace(twenty(), { length: 5, period: 100 });
    expect(metadata).toMatchObject({ samplePeriod: 20, sampleLength: 5 });
    expect(sampleTrace(twenty(), { skip: 5 }).metadata).toEqual(twenty().metadata);
  });

  test('refuses a period that is no multiple', () => {
    expect(() => sampleTrace(twenty(), { length: 3, period: 10 })).toThrow(
      'sampling: period (got 10, expected a multiple of the length 3)',
    );
  });

  test('reads no further than the limit', async () => {
    let asked = 0;
    const trace = twenty();
    async function* counted() {
      for await (const batch of trace.batches) {
        asked++;
        yield batch;
      }
    }
    const kept = sampleTrace({ ...trace, batches: counted() }, { limit: 7 });
    expect((await rowsOf(kept)).length).toBe(7);
    expect(asked).toBe(1);
  });
});
