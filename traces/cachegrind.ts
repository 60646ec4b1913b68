/**
 * What valgrind's cachegrind counts, out of a trace that lackey made with its instruction fetches.
 *
 * Both tools see the same accesses (`lackey/lk_main.c`, `cachegrind/cg_main.c`, valgrind 3.19): every instruction is a
 * fetch, and a store right after a load of the same address and size, by the same instruction, is one with it: a modify,
 * which cachegrind counts as a read. A trace has it as two rows again; its store finds what its load has fetched, so that
 * only references have to be put right. What touches more than a line (`fxsave`) counts as a line long.
 *
 * Lost: an instruction that loads and stores one place without being made to (`movs` onto itself) is two references to
 * cachegrind, and one here; its misses are the same.
 */

import type { CacheTally } from './cache-tally.ts';
import { FETCH, LOAD, STORE, type Trace, type TraceBatch } from './trace.ts';

/** Cachegrind's counts by the names in the `events` line of its output: misses end in `mr` and `mw`, `L` is LL. */
export type CachegrindEvents = Readonly<{
  Ir: number;
  I1mr: number;
  ILmr: number;
  Dr: number;
  D1mr: number;
  DLmr: number;
  Dw: number;
  D1mw: number;
  DLmw: number;
}>;

/** A trace whose accesses are as cachegrind takes them; `modifies` counts while its batches are read. */
export type CachegrindTrace = Readonly<{ trace: Trace; modifies: { count: number } }>;

/** A trace as cachegrind takes it: no access longer than a line. */
export function cachegrindTrace(trace: Trace, lineBytes: number): CachegrindTrace {
  const modifies = { count: 0 };
  async function* batches(): AsyncGenerator<TraceBatch> {
    const isModify = modifyFinder();
    for await (const batch of trace.batches) {
      modifies.count += isModify(batch);
      yield { ...batch, size: cappedSizes(batch, lineBytes) };
    }
  }
  return { trace: { ...trace, batches: batches() }, modifies };
}

/** Cachegrind's counts of what went through the levels I1, D1 and LL, in this order. */
export function cachegrindEvents(tally: CacheTally, modifies: number): CachegrindEvents {
  const { references, misses } = tally;
  const [i1, d1, ll] = [0, 3, 6];
  return {
    Ir: references[FETCH],
    I1mr: misses[i1 + FETCH],
    ILmr: misses[ll + FETCH],
    Dr: references[LOAD],
    D1mr: misses[d1 + LOAD],
    DLmr: misses[ll + LOAD],
    Dw: references[STORE] - modifies,
    D1mw: misses[d1 + STORE],
    DLmw: misses[ll + STORE],
  };
}

function cappedSizes({ length, size }: TraceBatch, most: number): Uint16Array {
  let capped = size;
  for (let i = 0; i < length; i++) {
    if (size[i] <= most) continue;
    if (capped === size) capped = size.slice(0, length);
    capped[i] = most;
  }
  return capped;
}

/** Counts, batch by batch, the stores that are one with the load in the row before. */
function modifyFinder(): (batch: TraceBatch) => number {
  /** The last row of the batch before, and the first of this one. */
  const seam = {
    time: new Uint32Array(4),
    address: new Uint32Array(4),
    size: new Uint16Array(2),
    op: new Uint8Array(2).fill(FETCH),
    thread: new Uint32Array(2),
  };
  return (batch) => {
    const { length } = batch;
    if (length === 0) return 0;
    copyRow(batch, 0, seam, 1);
    let count = isModify(seam, 1) ? 1 : 0;
    for (let i = 1; i < length; i++) if (isModify(batch, i)) count++;
    copyRow(batch, length - 1, seam, 0);
    return count;
  };
}

type Rows = Omit<TraceBatch, 'length'>;

function copyRow(from: Rows, i: number, to: Rows, k: number): void {
  for (const word of [0, 1]) {
    to.time[2 * k + word] = from.time[2 * i + word];
    to.address[2 * k + word] = from.address[2 * i + word];
  }
  to.size[k] = from.size[i];
  to.op[k] = from.op[i];
  to.thread[k] = from.thread[i];
}

function isModify({ time, address, size, op, thread }: Rows, i: number): boolean {
  return (
    op[i] === STORE &&
    op[i - 1] === LOAD &&
    address[2 * i] === address[2 * i - 2] &&
    address[2 * i + 1] === address[2 * i - 1] &&
    size[i] === size[i - 1] &&
    time[2 * i] === time[2 * i - 2] &&
    time[2 * i + 1] === time[2 * i - 1] &&
    thread[i] === thread[i - 1]
  );
}
