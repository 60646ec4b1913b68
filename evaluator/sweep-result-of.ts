import { weightsText } from '../models/mempolicy/weights.ts';
import { howSure } from './confidence/how-sure.ts';
import { type Inputs, resultContext } from './result-context.ts';
import type { Scenario } from './scenario.ts';
import type { Sweep } from './sweep.ts';
import type { SweepResult } from './sweep-result.ts';
import { warningsFor } from './warnings.ts';

/** What a sweep was asked to find good enough, in percent, and how its choice is resampled; `howSure` has the defaults. */
export type ChoiceOptions = Readonly<{ within?: number; resamples?: number; seed?: number }>;

/**
 * All that sweep.json holds of a sweep. `warned` is the scenario that warnings are about: the scenario itself where it is left
 * out.
 */
export function sweepResultOf(
  scenario: Scenario,
  inputs: Inputs,
  swept: Sweep,
  options: ChoiceOptions,
  warned = scenario,
): SweepResult {
  const { within } = options;
  const chosen = weightsText(swept.optimum.weights);
  const recommended = swept.evaluations.filter((e) => weightsText(e.weights) === chosen);
  return {
    ...resultContext(scenario, { ...inputs, ...(within === undefined ? {} : { within }) }),
    warnings: recommended.flatMap((e) => warningsFor(warned, e)),
    ...swept,
    ...howSure(scenario, swept, options),
  } as SweepResult;
}
