import { HUGE_BYTES } from '../evaluator/placed-pages.ts';
import type { EvaluationResult } from '../evaluator/sweep-result.ts';
import { weightsText } from '../models/mempolicy/weights.ts';
import { bytesText, countText, gbpsText, latencyText, percentText, timeText } from './quantity.ts';
import { runLines } from './sweep-text.ts';
import { paragraph, textTable } from './text-table.ts';

/** One policy's evaluation as a terminal shows it: totals, and what each node carries. */
export function evaluationText(result: EvaluationResult): string {
  const { evaluation, machine, options, traces } = result;
  const pageBytes = options.huge ? HUGE_BYTES : traces[0].pageBytes;
  const reads = evaluation.nodes.reduce((sum, n) => sum + n.readGbps, 0);
  const writes = evaluation.nodes.reduce((sum, n) => sum + n.writeGbps, 0);
  const pages = evaluation.nodes.reduce((sum, n) => sum + n.pages, 0);
  const row = (
    name: string,
    read: number,
    write: number,
    busy: string,
    load: number | null,
    count: number,
  ) => [
    name,
    gbpsText(read),
    gbpsText(write),
    gbpsText(read + write),
    busy,
    latencyText(load),
    countText(count),
    bytesText(count * options.copies * pageBytes),
  ];
  const table = textTable(
    [
      { name: 'node' },
      { name: 'read GB/s', right: true },
      { name: 'write GB/s', right: true },
      { name: 'GB/s', right: true },
      { name: '% peak', right: true },
      { name: 'load ns', right: true },
      { name: 'pages/copy', right: true },
      { name: 'all copies', right: true },
    ],
    [
      ...evaluation.nodes.map((n, k) =>
        row(
          `${n.id} ${machine.nodes[k].kind}`,
          n.readGbps,
          n.writeGbps,
          percentText(n.utilisation),
          n.meanLoadNs,
          n.pages,
        ),
      ),
      row('total', reads, writes, '', evaluation.meanLoadNs, pages),
    ],
  );
  return [
    ...runLines(result).map((line) => paragraph(line)),
    '',
    paragraph(
      `Weights ${weightsText(evaluation.weights)}: ${gbpsText(evaluation.throughputGbps)} GB/s, ` +
        `${percentText(evaluation.shareOfOptimum)} of the continuous optimum ` +
        `(${gbpsText(result.continuous.throughputGbps)} GB/s), ${timeText(evaluation.timeNs)}, ` +
        (evaluation.meanLoadNs === null
          ? 'no loads.'
          : `mean load latency ${latencyText(evaluation.meanLoadNs)} ns.`),
    ),
    '',
    table,
    ...percentileLines(result),
    ...linkLines(result),
    '',
    "Peak: the bandwidth each node's curve rises to at the read shares it sees.",
    ...result.warnings.map((line) => paragraph(`warning: ${line}`)),
  ].join('\n');
}

/** Percentiles of latency, where the queue model found them. */
function percentileLines({ evaluation, machine }: EvaluationResult): string[] {
  const rows = evaluation.nodes.flatMap(({ id, loadPercentilesNs: found }, k) =>
    found === undefined
      ? []
      : [
          [
            `${id} ${machine.nodes[k].kind}`,
            ...[found.p50, found.p99, found.p999].map(latencyText),
          ],
        ],
  );
  if (rows.length === 0) return [];
  const columns = ['load ns: 50 %', '99 %', '99.9 %'].map((name) => ({ name, right: true }));
  return ['', textTable([{ name: 'node' }, ...columns], rows)];
}

/** What links carry, where there are any. */
function linkLines({ evaluation: { links = [] } }: EvaluationResult): string[] {
  if (links.length === 0) return [];
  const columns = ['read GB/s', '% of lane', 'write GB/s', '% of lane'];
  const rows = links.map((l) => [
    l.id,
    gbpsText(l.readGbps),
    percentText(l.readUtilisation),
    gbpsText(l.writeGbps),
    percentText(l.writeUtilisation),
  ]);
  return [
    '',
    textTable([{ name: 'link' }, ...columns.map((name) => ({ name, right: true }))], rows),
  ];
}
