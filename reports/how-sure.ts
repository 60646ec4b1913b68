import { htmlEscape } from 'escape-goat';
import type { SweepResult } from '../evaluator/sweep-result.ts';
import { weightsText } from '../models/mempolicy/weights.ts';
import { howSureSentences, intervalText, LEAST_EPOCHS } from './how-sure-text.ts';
import { type Html, table } from './html-page.ts';
import { changeText, gainText, percentText, unbroken, wholePercentText } from './quantity.ts';

/** Gains that are shown: of the recommended vector and of those next in the order of preference. */
const GAINS_SHOWN = 6;

/** The report's section on how sure the choice is; empty where nothing was asked. */
export function howSure(result: SweepResult): Html[] {
  const { confidence, sensitivity } = result;
  const sentences = howSureSentences(result);
  if (sentences.length === 0) return [];
  return [
    '<h2>How sure that is</h2>',
    ...sentences.map((line) => htmlEscape`<p>${unbroken(line)}</p>`),
    ...(confidence === undefined ? [] : [gainTable(confidence)]),
    ...(sensitivity === undefined ? [] : [changeTable(sensitivity)]),
  ];
}

/** The options that make the same of so many epochs again. */
export function resampledWith(
  epochs: number,
  confidence: SweepResult['confidence'],
  sensitivity: SweepResult['sensitivity'],
): (string | number)[] {
  if (confidence !== undefined)
    return ['--resamples', confidence.resamples, '--seed', confidence.seed];
  return sensitivity === undefined || epochs < LEAST_EPOCHS ? [] : ['--resamples', 0];
}

function gainTable({ gains, level }: NonNullable<SweepResult['confidence']>): Html {
  return table(
    ['weights', 'gain over the fastest node', `${wholePercentText(level)} interval`],
    gains
      .slice(0, GAINS_SHOWN)
      .map(({ weights, gain, low, high }) => [
        weightsText(weights),
        gainText(1 + gain, 1),
        intervalText(low, high),
      ]),
    0,
  );
}

/** A row for each node and quantity, a column for each change: the best vector, and what the recommended one loses. */
function changeTable({ changes }: NonNullable<SweepResult['sensitivity']>): Html {
  const columns = [...new Set(changes.map((c) => c.change))];
  const rows = new Map<string, string[]>();
  for (const { node, quantity, best, loss } of changes) {
    const name = `node ${node} ${quantity}`;
    const cell = `${weightsText(best)}, ${percentText(loss)}`;
    rows.set(name, [...(rows.get(name) ?? []), cell]);
  }
  return table(
    ['best vector, loss, at', ...columns.map(changeText)],
    [...rows].map(([name, cells]) => [name, ...cells]),
  );
}
