import type { CacheGeometry } from '../cache-filter.ts';
import type { CacheUseResult } from '../cache-use.ts';
import type { CachegrindEvents } from '../cachegrind.ts';
import type { Demand } from '../demand.ts';
import type { ImportTally } from '../importer.ts';
import type { RecordingTally } from '../recording-tally.ts';
import type { Level } from '../trace.ts';
import type { TraceInfo } from '../trace-info.ts';

/** What a program is recorded with. */
export type Recorder = 'qemu' | 'valgrind';

/** A recording about to begin; `why` it is not done with QEMU, where that was not asked for. */
export type RecordingPlan = Readonly<{
  program: string;
  interpreter: string | undefined;
  recorder: Recorder;
  level: Level;
  why: string | undefined;
}>;

/** A recording that is done: the file, and what of the accesses in the tally is in it. */
export type RecordingDone = Readonly<{
  file: string;
  recorder: Recorder;
  tally: RecordingTally;
  rows: number;
  bytes: number;
}>;

/** How this folder's results become text, and what it needs of a machine: both are provided from its right. */
export type TraceCommandParts = Readonly<{
  infoText: (info: TraceInfo) => string;
  infoPage: (info: TraceInfo) => Promise<string>;
  recordingText: (plan: RecordingPlan) => string;
  recordedText: (done: RecordingDone) => string;
  importedText: (file: string, tally: ImportTally, bytes: number) => string;
  wroteDemandText: (file: string, demand: Demand, bytes: number) => string;
  writingText: (file: string, accesses: number, bytes: number) => string;
  wroteText: (file: string, bytes: number) => string;
  cacheUseText: (use: CacheUseResult) => string;
  cachegrindText: (events: CachegrindEvents) => string;
  /** The caches one of several copies has on a machine (a preset or a file), and the machine's line, page and sockets. */
  cachesOf: (
    machine: string,
    copies: number | undefined,
  ) => Readonly<{
    caches: readonly CacheGeometry[];
    lineBytes: number;
    pageBytes: number;
    sockets: number;
  }>;
}>;

/** A line for people, on stderr. */
export function say(text: string): void {
  process.stderr.write(`${text}\n`);
}
