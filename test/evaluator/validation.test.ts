import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import {
  LINE_FILL_BUFFERS,
  mlc,
  OTHER_EXPANDERS,
  validate,
} from '../../evaluator/validation/validate.ts';
import { validationSvg } from '../../reports/validation-chart.ts';
import { errorText, figureText, validationText } from '../../reports/validation-text.ts';

const validation = validate();
const { cases, groups } = validation;
const page = readFileSync('docs/validation.md', 'utf8');

function errorsOf(group: string): number[] {
  return cases.filter((c) => c.group === group).map((c) => Math.abs(c.error));
}

describe('published bandwidths', () => {
  test('STREAM at 9:1: mean absolute error at most 5 %, below that of the bottleneck bound', () => {
    const errors = errorsOf('stream-9:1');
    expect(errors).toHaveLength(4);
    expect(errors.reduce((sum, e) => sum + e, 0) / 4).toBeLessThanOrEqual(0.05);
    const bound = groups.find((g) => g.name === 'stream-9:1')?.bottleneckMeanAbsoluteError;
    expect(bound).toBeCloseTo(0.0715, 3);
  });

  test.each([
    ['stream-9:1-calibrated', 2, 0.02],
    ['stream-1:1', 4, 0.02],
    ['mlc-gain', 2, 0.06],
  ])('%s: each of %i within %f', (group, count, bound) => {
    const errors = errorsOf(group);
    expect(errors).toHaveLength(count);
    expect(Math.max(...errors)).toBeLessThanOrEqual(bound);
  });

  test('every group says whether it is within its bound, every case what it is made from', () => {
    expect(groups.every((g) => g.within)).toBe(true);
    for (const { inputs, source, sensitiveTo } of cases) {
      expect(inputs.length).toBeGreaterThan(2);
      expect(source).toMatch(/message/);
      expect(sensitiveTo.input).not.toBe('');
    }
  });
});

describe('docs/validation.md', () => {
  test.each(cases.map((c) => [`${c.group}, ${c.what}`, c] as const))('has %s', (_, c) => {
    const { input, change } = c.sensitiveTo;
    const row = [
      c.what,
      figureText(c, c.measured),
      figureText(c, c.predicted),
      errorText(c.error),
      errorText(c.bottleneckError),
      `${input}, ${errorText(change)}`,
    ];
    expect(page).toContain(`| ${row.join(' | ')} |`);
  });

  test('has the factors of the calibration, and the errors with other numbers of expanders', () => {
    const calibrated = cases.find((c) => c.group === 'stream-9:1-calibrated');
    const factors = calibrated?.inputs.join(' ').match(/times \d\.\d\d/g) ?? [];
    expect(factors).toHaveLength(3);
    const words = page.replace(/\s+/g, ' ');
    for (const factor of factors) expect(words).toContain(factor);
    for (const expanders of OTHER_EXPANDERS) {
      const errors = mlc(expanders).map((c) => errorText(c.error));
      expect(words).toContain(errors.join(' and '));
    }
    const fewer = mlc(8, LINE_FILL_BUFFERS).map((c) => errorText(c.error));
    expect(words).toContain(fewer.join(' and '));
  });

  test('its chart is the one that is drawn now', async () => {
    await expect(await validationSvg(validation)).toMatchFileSnapshot('../../docs/validation.svg');
  });
});

test('the text fits a terminal of 80 columns', () => {
  for (const line of validationText(validation, []).split('\n'))
    expect(line.length).toBeLessThanOrEqual(80);
});
