import type { SweepResult } from '../evaluator/sweep-result.ts';
import { weightsText } from '../models/mempolicy/weights.ts';
import { gainText, gbpsText, percentText } from './quantity.ts';

/** The sentence a sweep comes down to. */
export function headline(result: SweepResult): string {
  const { optimum, baselines, continuous } = result;
  const gain = gainText(optimum.throughputGbps, baselines.fastestOnly.throughputGbps);
  const alone = weightsText(baselines.fastestOnly.weights) === weightsText(optimum.weights);
  const comparison = alone
    ? `one node alone; ${alonePays(result)}`
    : `${gain} against the fastest node alone (${gbpsText(baselines.fastestOnly.throughputGbps)} GB/s)`;
  return (
    `Recommended weights ${weightsText(optimum.weights)}: ${gbpsText(optimum.throughputGbps)} GB/s, ${comparison}, ` +
    `${percentText(optimum.throughputGbps / continuous.throughputGbps)} of the continuous optimum.`
  );
}

/** What the best vector gains over the recommended single node. */
function alonePays({ optimum }: SweepResult): string {
  const { weights, throughputGbps } = optimum.best;
  if (weightsText(weights) === weightsText(optimum.weights)) return 'interleaving does not pay';
  const gain = gainText(throughputGbps, optimum.throughputGbps);
  return `interleaving gains ${gain.replace('+', '')} at best (${weightsText(weights)})`;
}
