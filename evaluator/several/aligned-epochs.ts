import { sharedFloats, sharedWords } from '../../traces/shared-columns.ts';
import type { LoadColumns } from '../loads.ts';

/** What of an epoch falls into a step: the epoch, and how much of it has passed when the step begins and ends, 0 to 1. */
export type EpochPart = Readonly<{ epoch: number; from: number; to: number }>;

/** Steps from page to page that spread the moment at which a page's line is due evenly over an epoch: the golden ratio. */
const GOLDEN = 0.6180339887498949;
const MOST_LINES = 2 ** 32 - 1;

/**
 * The parts of a run of `epochs` equal shares that fall into each of `steps` equal shares of it. Exact where one number
 * divides the other.
 */
export function epochParts(epochs: number, steps: number): EpochPart[][] {
  return Array.from({ length: steps }, (_, step) => {
    const parts: EpochPart[] = [];
    const first = Math.floor((step * epochs) / steps);
    for (let epoch = first; epoch * steps < (step + 1) * epochs; epoch++) {
      const from = Math.max(0, step * epochs - epoch * steps) / steps;
      const to = Math.min(steps, (step + 1) * epochs - epoch * steps) / steps;
      if (to > from) parts.push({ epoch, from, to });
    }
    return parts;
  });
}

/**
 * Several programs' columns as one program's: pages side by side, each with its own index, and epochs in step. Epoch i of n
 * of one runs while epoch j of m of another does, where i / n is j / m; so all are cut into as many steps as the finest has
 * epochs. Of an epoch that covers several steps each page's lines are dealt to those evenly, whole lines, none lost. A page
 * may have two entries in a step. `factors` multiply each program's counts.
 *
 * Columns are shared memory. Throws where a count is too large for 32 bits.
 */
export function alignedColumns(
  programs: readonly LoadColumns[],
  factors: readonly number[],
): LoadColumns {
  const steps = Math.max(...programs.map((own) => own.epochStart.length - 1));
  const parts = programs.map((own) => epochParts(own.epochStart.length - 1, steps));
  const firstPage = [0];
  for (const [i, { ilx }] of programs.entries()) firstPage.push(firstPage[i] + ilx.length);

  /** Hands on every entry of a step that has lines: page, reads, writes. */
  function visit(step: number, entry: (page: number, reads: number, writes: number) => void): void {
    for (const [i, { epochStart, page, reads, writes }] of programs.entries()) {
      const factor = factors[i];
      for (const { epoch, from, to } of parts[i][step]) {
        const end = epochStart[epoch + 1];
        for (let e = epochStart[epoch]; e < end; e++) {
          const due = (page[e] * GOLDEN) % 1;
          const read = passed(reads[e], to, due) - passed(reads[e], from, due);
          const written = passed(writes[e], to, due) - passed(writes[e], from, due);
          if (read + written > 0) entry(firstPage[i] + page[e], read * factor, written * factor);
        }
      }
    }
  }

  const epochStart = sharedWords(steps + 1);
  let most = 0;
  for (let step = 0; step < steps; step++) {
    let entries = 0;
    visit(step, (_, reads, writes) => {
      entries++;
      most = Math.max(most, reads, writes);
    });
    epochStart[step + 1] = epochStart[step] + entries;
  }
  if (most > MOST_LINES) {
    throw new Error(
      `together: lines of a page in an epoch (got ${most}, expected at most ${MOST_LINES})`,
    );
  }
  const page = sharedWords(epochStart[steps]);
  const reads = sharedWords(epochStart[steps]);
  const writes = sharedWords(epochStart[steps]);
  let at = 0;
  for (let step = 0; step < steps; step++) {
    visit(step, (ofPage, read, written) => {
      page[at] = ofPage;
      reads[at] = read;
      writes[at++] = written;
    });
  }
  const ilx = sharedFloats(firstPage[programs.length]);
  for (const [i, own] of programs.entries()) ilx.set(own.ilx, firstPage[i]);
  return { ilx, epochStart, page, reads, writes };
}

/** How many of a page's lines have passed at a point of its epoch: none at 0, all at 1, each page's at another moment. */
function passed(lines: number, share: number, due: number): number {
  if (share === 0) return 0;
  return share === 1 ? lines : Math.floor(lines * share + due);
}

/** A column of one number an epoch, resampled to so many steps: what the parts of each step add up to. */
export function alignedSums(column: ArrayLike<number>, steps: number): Float64Array {
  return Float64Array.from(epochParts(column.length, steps), (parts) =>
    parts.reduce((sum, { epoch, from, to }) => sum + column[epoch] * (to - from), 0),
  );
}
