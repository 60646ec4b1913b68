import { DAMON_PERIOD, type DamonRegion, DamonTouches } from './damon-touches.ts';
import { importedBatches } from './import-text.ts';
import { type Imported, type ImportTally, leaveOut } from './importer.ts';
import { lineError } from './line-error.ts';
import type { TraceBatch } from './trace.ts';
import type { WordPair } from './word-pair.ts';

/** DAMON's user may raise the number of regions as high as memory lasts; ours is this. */
const MAX_REGIONS = 1 << 20;

const PAGE_BYTES = 4096;
const PAGES_PER_WORD = 2 ** 20;

/** The regions of one aggregation interval, and when it was; `line` is where it begins. */
export type DamonInterval = Readonly<{
  line: number;
  startNs: number;
  endNs: number;
  regions: readonly DamonRegion[];
}>;

/** The trace of a file's aggregation intervals: every region is a record, most make many rows. */
export function importDamon(
  file: string,
  tally: ImportTally,
  intervals: AsyncIterable<DamonInterval>,
  samplePeriod = DAMON_PERIOD,
): Promise<Imported> {
  const touches = new DamonTouches(samplePeriod);
  async function* batches(): AsyncGenerator<TraceBatch> {
    for await (const { line, startNs, endNs, regions } of intervals) {
      const touched = new Uint8Array(regions.length);
      yield* touches.interval(`${file}: line ${line}`, regions, startNs, endNs, touched);
      tally.records += regions.length;
      for (let i = 0; i < regions.length; i++) {
        if (touched[i] === 1) continue;
        const idle = regions[i].accesses === 0;
        leaveOut(tally, idle ? 'regions found idle' : 'regions between two sampled touches');
      }
    }
    tally.notes.push(
      `One in ${samplePeriod} of the page touches that DAMON's regions stand for became a read of one line.`,
    );
    yield* touches.rest();
  }
  return importedBatches(file, tally, batches(), () => ({
    level: 'memory',
    timeUnit: 'ns',
    pageBytes: PAGE_BYTES,
    samplePeriod,
    source: 'DAMON',
  }));
}

/** Collects the regions of an interval, checking each; `take` starts the next one. */
export class DamonRegions {
  readonly #file: string;
  readonly #targets = new Map<string, number>();
  #regions: DamonRegion[] = [];

  constructor(file: string) {
    this.#file = file;
  }

  get length(): number {
    return this.#regions.length;
  }

  /** Adds the region of a line. Throws where it is empty, or nobody has so many. */
  add(
    number: number,
    line: string,
    start: WordPair,
    end: WordPair,
    accesses: number,
    target: string,
  ): void {
    const firstPage = start.high * PAGES_PER_WORD + Math.floor(start.low / PAGE_BYTES);
    const endPage = end.high * PAGES_PER_WORD + Math.ceil(end.low / PAGE_BYTES);
    const refuse = (problem: string, expected: string) =>
      lineError(this.#file, number, problem, line, expected);
    if (endPage <= firstPage) throw refuse('region', 'an end after its start');
    if (this.length === MAX_REGIONS) throw refuse('regions', `at most ${MAX_REGIONS} an interval`);
    let thread = this.#targets.get(target);
    if (thread === undefined) {
      thread = this.#targets.size;
      if (thread === MAX_REGIONS) throw refuse('targets', `at most ${MAX_REGIONS}`);
      this.#targets.set(target, thread);
    }
    this.#regions.push({ firstPage, pages: endPage - firstPage, accesses, thread });
  }

  /** The regions so far; the next interval begins. */
  take(): readonly DamonRegion[] {
    const regions = this.#regions;
    this.#regions = [];
    return regions;
  }

  /** A sentence on threads, where there are several targets. */
  notes(): string[] {
    if (this.#targets.size < 2) return [];
    return [`Threads are the ${this.#targets.size} targets, numbered as they come.`];
  }
}
