import { move, transferableSymbol, valueSymbol } from 'piscina';
import { type DemandPart, type DemandUnits, demandPart, type PartStart } from './demand-part.ts';
import { type ArrowPart, readArrow } from './read-arrow.ts';
import { traceFromArrow } from './read-trace.ts';

/** A part of a trace file for a worker to count: where it lies, where it begins, and where to say how far it is. */
export type DemandTask = Readonly<{
  path: string;
  part: ArrowPart;
  units: DemandUnits;
  start: PartStart;
  /** Shared by all parts: the accesses each has done, in its place. */
  done: Float64Array;
  place: number;
}>;

/** Counts one part of a trace file; its columns are handed over, not copied. */
export default async function countPart(task: DemandTask): Promise<unknown> {
  const { path, part, units, start, done, place } = task;
  const counted = await readArrow(
    path,
    (source) => {
      const trace = traceFromArrow(part.name, source, start.access);
      const onProgress = (accesses: number) => {
        done[place] = accesses;
      };
      return demandPart(part.name, trace, units, { start, onProgress });
    },
    part,
  );
  return move({
    get [transferableSymbol]() {
      return buffersOf(counted);
    },
    get [valueSymbol]() {
      return counted;
    },
  });
}

function buffersOf({ pageLow, pageHigh, epochs }: DemandPart): ArrayBufferLike[] {
  const columns = epochs.flatMap(({ page, reads, writes }) => [page, reads, writes]);
  return [pageLow, pageHigh, ...columns]
    .filter(({ length }) => length > 0)
    .map(({ buffer }) => buffer);
}
