import type { Validation, ValidationCase } from '../evaluator/validation/validate.ts';
import { gainText, gbpsText, percentText } from './quantity.ts';
import { paragraph, textTable } from './text-table.ts';

/** A validation as a terminal shows it: every case, the groups with their bounds, what is not predicted. */
export function validationText(
  { cases, groups, notPredicted }: Validation,
  written: readonly string[],
): string {
  const parts = groups.flatMap((group) => {
    const table = textTable(
      [
        { name: 'case' },
        { name: 'measured', right: true },
        { name: 'predicted', right: true },
        { name: 'error', right: true },
        { name: "bound's", right: true },
      ],
      cases
        .filter((c) => c.group === group.name)
        .map((c) => [
          c.what,
          figureText(c, c.measured),
          figureText(c, c.predicted),
          errorText(c.error),
          errorText(c.bottleneckError),
        ]),
    );
    const { bound } = group;
    const judged = bound.of === 'mean' ? group.meanAbsoluteError : group.largestError;
    const verdict =
      `${bound.of === 'mean' ? 'Mean absolute' : 'Largest'} error ${percentText(judged)}, ` +
      `${group.within ? 'within' : 'OUTSIDE'} the ${percentText(bound.error)} it is held to; the bottleneck bound's mean is ` +
      `${percentText(group.bottleneckMeanAbsoluteError)}. ${sensitivity(cases.filter((c) => c.group === group.name))}`;
    return [paragraph(`${group.title}:`), '', table, '', paragraph(verdict), ''];
  });
  return [
    paragraph(
      'Published bandwidths, and what the closed loop predicts from inputs that do not hold them (docs/validation.md has the inputs of each, --json too). GB/s, or times DRAM only.',
    ),
    '',
    ...parts,
    'Not predicted:',
    ...notPredicted.map(({ what, why }) => paragraph(`${what}: ${why}.`, 2)),
    ...(written.length === 0 ? [] : ['', paragraph(`Wrote ${written.join(', ')}.`)]),
  ].join('\n');
}

/** The input that most cases of a group change most with. */
function sensitivity(cases: readonly ValidationCase[]): string {
  const [most] = [...cases].sort(
    (a, b) => Math.abs(b.sensitiveTo.change) - Math.abs(a.sensitiveTo.change),
  );
  const { input, change } = most.sensitiveTo;
  return `Most sensitive to ${input}: 10 % more change a prediction by at most ${percentText(Math.abs(change))}.`;
}

/** A figure with its digits: GB/s, or a ratio. */
export function figureText({ unit }: ValidationCase, value: number): string {
  return unit === 'GB/s' ? gbpsText(value) : value.toFixed(3);
}

/** An error with its sign: `+4.8 %`. */
export function errorText(error: number): string {
  return gainText(1 + error, 1);
}
