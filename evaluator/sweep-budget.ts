import { InvalidArgumentError } from 'commander';
import type { Scenario } from './scenario.ts';

/**
 * What a sweep may take: so many vectors, or seconds. Seconds are reckoned beforehand, from the demand and the machine,
 * on two cores of a plain machine, never taken from a clock: the same command gives the same bytes everywhere.
 */
export type SweepBudget = number | Readonly<{ seconds: number }>;

/** Vectors evaluated at most where nothing else is asked for; where there are more, they are searched. */
export const DEFAULT_BUDGET = 100_000;
/** A larger budget is refused: the results would not fit in memory and in a file one wants. */
export const MAX_VECTORS = 500_000;

/** Fewer vectors than this are no search. */
const LEAST_VECTORS = 100;
const UNIT_SECONDS: ReadonlyMap<string, number> = new Map([
  ['', 1],
  ['s', 1],
  ['min', 60],
  ['h', 3600],
]);
/**
 * Nanoseconds of one core, measured on a shared EPYC: an epoch by nodes, and that times so much with tables; an entry of the
 * demand for each total; a line replayed; and of every vector to choose it, to compare it and to write it down.
 */
const [EPOCH_NS, NODE_NS, TABLES, ENTRY_NS, LINE_NS, VECTOR_NS] = [70, 70, 4, 4, 45, 100_000];
/** What two cores are worth together. */
const CORES = 1.8;

/** Reads `--budget`: `30`, `30s`, `5min`, `1h`, or vectors, `20000v`. */
export function sweepBudget(text: string): SweepBudget {
  const [, digits = '', unit = ''] = /^(\d+(?:\.\d+)?)([a-z]*)$/.exec(text) ?? [];
  const value = Number(digits);
  if (digits !== '' && unit === 'v' && Number.isInteger(value)) {
    if (value >= LEAST_VECTORS && value <= MAX_VECTORS) return value;
  }
  const seconds = UNIT_SECONDS.get(unit);
  if (digits !== '' && seconds !== undefined && value > 0) return { seconds: value * seconds };
  throw new InvalidArgumentError(
    `(got ${JSON.stringify(text)}, expected seconds such as 30, 30s or 5min, or ${LEAST_VECTORS}v to ${MAX_VECTORS}v)`,
  );
}

/** The vectors of a scenario that a budget is enough for, with totals up to `maxTotal`. */
export function vectorsWithin(
  { setup, lines }: Scenario,
  budget: SweepBudget,
  maxTotal: number,
): number {
  if (typeof budget === 'number') return budget;
  const { demand, memory, model, queueLines, tiers, slots } = setup;
  const epochs = demand.epochStart.length - 1;
  const tabulated = memory.paths.some((p) => 'table' in p.curve);
  const solving =
    epochs * slots.length * (EPOCH_NS + NODE_NS * tiers.length) * (tabulated ? TABLES : 1);
  const replaying = Math.min(lines.reads + lines.writes, queueLines) * LINE_NS;
  const counting = maxTotal * demand.page.length * ENTRY_NS;
  const left = budget.seconds * 1e9 * CORES - counting;
  const vectors = Math.floor(left / (VECTOR_NS + (model === 'queue' ? replaying : solving)));
  return Math.max(LEAST_VECTORS, Math.min(MAX_VECTORS, vectors));
}
