import { BatchBuilder } from '../batch-builder.ts';
import type { Level, Trace, TraceBatch } from '../trace.ts';

/** A trace made by a pattern, which knows its length and its threads (0 to `threads - 1`) beforehand. */
export type SynthTrace = Trace & Readonly<{ accesses: number; threads: number }>;

/** Synthetic traces use the page and line nearly all machines have. */
export const PAGE_BYTES = 4096;
export const LINE_BYTES = 64;

/** First page of every synthetic footprint: 1 TiB, clear of anything a program would map low. */
export const BASE_PAGE = 2 ** 28;
export const BASE_ADDRESS = BASE_PAGE * PAGE_BYTES;
/** No footprint is longer, so that a trace of several patterns has one of these for each. */
export const SPAN_BYTES = 2 ** 40;

/**
 * A synthetic trace: what it is, and the rows that `fill` pushes into the builder it is given, yielding what it takes
 * out of it when that is full; what is left at the end is taken here. Time is the number of the row, as if every
 * access were one instruction and there were no others.
 */
export function synthTrace(
  about: Readonly<{
    pattern: string;
    options: Readonly<Record<string, string | number>>;
    level: Level;
    accesses: number;
    threads: number;
    outstanding?: number;
  }>,
  fill: (builder: BatchBuilder) => Generator<TraceBatch>,
): SynthTrace {
  const { pattern, options, level, accesses, threads, outstanding } = about;
  async function* batches(): AsyncGenerator<TraceBatch> {
    const builder = new BatchBuilder();
    yield* fill(builder);
    if (builder.length > 0) yield builder.take();
  }
  return {
    metadata: {
      level,
      timeUnit: 'instructions',
      pageBytes: PAGE_BYTES,
      samplePeriod: 1,
      ...(outstanding === undefined ? {} : { outstanding }),
      source: commandLine(pattern, options),
    },
    accesses,
    threads,
    batches: batches(),
  };
}

/** What patterns do unless told otherwise; it need not be said in the command. */
const USUAL: Readonly<Record<string, string | number>> = { level: 'memory', threads: 1 };

/** The command that makes a pattern; keys are option names in camel case. */
function commandLine(pattern: string, options: Readonly<Record<string, string | number>>): string {
  const words = Object.entries(options)
    .filter(([key, value]) => value !== USUAL[key])
    .map(
      ([key, value]) =>
        `--${key.replace(/[A-Z]/g, (capital) => `-${capital.toLowerCase()}`)} ${value}`,
    );
  return ['numaweave trace synth', pattern, ...words].join(' ');
}
