import type { SweepResult } from '../evaluator/sweep-result.ts';
import { type WeightVectors, weightsText } from '../models/mempolicy/weights.ts';
import { withinText } from './choice-text.ts';
import { changeText, countOf, gainText, percentText, wholePercentText } from './quantity.ts';

type Sensitivity = NonNullable<SweepResult['sensitivity']>;
type Change = Sensitivity['changes'][number];

/** Fewer epochs are not resampled. */
export const LEAST_EPOCHS = 8;
/** A loss that still counts as being as good as the best; and exceptions a sentence names. */
const AS_GOOD = 0.01;
const NAMED = 3;

/** How sure the choice is, in sentences: by its epochs, and by machines a little different; none where nothing was asked. */
export function howSureSentences(result: SweepResult): string[] {
  const { confidence, sensitivity, traces } = result;
  const said: string[] = [];
  const [{ epochs }] = traces;
  if (confidence !== undefined) said.push(resampledSentence(result, confidence, epochs));
  else if (sensitivity !== undefined && epochs < LEAST_EPOCHS)
    said.push(
      `${countOf(epochs, 'epoch')}, fewer than ${LEAST_EPOCHS}: no telling from them how sure the choice is.`,
    );
  if (sensitivity !== undefined)
    said.push(sensitivitySentence(result.optimum.weights, sensitivity));
  return said;
}

/** `+1.2 to +2.6 %`, with factors where either is one. */
export function intervalText(low: number, high: number): string {
  const texts = [gainText(1 + low, 1), gainText(1 + high, 1)];
  if (texts.every((text) => text.endsWith(' %'))) texts[0] = texts[0].slice(0, -2);
  return texts.join(' to ');
}

function resampledSentence(
  result: SweepResult,
  confidence: NonNullable<SweepResult['confidence']>,
  epochs: number,
): string {
  const { baselines, options } = result;
  const { gains, level, resamples, recommendedBest, recommendedWithin, model } = confidence;
  const [{ weights, gain, low, high }] = gains;
  const alone = weightsText(baselines.fastestOnly.weights) === weightsText(weights);
  const gained = alone
    ? `${weightsText(weights)} is`
    : `Gain ${gainText(1 + gain, 1)} (${wholePercentText(level)} interval ${intervalText(low, high)});`;
  const by = options.model === model ? '' : ' (by the closed loop)';
  return (
    `${gained} best in ${wholePercentText(recommendedBest)} of ${countOf(resamples, 'resample')} of the ` +
    `${countOf(epochs, 'epoch')}, ${withinText(result)} in ${wholePercentText(recommendedWithin)}${by}.`
  );
}

function sensitivitySentence(recommended: WeightVectors, { changes, robust }: Sensitivity): string {
  const most = Math.max(...changes.map((c) => c.change));
  const off = exceptions(changes);
  const named = off.slice(0, NAMED).map(exceptionText).join(', ');
  const more = off.length > NAMED ? ` and ${off.length - NAMED} more` : '';
  const but = off.length === 0 ? '' : `, but for ${named}${more}`;
  const same = weightsText(robust.weights) === weightsText(recommended);
  const choice = same ? 'no vector is more robust' : `robust choice ${weightsText(robust.weights)}`;
  return (
    `${weightsText(recommended)} stays within 1 % of the best if any node's bandwidth or latency is up to ` +
    `${wholePercentText(most)} off${but}; ${choice} (at most ${percentText(robust.worstLoss)} below the best).`
  );
}

/** Of every node, quantity and direction that costs more than 1 %, the change that costs most; the costliest first. */
function exceptions(changes: readonly Change[]): Change[] {
  const worst = new Map<string, Change>();
  for (const change of changes) {
    const key = `${change.node} ${change.quantity} ${Math.sign(change.change)}`;
    if (change.loss > Math.max(AS_GOOD, worst.get(key)?.loss ?? 0)) worst.set(key, change);
  }
  return [...worst.values()].sort((a, b) => b.loss - a.loss);
}

function exceptionText({ node, quantity, change, loss }: Change): string {
  return `node ${node} with ${changeText(change)} ${quantity} (loses ${percentText(loss)})`;
}
