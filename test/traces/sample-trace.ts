import { BatchBuilder } from '../../traces/batch-builder.ts';
import type { Trace, TraceBatch, TraceMetadata } from '../../traces/trace.ts';

/** One access: time, address, and what may be left out. */
export type Access = Readonly<{
  time?: number;
  address: bigint | number;
  size?: number;
  op?: number;
  thread?: number;
}>;

/** A trace of these accesses, cut into batches of `batchRows`; level, unit and the rest as given. */
export function sampleTrace(
  accesses: readonly Access[],
  metadata: Partial<TraceMetadata> = {},
  batchRows = 1 << 16,
): Trace {
  async function* batches(): AsyncGenerator<TraceBatch> {
    const builder = new BatchBuilder(batchRows);
    for (const [i, { time = i, address, size = 8, op = 0, thread = 0 }] of accesses.entries()) {
      const wide = BigInt(address);
      builder.push(time, Number(wide & 0xffff_ffffn), Number(wide >> 32n), size, op, thread);
      if (builder.full) yield builder.take();
    }
    if (builder.length > 0) yield builder.take();
  }
  return {
    metadata: {
      level: 'access',
      timeUnit: 'instructions',
      pageBytes: 4096,
      samplePeriod: 1,
      source: 'test',
      ...metadata,
    },
    batches: batches(),
  };
}

/** All rows of a trace as objects, addresses as BigInt: for comparing, not for speed. */
export async function rowsOf(trace: Trace): Promise<Required<Access>[]> {
  const rows: Required<Access>[] = [];
  for await (const { length, time, address, size, op, thread } of trace.batches) {
    for (let i = 0; i < length; i++) {
      rows.push({
        time: time[2 * i + 1] * 2 ** 32 + time[2 * i],
        address: (BigInt(address[2 * i + 1]) << 32n) | BigInt(address[2 * i]),
        size: size[i],
        op: op[i],
        thread: thread[i],
      });
    }
  }
  return rows;
}
