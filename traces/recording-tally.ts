/** What a recording has brought so far; complete once the trace's batches have been read. */
export type RecordingTally = {
  instructions: number;
  loads: number;
  stores: number;
  /** Instruction fetches kept as rows. */
  fetches: number;
  /** True where the recorder saw the program to its end. */
  finished: boolean;
  /** What the recorder said, line by line. */
  messages: string[];
};

/** How a recorded program ended, and what was seen of it. */
export type Recorded = Readonly<{
  /** The program's exit code; 128 + signal number where a signal ended it, as a shell has it. */
  exitCode: number;
  tally: RecordingTally;
}>;

/** A tally of nothing yet. */
export function emptyRecordingTally(): RecordingTally {
  return { instructions: 0, loads: 0, stores: 0, fetches: 0, finished: false, messages: [] };
}
