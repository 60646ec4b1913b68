import fc from 'fast-check';
import { expect, test } from 'vitest';
import { emptyTally } from '../../traces/importer.ts';
import { inTimeOrder } from '../../traces/time-order.ts';
import { rowsOf, sampleTrace } from './sample-trace.ts';

async function ordered(times: readonly number[], window: number, batchRows: number) {
  const tally = emptyTally();
  const trace = sampleTrace(
    times.map((time, i) => ({ time, address: i })),
    {},
    batchRows,
  );
  const rows = await rowsOf({ ...trace, batches: inTimeOrder(trace.batches, tally, window) });
  return { rows, tally };
}

test('rows within the window change places, equal times do not', async () => {
  const { rows, tally } = await ordered([5, 3, 3, 9, 4], 5, 2);
  expect(rows.map(({ time, address }) => [time, Number(address)])).toEqual([
    [3, 1],
    [3, 2],
    [4, 4],
    [5, 0],
    [9, 3],
  ]);
  expect(tally.notes).toEqual([]);
});

test('a row that is too late gets the latest time, which is said', async () => {
  const { rows, tally } = await ordered([5, 6, 7, 8, 1], 1, 1);
  expect(rows.map(({ time }) => time)).toEqual([5, 6, 7, 7, 8]);
  expect(tally.notes[0]).toMatch(/^1 row came too late/);
});

test('no row is lost and time never goes back, whatever the window and the batches', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.integer({ min: 0, max: 2 ** 52 }), { minLength: 1, maxLength: 60 }),
      fc.nat(70),
      fc.integer({ min: 1, max: 20 }),
      async (times, window, batchRows) => {
        const { rows } = await ordered(times, window, batchRows);
        expect(rows.map(({ address }) => Number(address)).sort((a, b) => a - b)).toEqual(
          times.map((_, i) => i),
        );
        for (let i = 1; i < rows.length; i++) {
          expect(rows[i].time).toBeGreaterThanOrEqual(rows[i - 1].time);
        }
        if (window >= times.length) {
          expect(rows.map(({ time }) => time)).toEqual([...times].sort((a, b) => a - b));
        }
      },
    ),
    { numRuns: 60 },
  );
});
