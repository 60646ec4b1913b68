import { BatchBuilder } from './batch-builder.ts';
import type { Imported, ImportTally } from './importer.ts';
import { isRemark, textLines } from './text-lines.ts';
import { inTimeOrder } from './time-order.ts';
import type { TraceBatch, TraceMetadata } from './trace.ts';

/** How the lines of one file become rows; made anew for every file. */
export type TextReader = Readonly<{
  /**
   * Reads a line that is neither blank nor a comment: pushes at most `rowsPerLine` rows, or leaves the record out of
   * `tally`. Returns whether the line was a record (a heading is none).
   */
  read: (line: string, number: number, builder: BatchBuilder) => boolean;
  rowsPerLine: number;
  /** Hears blank lines and comments. */
  remark?: (line: string) => void;
  /** Called when all lines are read, for notes. */
  end?: () => void;
  /** What the trace says about itself, as far as it is known after the first batch, and again when all are read. */
  metadata: () => TraceMetadata;
}>;

/**
 * The trace in a text of one record a line, its rows put in time order.
 * Throws what `reader` throws, and where there is no access at all.
 */
export async function importText(
  file: string,
  bytes: AsyncIterable<Buffer>,
  tally: ImportTally,
  reader: TextReader,
): Promise<Imported> {
  return importedBatches(file, tally, readLines(file, bytes, tally, reader), reader.metadata);
}

/**
 * The trace of batches as an importer makes them: its rows are put in time order and counted. `metadata` is asked when the
 * first batch is there, and again for what was learned when all have been read.
 * Throws where there is no row in any batch; unless records of instructions alone make a trace, too, an empty one.
 */
export async function importedBatches(
  file: string,
  tally: ImportTally,
  made: AsyncIterable<TraceBatch>,
  metadata: () => TraceMetadata,
  mayBeEmpty = false,
): Promise<Imported> {
  const ordered = inTimeOrder(made, tally);
  const first = await ordered.next();
  async function* batches(): AsyncGenerator<TraceBatch> {
    for (let next = first; !next.done; next = await ordered.next()) {
      tally.rows += next.value.length;
      yield next.value;
    }
    if (tally.rows === 0 && mayBeEmpty) tally.notes.push(EMPTY_NOTE);
  }
  if (first.done && !(mayBeEmpty && tally.records > 0)) throw noAccesses(file, tally);
  return { trace: { metadata: metadata(), batches: batches(), learned: metadata }, tally };
}

async function* readLines(
  file: string,
  bytes: AsyncIterable<Buffer>,
  tally: ImportTally,
  { read, rowsPerLine, remark, end }: TextReader,
): AsyncGenerator<TraceBatch> {
  const builder = new BatchBuilder();
  for await (const { first, lines } of textLines(file, bytes)) {
    for (let i = 0; i < lines.length; i++) {
      if (isRemark(lines[i])) remark?.(lines[i]);
      else if (read(lines[i], first + i, builder)) tally.records++;
      if (!builder.hasRoom(rowsPerLine)) yield builder.take();
    }
  }
  end?.();
  if (builder.length > 0) yield builder.take();
}

const EMPTY_NOTE = 'It has no loads and stores: the trace is empty.';

function noAccesses(file: string, { records, leftOut }: ImportTally): Error {
  const reasons = [...leftOut].map(([reason, count]) => `, ${count} ${reason}`).join('');
  return new Error(`${file}: no accesses (got ${records} records${reasons}, expected some)`);
}
