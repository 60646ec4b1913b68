import type { Trace } from '../traces/trace.ts';

/** Lines per page counted with a Map and BigInt keys, as one would write it first: what the demand is held against. */
export async function naivePageMap(trace: Trace): Promise<Map<bigint, number>> {
  const lines = new Map<bigint, number>();
  for await (const { length, address } of trace.batches) {
    const wide = new BigUint64Array(address.buffer, address.byteOffset, length);
    for (const value of wide) lines.set(value >> 12n, (lines.get(value >> 12n) ?? 0) + 1);
  }
  return lines;
}

/** The floor: the trace's columns decoded, checked and added up. */
export async function sumColumns(trace: Trace): Promise<number> {
  let sum = 0;
  for await (const { length, time, address, size, op, thread } of trace.batches) {
    for (let i = 0; i < length; i++) {
      sum += address[2 * i] + address[2 * i + 1] + time[2 * i] + size[i] + op[i] + thread[i];
    }
  }
  return sum;
}
