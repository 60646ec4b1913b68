import type { ImportTally } from './importer.ts';
import { countedRows } from './importer.ts';
import type { TraceBatch } from './trace.ts';

/** Rows held back at the end of every batch: how far apart two rows may stand and still change places. */
const WINDOW_ROWS = 1 << 16;

/**
 * The same rows in time order: producers with several CPUs write slightly out of it. Rows up to `windowRows` apart are
 * sorted, equal times stay as they are; a row that is late even so gets the latest time before it, and a note in `tally`
 * says how many did. Memory is bounded by one batch and the window.
 */
export async function* inTimeOrder(
  batches: AsyncIterable<TraceBatch>,
  tally: ImportTally,
  windowRows = WINDOW_ROWS,
): AsyncGenerator<TraceBatch> {
  let held = zeroRows(0);
  let last = 0;
  let raised = 0;
  const settled = (batch: TraceBatch) => {
    const { length, time } = batch;
    for (let i = 0; i < length; i++) {
      const at = time[2 * i + 1] * 0x1_0000_0000 + time[2 * i];
      if (at < last) {
        time[2 * i] = last;
        time[2 * i + 1] = last / 0x1_0000_0000;
        raised++;
      } else last = at;
    }
    return batch;
  };
  for await (const batch of batches) {
    const sorted = sortedByTime(joined(held, batch));
    const ready = Math.max(0, sorted.length - windowRows);
    held = part(sorted, ready, sorted.length);
    if (ready > 0) yield settled(part(sorted, 0, ready));
  }
  if (held.length > 0) yield settled(held);
  if (raised > 0) {
    tally.notes.push(
      `${countedRows(raised)} came too late to be put in time order: their times were raised to the latest before them.`,
    );
  }
}

function zeroRows(length: number): TraceBatch {
  return {
    length,
    time: new Uint32Array(2 * length),
    address: new Uint32Array(2 * length),
    size: new Uint16Array(length),
    op: new Uint8Array(length),
    thread: new Uint32Array(length),
  };
}

function joined(a: TraceBatch, b: TraceBatch): TraceBatch {
  if (a.length === 0) return b;
  const length = a.length + b.length;
  const all = zeroRows(length);
  for (const [batch, at] of [
    [a, 0],
    [b, a.length],
  ] as const) {
    all.time.set(batch.time, 2 * at);
    all.address.set(batch.address, 2 * at);
    all.size.set(batch.size, at);
    all.op.set(batch.op, at);
    all.thread.set(batch.thread, at);
  }
  return all;
}

function part({ time, address, size, op, thread }: TraceBatch, from: number, to: number) {
  return {
    length: to - from,
    time: time.subarray(2 * from, 2 * to),
    address: address.subarray(2 * from, 2 * to),
    size: size.subarray(from, to),
    op: op.subarray(from, to),
    thread: thread.subarray(from, to),
  };
}

/** The batch itself where it is in order, else its rows in a new one. */
function sortedByTime(batch: TraceBatch): TraceBatch {
  const { length } = batch;
  const at = new Float64Array(length);
  let ordered = true;
  for (let i = 0; i < length; i++) {
    at[i] = batch.time[2 * i + 1] * 0x1_0000_0000 + batch.time[2 * i];
    if (i > 0 && at[i] < at[i - 1]) ordered = false;
  }
  if (ordered) return batch;
  const order = Uint32Array.from({ length }, (_, i) => i).sort((a, b) => at[a] - at[b] || a - b);
  const sorted = zeroRows(length);
  for (let to = 0; to < length; to++) {
    const from = order[to];
    sorted.time[2 * to] = batch.time[2 * from];
    sorted.time[2 * to + 1] = batch.time[2 * from + 1];
    sorted.address[2 * to] = batch.address[2 * from];
    sorted.address[2 * to + 1] = batch.address[2 * from + 1];
    sorted.size[to] = batch.size[from];
    sorted.op[to] = batch.op[from];
    sorted.thread[to] = batch.thread[from];
  }
  return sorted;
}
