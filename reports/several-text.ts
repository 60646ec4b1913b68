import type {
  AlternatingResult,
  SeveralResult,
  TogetherResult,
} from '../evaluator/several/result.ts';
import { type WeightVectors, weightsText } from '../models/mempolicy/weights.ts';
import { withinText } from './choice-text.ts';
import { countOf, countText, gbpsText, percentText } from './quantity.ts';
import { instructionsFor } from './set-commands.ts';
import { paragraph, textTable } from './text-table.ts';

/** Columns of a terminal, those that the figures of a trace take beside its name and vector, and the fewest of a name. */
const [COLUMNS, FIGURES, FEWEST] = [80, 42, 12];

/** A sweep of several traces as a terminal shows it: the recommendation, what each trace loses by it, how to set it. */
export function severalText(result: SeveralResult, written: readonly string[]): string {
  const { machine, options, traces, recommended, warnings } = result;
  const { commands, notes } = instructionsFor({ machine, options, optimum: recommended });
  const copies = countOf(options.copies, 'copy', 'copies');
  const how =
    result.mode === 'together'
      ? `traces at the same time, ${copies} of each`
      : `traces one after another, ${copies}`;
  const said = result.mode === 'together' ? together(result) : alternating(result);
  return [
    paragraph(`${machine.name}: ${countText(traces.length)} ${how}`),
    '',
    ...said,
    '',
    `To set ${weightsText(recommended.weights)}:`,
    ...commands.map((line) => `  ${line}`),
    ...notes.map((line) => paragraph(line, 2)),
    ...warnings.map((line) => paragraph(`warning: ${line}`)),
    ...(written.length === 0 ? [] : ['', paragraph(`Wrote ${written.join(', ')}.`)]),
  ].join('\n');
}

function alternating(result: AlternatingResult): string[] {
  const { traces, recommended, minimax, bestMean, plateau } = result;
  const chosen = weightsText(recommended.weights);
  const least = weightsText(minimax.weights);
  const columns = nameColumns(result);
  return [
    paragraph(
      `Recommended weights ${chosen}: on (geometric) average ${percentText(recommended.mean)} of each trace's own best, ` +
        `${percentText(recommended.worst)} for the one that loses most.`,
    ),
    paragraph(
      `Least regret: ${least}, no trace below ${percentText(minimax.worst)} of its own best, ${percentText(minimax.mean)} on average.`,
    ),
    plateauLine(result, plateau.length, bestMean.weights),
    '',
    textTable(
      [
        { name: 'trace' },
        { name: 'weight', right: true },
        { name: 'own best', right: true },
        { name: 'GB/s', right: true },
        { name: 'loss', right: true },
        { name: 'least regret', right: true },
      ],
      traces.map((trace, i) => [
        nameText(trace.file, columns),
        String(Number((trace.weight ?? 1).toPrecision(4))),
        weightsText(trace.best.weights),
        gbpsText(trace.best.throughputGbps),
        lossText(recommended.sharesOfBest[i]),
        lossText(minimax.sharesOfBest[i]),
      ]),
    ),
    paragraph(
      `Loss against its own best: by ${chosen}, and by ${least}, the vector of least regret.`,
    ),
  ];
}

function together(result: TogetherResult): string[] {
  const { traces, recommended, best, continuous, plateau, concurrency, epochs } = result;
  const optimum = percentText(recommended.throughputGbps / continuous.throughputGbps);
  return [
    paragraph(
      `Recommended weights ${weightsText(recommended.weights)}: ${gbpsText(recommended.throughputGbps)} GB/s of all traces together, ` +
        `${optimum} of the continuous optimum; ${countOf(concurrency.slots, 'read')} in flight, ${countOf(epochs, 'step')}.`,
    ),
    plateauLine(result, plateau.length, best.weights),
    '',
    textTable(
      [
        { name: 'trace' },
        { name: 'of lines', right: true },
        { name: 'own best', right: true },
        { name: 'GB/s alone', right: true },
      ],
      traces.map((trace) => [
        nameText(trace.file, nameColumns(result)),
        percentText(trace.shareOfLines),
        weightsText(trace.best.weights),
        gbpsText(trace.best.throughputGbps),
      ]),
    ),
    paragraph(
      'Together nothing is known of a trace but its share of the lines: they run in step, and none has a time of its own.',
    ),
  ];
}

function plateauLine(result: SeveralResult, near: number, best: WeightVectors): string {
  return paragraph(
    `Of ${countOf(result.vectors.length, 'vector')} (totals up to ${result.maxTotal}: --max-total), ${countText(near)} ` +
      `${near === 1 ? 'lies' : 'lie'} ${withinText(result)} (${weightsText(best)}); the shortest cycle among them is recommended.`,
  );
}

/** What is lost of a whole: `3.1 %`; nothing is lost where there is more. */
function lossText(share: number): string {
  return percentText(Math.max(0, 1 - share));
}

/** Columns that are left for a name. */
function nameColumns({ traces }: SeveralResult): number {
  const vectors = traces.map((trace) => weightsText(trace.best.weights).length);
  return Math.max(FEWEST, COLUMNS - FIGURES - Math.max('own best'.length, ...vectors));
}

/** A file's name, or as much of its end as there is room for. */
function nameText(file: string, columns: number): string {
  return file.length <= columns ? file : `…${file.slice(1 - columns)}`;
}
