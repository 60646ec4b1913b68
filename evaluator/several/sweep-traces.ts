import type { Command } from 'commander';
import { print, printPieces } from '../../traces/print.ts';
import { progress } from '../../traces/progress.ts';
import type { Inputs } from '../result-context.ts';
import type { Scenario } from '../scenario.ts';
import type { SweepBudget } from '../sweep-budget.ts';
import type { SweepResult } from '../sweep-result.ts';
import type { SeveralResult } from './result.ts';
import { severalJson, writeSeveral } from './several-files.ts';
import { severalResults } from './several-result.ts';
import { sweepSeveral } from './sweep-several.ts';
import { traceFolders, traceWeights } from './trace-weights.ts';

/** What the user may choose about a sweep of several traces. */
export type SeveralArguments = Readonly<{
  weight?: readonly string[];
  together?: boolean;
  cpi?: number;
  computeShare?: number;
  pin?: readonly string[];
  out?: string;
  maxTotal?: number;
  budget?: SweepBudget;
  within: number;
  threads: number;
  resamples: number;
  seed: number;
  json?: boolean;
}>;

/** How a trace is opened, and how results become text and pages; provided by the commands. */
export type SeveralParts = Readonly<{
  /** Puts a file on the machine with so many others at the same time. */
  open: (file: string, others: number) => Promise<{ made: Scenario; inputs: Inputs }>;
  severalText: (result: SeveralResult, written: readonly string[]) => string;
  reportHtml: (result: SweepResult) => Promise<string>;
}>;

/** A command with the options that only several traces have a use for. */
export function withSeveralOptions(command: Command): Command {
  return command
    .option(
      '--weight <file=w>',
      'of several traces: how much one counts (repeatable; default: 1)',
      (text: string, before: string[] = []) => [...before, text],
    )
    .option('--together', 'several traces share the machine at the same time; copies are of each');
}

/** Throws where options for several traces are given with one, or with each other where they are of no use. */
export function checkSeveral(files: readonly string[], options: SeveralArguments): void {
  const { weight, together, pin, out } = options;
  if (files.length === 1 && (together || weight !== undefined)) {
    throw new Error(
      `${together ? '--together' : '--weight'}: no use (got one trace, expected several)`,
    );
  }
  if (together && weight !== undefined)
    throw new Error('--weight: no use (got --together, expected traces that run one by one)');
  if (together && pin !== undefined)
    throw new Error('--together: no use with pinned threads (got --pin, expected none)');
  if (out === '') throw new Error('--out: no name (got "", expected a folder)');
}

/** The `sweep` command where it is given several traces: swept alike, then what serves all of them. */
export async function sweepTraces(
  files: readonly string[],
  options: SeveralArguments,
  { open, severalText, reportHtml }: SeveralParts,
): Promise<void> {
  const { together = false, out, maxTotal, budget, within, threads } = options;
  const weights = traceWeights(options.weight ?? [], files);
  const folders = traceFolders(files);
  const opened: Awaited<ReturnType<SeveralParts['open']>>[] = [];
  for (const file of files) opened.push(await open(file, together ? files.length - 1 : 0));
  checkTimes(opened, options);
  const traces = opened.map(({ made, inputs }, i) => ({
    scenario: made,
    inputs,
    ...(together ? {} : { weight: weights[i] }),
    ...(out === undefined ? {} : { folder: folders[i] }),
  }));
  const shown = progress('vectors');
  const swept = await sweepSeveral(traces, {
    together,
    ...(maxTotal === undefined ? {} : { maxTotal }),
    ...(budget === undefined ? {} : { budget }),
    within,
    threads,
    onProgress: shown.update,
  }).finally(shown.stop);
  const results = severalResults(traces, swept, options);
  const written = out === undefined ? [] : await writeSeveral(out, results, reportHtml);
  if (options.json) await printPieces(severalJson(results.result));
  else await print(false, undefined, () => severalText(results.result, written));
}

/** Copies of a program where nobody says: the cores, divided evenly among the traces that share them. */
export function copiesOfEach(cores: number, others: number): number {
  return Math.max(1, Math.floor(cores / (others + 1)));
}

/** Throws where compute time is asked for in a unit that none of the traces is timed in. */
function checkTimes(
  opened: readonly { made: Scenario }[],
  { cpi, computeShare }: SeveralArguments,
): void {
  const units = opened.map(({ made }) => made.demand.metadata.timeUnit);
  const got = [...new Set(units)].join(' and ');
  if (cpi !== undefined && !units.includes('instructions'))
    throw new Error(`--cpi: no use (got traces timed in ${got}, expected instructions)`);
  if (computeShare !== undefined && !units.includes('ns') && !units.includes('cycles'))
    throw new Error(`--compute-share: no use (got traces timed in ${got}, expected ns or cycles)`);
}
