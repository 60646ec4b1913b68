import type { CacheGeometry } from '../cache-filter.ts';
import type { Demand } from '../demand.ts';
import type { LackeyTally } from '../formats/lackey.ts';
import type { ImportTally } from '../importer.ts';
import type { TraceInfo } from '../trace-info.ts';

/** How this folder's results become text, and what it needs of a machine: both are provided from its right. */
export type TraceCommandParts = Readonly<{
  infoText: (info: TraceInfo) => string;
  recordingText: (program: string, interpreter: string | undefined) => string;
  recordedText: (file: string, tally: LackeyTally, bytes: number) => string;
  importedText: (file: string, tally: ImportTally, bytes: number) => string;
  wroteDemandText: (file: string, demand: Demand, bytes: number) => string;
  writingText: (file: string, accesses: number, bytes: number) => string;
  wroteText: (file: string, bytes: number) => string;
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
