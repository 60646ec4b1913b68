import { expect } from 'vitest';
import type { Importer, ImportOptions } from '../../traces/importer.ts';
import { rowsOf } from './sample-trace.ts';

async function* pieces(text: string, size: number): AsyncGenerator<Buffer> {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

/**
 * What an importer makes of a text: rows as `time address size op thread`, tally and metadata. Holds the law of every
 * import: records without those left out made rows, and `rows` counts them all.
 */
export async function imported(
  { read }: Importer,
  text: string,
  options: ImportOptions = {},
  pieceBytes = 1 << 16,
) {
  const { trace, tally } = await read('file', pieces(text, pieceBytes), options);
  const all = await rowsOf(trace);
  const leftOut = Object.fromEntries(tally.leftOut);
  const out = Object.values(leftOut).reduce((sum, count) => sum + count, 0);
  expect(tally.rows).toBe(all.length);
  expect(tally.records - out).toBeGreaterThan(0);
  expect(tally.records - out).toBeLessThanOrEqual(tally.rows);
  const rows = all.map(
    ({ time, address, size, op, thread }) =>
      `${time} ${address.toString(16)} ${size} ${'LSF'[op]} ${thread}`,
  );
  const metadata = { ...trace.metadata, ...trace.learned?.() };
  return { rows, tally, leftOut, metadata };
}
