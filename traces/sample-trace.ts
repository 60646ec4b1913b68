import { BatchBuilder } from './batch-builder.ts';
import type { Trace, TraceBatch } from './trace.ts';

/** Which rows of a trace are kept. */
export type Sampling = Readonly<{
  /** Rows left out at the beginning. */
  skip?: number;
  /** Rows kept at most; what comes after them is not read any more. */
  limit?: number;
  /** Of every `period` rows after those skipped, the first `length` are kept; a period is a multiple of the length. */
  length?: number;
  period?: number;
}>;

/**
 * A trace less the rows that are skipped, sampled away, or beyond the limit; rows are counted as they come, of whatever level and
 * op. Its metadata says one row in how many was kept. Throws where the period is no multiple of the length.
 */
export function sampleTrace(trace: Trace, sampling: Sampling): Trace {
  const { skip = 0, limit = Number.POSITIVE_INFINITY, length = 1, period = 1 } = sampling;
  if (!Number.isInteger(period / length)) {
    throw new Error(
      `sampling: period (got ${period}, expected a multiple of the length ${length})`,
    );
  }
  if (skip === 0 && limit === Number.POSITIVE_INFINITY && period === length) return trace;
  const { metadata } = trace;
  const sampled = { samplePeriod: metadata.samplePeriod * (period / length), sampleLength: length };
  return {
    ...trace,
    metadata: period === length ? metadata : { ...metadata, ...sampled },
    batches: keptBatches(trace, { skip, limit, length, period }),
  };
}

async function* keptBatches(
  { batches }: Trace,
  { skip, limit, length, period }: Required<Sampling>,
): AsyncGenerator<TraceBatch> {
  const builder = new BatchBuilder();
  let seen = -skip;
  let left = limit;
  for await (const batch of batches) {
    for (let row = Math.max(0, -seen); row < batch.length && left > 0; ) {
      const inPeriod = (seen + row) % period;
      if (inPeriod >= length) {
        row += period - inPeriod;
        continue;
      }
      const end = Math.min(batch.length, row + length - inPeriod, row + left);
      const next = builder.append(batch, row, end);
      left -= next - row;
      row = next;
      if (builder.full) yield builder.take();
    }
    seen += batch.length;
    if (left === 0) break;
  }
  if (builder.length > 0) yield builder.take();
}
