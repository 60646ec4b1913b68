import { availableParallelism } from 'node:os';
import { Command, Option } from 'commander';
import { coresOf } from '../models/memory/copies-per-socket.ts';
import type { Machine } from '../models/memory/machine.ts';
import { readMachine } from '../models/memory/read-machine.ts';
import { TIME_MODELS, type TimeModelName } from '../models/memory/time-model.ts';
import type { Discipline } from '../models/mempolicy/discipline.ts';
import type { WeightHome } from '../models/mempolicy/weight-home.ts';
import { shortestOf } from '../models/mempolicy/weights.ts';
import { disciplineOption, kernelOption, weightHomeOption } from '../models/policy-cli-options.ts';
import { anyNumber, wholeNumber } from '../traces/cli-options.ts';
import { pin, pinningOf } from '../traces/commands/options.ts';
import { DEFAULT_EPOCHS } from '../traces/demand-of-trace.ts';
import { print, printPieces } from '../traces/print.ts';
import { progress } from '../traces/progress.ts';
import { writeWholeFiles } from '../traces/whole-file.ts';
import { DEFAULT_COMPUTE_SHARE, DEFAULT_CPI } from './concurrency.ts';
import { DEFAULT_RESAMPLES, DEFAULT_SEED } from './confidence/how-sure.ts';
import { fileSha256, openDemand } from './open-demand.ts';
import { DEFAULT_WITHIN } from './optimum.ts';
import { measuredBy, raisedLine } from './raised-line.ts';
import { type Inputs, resultContext } from './result-context.ts';
import { evaluate, type Scenario, scenario } from './scenario.ts';
import type { SeveralResult } from './several/result.ts';
import {
  checkSeveral,
  copiesOfEach,
  type SeveralArguments,
  sweepTraces,
  withSeveralOptions,
} from './several/sweep-traces.ts';
import { sweep } from './sweep.ts';
import { DEFAULT_BUDGET, sweepBudget } from './sweep-budget.ts';
import { sweepContents } from './sweep-contents.ts';
import { sweepJson } from './sweep-files.ts';
import type { EvaluationResult, SweepResult } from './sweep-result.ts';
import { sweepResultOf } from './sweep-result-of.ts';
import { warningsFor } from './warnings.ts';
import { parseVectors } from './weight-vectors.ts';

/** Lines the queue model replays of every vector of a sweep, where nothing else is asked for. */
const SWEPT_QUEUE_LINES = 2_000_000;

/** How results become text and pages; provided from the right. */
export type EvaluatorCommandParts = Readonly<{
  evaluationText: (result: EvaluationResult) => string;
  sweepText: (result: SweepResult, written: readonly string[]) => string;
  severalText: (result: SeveralResult, written: readonly string[]) => string;
  reportHtml: (result: SweepResult) => Promise<string>;
}>;

type RunArguments = {
  machine: string;
  copies?: number;
  outstanding?: number;
  cpi?: number;
  computeShare?: number;
  model: TimeModelName;
  queueLines?: number;
  epochs?: number;
  pin?: string[];
  weightHome: WeightHome;
  discipline: Discipline;
  kernel: string;
  huge?: boolean;
  json?: boolean;
};

function withRunOptions(command: Command, files = '<file>'): Command {
  return command
    .argument(files, 'trace or demand file')
    .requiredOption('-m, --machine <machine>', 'preset (see: machine list) or machine file')
    .option(
      '--copies <n>',
      'copies of the program side by side, dealt to sockets in turn (default: one for each core; 1 with --pin)',
      wholeNumber(1, 65536),
    )
    .option(
      '--outstanding <n>',
      "reads one thread keeps in flight (default: the trace's, else the line-fill buffers)",
      wholeNumber(1, 65536),
    )
    .option(
      '--cpi <n>',
      `cycles an instruction takes by itself, for traces in instructions (default: ${DEFAULT_CPI})`,
      anyNumber(0, 1000),
    )
    .option(
      '--compute-share <share>',
      `share of the trace's time that is computing, for traces in ns or cycles (default: ${DEFAULT_COMPUTE_SHARE})`,
      anyNumber(0, 1),
    )
    .option(
      '--epochs <n>',
      `most epochs to cut a trace into (default: ${DEFAULT_EPOCHS})`,
      wholeNumber(1, 65536),
    )
    .addOption(
      new Option('--model <model>', 'what says how long memory takes (docs/model.md)')
        .choices(TIME_MODELS)
        .default('closed-loop'),
    )
    .option(
      '--queue-lines <n>',
      `most lines the queue model replays of a run, in proportion (default: all; ${SWEPT_QUEUE_LINES / 1e6} million in a sweep)`,
      wholeNumber(1, 2 ** 40),
    )
    .addOption(pin())
    .addOption(weightHomeOption())
    .addOption(disciplineOption())
    .addOption(kernelOption('whose own weights to compare with'))
    .option('--huge', 'all memory in pages of 2 MiB')
    .option('--json', 'print one JSON document');
}

async function open(
  file: string,
  machine: Machine,
  options: RunArguments,
  /** Of several traces: how many others share the machine, and its caches, at the same time. */
  others?: number,
): Promise<{ made: Scenario; inputs: Inputs }> {
  const { outstanding, cpi, computeShare, epochs, queueLines } = options;
  if (queueLines !== undefined && options.model !== 'queue')
    throw new Error(`--queue-lines: no use (got --model ${options.model}, expected queue)`);
  const pinning = pinningOf(options.pin, machine.sockets.length);
  const cores = copiesOfEach(coresOf(machine), others ?? 0);
  const { copies = pinning === undefined ? cores : 1 } = options;
  const { weightHome, discipline, kernel, huge = false } = options;
  const shown = progress('accesses read');
  const { demand, cut } = await openDemand(file, machine, {
    copies: copies * (1 + (others ?? 0)),
    ...(epochs === undefined ? {} : { maxEpochs: epochs }),
    ...(pinning === undefined ? {} : { pinning }),
    onProgress: (done) => shown.update(done),
  }).finally(shown.stop);
  const timed = demand.metadata.timeUnit;
  const single = others === undefined;
  if (single && cpi !== undefined && timed !== 'instructions') {
    throw new Error(`--cpi: no use (got a trace timed in ${timed}, expected instructions)`);
  }
  if (single && computeShare !== undefined && timed !== 'ns' && timed !== 'cycles') {
    throw new Error(
      `--compute-share: no use (got a trace timed in ${timed}, expected ns or cycles)`,
    );
  }
  const run = {
    copies,
    cpi: cpi ?? DEFAULT_CPI,
    computeShare: computeShare ?? DEFAULT_COMPUTE_SHARE,
    model: options.model,
    ...(queueLines === undefined ? {} : { queueLines }),
    weightHome,
    discipline,
    kernel,
    huge,
    ...(outstanding === undefined ? {} : { outstanding }),
  };
  const sha256 = await fileSha256(file);
  const named = { file, sha256, machine: options.machine };
  return {
    made: scenario(demand, machine, run),
    inputs: {
      ...named,
      ...(cut === undefined ? {} : { epochs: cut }),
      ...(options.pin === undefined ? {} : { pin: options.pin }),
    },
  };
}

/** The `evaluate` command: one policy on one trace. */
export function evaluateCommand(parts: EvaluatorCommandParts): Command {
  return withRunOptions(new Command('evaluate'))
    .description('what one choice of weights costs')
    .requiredOption(
      '-w, --weights <weights>',
      'weights of the nodes in ascending order, such as 9:1 (0 leaves one out), or of what the weight home weighs; ' +
        'several vectors with / between them',
    )
    .action(async (file: string, options: RunArguments & { weights: string }) => {
      const machine = readMachine(options.machine);
      const { copies = coresOf(machine), weightHome } = options;
      const vectors = parseVectors(options.weights, weightHome, machine, copies);
      const { made, inputs } = await open(file, machine, options);
      const alone = evaluate(made, shortestOf(vectors));
      const continuous = raisedLine(made.continuous, [alone]);
      const evaluation = measuredBy(continuous, alone);
      const result = {
        ...resultContext(made, inputs),
        continuous: { ...continuous, fractions: [...continuous.fractions] },
        warnings: warningsFor(made, evaluation),
        evaluation: evaluation as EvaluationResult['evaluation'],
      };
      await print(options.json ?? false, result, () => parts.evaluationText(result));
    });
}

/** The `sweep` command: every vector on one trace or several, the recommendation, and the report. */
export function sweepCommand(parts: EvaluatorCommandParts): Command {
  return withSeveralOptions(withRunOptions(new Command('sweep'), '<file...>'))
    .description('evaluate weight vectors and recommend one, for one trace or for several')
    .option('-o, --out <folder>', 'folder for sweep.json, sweep.arrow and report.html')
    .option(
      '--max-total <n>',
      'largest total of a vector of weights (default: 32 for up to four weights, less for more)',
      wholeNumber(1, 16320),
    )
    .option(
      '--budget <time>',
      'what it may take, reckoned for two cores: 30, 30s or 5min, or vectors, 20000v; where not all vectors can be ' +
        `evaluated, good ones are searched (default: ${DEFAULT_BUDGET}v)`,
      sweepBudget,
    )
    .option(
      '--within <percent>',
      'how far below the best a vector may be and count as good as it, %',
      anyNumber(0, 100),
      DEFAULT_WITHIN,
    )
    .addOption(
      new Option('--threads <n>', 'worker threads; the result does not depend on them')
        .argParser(wholeNumber(1, 1024))
        .default(availableParallelism(), 'one for each core'),
    )
    .option(
      '--resamples <n>',
      'resamples of the epochs, which say how sure the choice is (0 for none)',
      wholeNumber(0, 100_000),
      DEFAULT_RESAMPLES,
    )
    .option('--seed <n>', 'which resamples are drawn', wholeNumber(0, 2 ** 31 - 1), DEFAULT_SEED)
    .action(async (files: string[], options: RunArguments & SeveralArguments) => {
      checkSeveral(files, options);
      const machine = readMachine(options.machine);
      const { queueLines = options.model === 'queue' ? SWEPT_QUEUE_LINES : undefined } = options;
      const run = { ...options, ...(queueLines === undefined ? {} : { queueLines }) };
      if (files.length > 1) {
        const opened = (file: string, others: number) => open(file, machine, run, others);
        return sweepTraces(files, options, { ...parts, open: opened });
      }
      const { made, inputs } = await open(files[0], machine, run);
      const { maxTotal, budget, within, threads } = options;
      const shown = progress('vectors');
      const swept = await sweep(made, {
        ...(maxTotal === undefined ? {} : { maxTotal }),
        ...(budget === undefined ? {} : { budget }),
        within,
        threads,
        onProgress: shown.update,
      }).finally(shown.stop);
      const result = sweepResultOf(made, inputs, swept, options);
      const written = options.out === undefined ? [] : await writeSweep(options.out, result, parts);
      if (options.json) await printPieces(sweepJson(result));
      else await print(false, undefined, () => parts.sweepText(result, written));
    });
}

async function writeSweep(
  folder: string,
  result: SweepResult,
  parts: EvaluatorCommandParts,
): Promise<string[]> {
  if (folder === '') throw new Error('--out: no name (got "", expected a folder)');
  const files = await sweepContents(folder, result, parts.reportHtml);
  await writeWholeFiles(files);
  return [...files.keys()];
}
