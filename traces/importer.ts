import type { Level, Trace } from './trace.ts';

/** What became of the records of another tool's file; complete once the trace's batches have been read. */
export type ImportTally = {
  /** Records in the file: lines, or binary records. Blank lines and comments are none. */
  records: number;
  /** Rows of the trace. A record may make several: a load and a store, an instruction with two operands. */
  rows: number;
  /** Records that made no row, by the reason why. The others, `records` less all of these, made `rows` rows. */
  leftOut: Map<string, number>;
  /** What a reader should know of the conversion beyond that, whole sentences. */
  notes: string[];
};

/** What the user may choose about a conversion. */
export type ImportOptions = Readonly<{
  /** Keep instruction fetches as rows (op 2), where the format has them. */
  fetches?: boolean;
  /** One access in this many was recorded; instead of what the file says. */
  samplePeriod?: number;
  /** The level the trace is at, for formats that can be of either. */
  level?: Level;
}>;

/** A trace made of another tool's file. */
export type Imported = Readonly<{ trace: Trace; tally: ImportTally }>;

/**
 * How a format of another tool becomes a trace: one a file of `formats/`, one row of the table in `import-trace.ts`.
 *
 * `recognise` sees the first bytes (64 KiB, less of a short file), unpacked. `read` gets all bytes, unpacked, and `file` for
 * errors, which name file, line or record or offset, what was got and what was expected; it throws where there is no access in
 * it at all, at the latest when the last batch has been read.
 */
export type Importer = Readonly<{
  /** As `--format` takes it. */
  name: string;
  /** In words, for help and errors. */
  title: string;
  /** The options it can use; others are refused before it is called. */
  takes?: readonly (keyof ImportOptions)[];
  recognise: (head: Buffer) => boolean;
  read: (file: string, bytes: AsyncIterable<Buffer>, options: ImportOptions) => Promise<Imported>;
}>;

/** A tally of nothing yet. */
export function emptyTally(): ImportTally {
  return { records: 0, rows: 0, leftOut: new Map(), notes: [] };
}

/** Counts records that make no row. */
export function leaveOut(tally: ImportTally, reason: string, records = 1): void {
  tally.leftOut.set(reason, (tally.leftOut.get(reason) ?? 0) + records);
}

/** A count of rows in words. */
export function countedRows(rows: number): string {
  return rows === 1 ? '1 row' : `${rows} rows`;
}

/** The size given to accesses whose width is not recorded: a byte touches one cache line, wherever it lies. */
export const UNKNOWN_SIZE = 1;

/** The note that goes with it. */
export const UNKNOWN_SIZE_NOTE =
  'How wide accesses are is not recorded: each counts as one byte, and so as one cache line.';

/** The note where a sampled trace does not say its period, and nobody else did. */
export const UNKNOWN_PERIOD_NOTE =
  'One access in how many was recorded is not in the file and taken as 1: state it with --sample-period.';
