import { Float64, tableFromArrays, tableToIPC, Utf8, vectorFromArray } from 'apache-arrow';
import { weighedNodes } from '../models/mempolicy/weight-home.ts';
import {
  totalOf,
  vectorsOf,
  type WeightVectors,
  weightsText,
} from '../models/mempolicy/weights.ts';
import { parseJson } from '../traces/parse-json.ts';
import { type SweepResult, sweepResultSchema } from './sweep-result.ts';

/**
 * A sweep as JSON text, in pieces: indented, but one evaluation a line, so that files compare line by line.
 */
export function* sweepJson(result: SweepResult): Generator<string> {
  const { evaluations, ...rest } = result;
  yield `${JSON.stringify(rest, null, 2).slice(0, -2)},\n  "evaluations": [\n`;
  for (const [i, evaluation] of evaluations.entries()) {
    yield `    ${JSON.stringify(evaluation)}${i === evaluations.length - 1 ? '' : ','}\n`;
  }
  yield '  ]\n}\n';
}

/** Reads a sweep back from JSON text; `file` names it in errors. Throws where it is not one. */
export function parseSweep(file: string, text: string): SweepResult {
  return parseJson(file, text, sweepResultSchema);
}

/** A sweep's evaluations as an Arrow IPC file, a row a vector; all else is in the schema's metadata as JSON. */
export function sweepArrow(result: SweepResult): Uint8Array {
  const { evaluations, ...rest } = result;
  const floats = (pick: (e: SweepResult['evaluations'][number]) => number) =>
    Float64Array.from(evaluations, pick);
  const columns: Record<string, unknown> = {
    weights: vectorFromArray(
      evaluations.map((e) => weightsText(e.weights)),
      new Utf8(),
    ),
    total: Uint16Array.from(evaluations, (e) => totalOf(vectorsOf(e.weights).map(totalOf))),
    throughput_gbps: floats((e) => e.throughputGbps),
    time_ns: floats((e) => e.timeNs),
    share_of_optimum: floats((e) => e.shareOfOptimum),
    mean_load_ns: vectorFromArray(
      evaluations.map((e) => e.meanLoadNs),
      new Float64(),
    ),
  };
  columns.missed_pages = floats((e) => e.missedPages);
  for (const [name, weight] of weightColumns(result))
    columns[name] = Uint8Array.from(evaluations, (e) => weight(e.weights));
  for (const [k, { id }] of result.machine.nodes.entries()) {
    columns[`node${id}_read_gbps`] = floats((e) => e.nodes[k].readGbps);
    columns[`node${id}_write_gbps`] = floats((e) => e.nodes[k].writeGbps);
    columns[`node${id}_utilisation`] = floats((e) => e.nodes[k].utilisation);
    columns[`node${id}_pages`] = floats((e) => e.nodes[k].pages);
    columns[`node${id}_missed`] = floats((e) => e.nodes[k].missed);
    columns[`node${id}_mean_load_ns`] = vectorFromArray(
      evaluations.map((e) => e.nodes[k].meanLoadNs),
      new Float64(),
    );
  }
  const table = tableFromArrays(columns as Record<string, Float64Array>);
  table.schema.metadata.set('numaweave.sweep', JSON.stringify(rest));
  return tableToIPC(table, 'file');
}

/** A column for each weight the home holds: by its name, how it is read from an evaluation's weights. */
function weightColumns({
  machine,
  options,
}: SweepResult): [string, (w: WeightVectors) => number][] {
  const { nodes, sockets } = machine;
  const tiers = nodes.map((n) => n.tier);
  const one = (i: number) => (weights: WeightVectors) => vectorsOf(weights)[0][i];
  switch (options.weightHome) {
    case 'memtier':
      return weighedNodes('memtier', [...tiers.keys()], tiers).map(([first], i) => [
        `tier${tiers[first]}_weight`,
        one(i),
      ]);
    case 'ratio':
      return ['fastest_weight', 'others_weight']
        .slice(0, weighedNodes('ratio', [...tiers.keys()], tiers).length)
        .map((name, i) => [name, one(i)]);
    case 'node':
      if (sockets.length === 1) break;
      return sockets.flatMap((_, socket) =>
        nodes.map(({ id }, k): [string, (w: WeightVectors) => number] => [
          `socket${socket}_node${id}_weight`,
          (weights) => {
            const vectors = vectorsOf(weights);
            return vectors[vectors.length === 1 ? 0 : socket][k];
          },
        ]),
      );
  }
  return nodes.map(({ id }, k) => [`node${id}_weight`, one(k)]);
}
