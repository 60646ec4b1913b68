import type { Scenario } from '../scenario.ts';
import { type Sweep, type SweepOptions, sweep, sweptSpace } from '../sweep.ts';
import { chooseShared, type SharedChoice } from './choose-several.ts';
import { togetherScenario } from './together.ts';

/** A program on the machine, and how much it counts; 1 where that is left out. */
export type SeveralTrace = Readonly<{ scenario: Scenario; weight?: number }>;

/** One sweep a program, each by itself over the same vectors, and what serves all of them. */
export type SeveralSweep = Readonly<{
  maxTotal: number;
  sweeps: readonly Sweep[];
  /** Of programs that run one after another. */
  shared?: SharedChoice;
  /** Of programs that run at the same time: as one, and its sweep. */
  together?: Readonly<{ scenario: Scenario; sweep: Sweep }>;
}>;

/**
 * Sweeps several programs on one machine over the same vectors, for the weights that serve them all: programs that run one
 * after another, or with `together` at the same time.
 *
 * The result does not depend on the number of threads. `onProgress` hears how many vectors are done, of how many (which grows
 * as sweeps begin). Aborting `signal` rejects. Throws where there are not two programs or more, where they are not on one
 * machine under one weight home, where a weight is not above 0 or is given together, and what `sweep` and `togetherScenario` throw.
 */
export async function sweepSeveral(
  traces: readonly SeveralTrace[],
  options: SweepOptions & Readonly<{ together?: boolean }> = {},
): Promise<SeveralSweep> {
  const { together = false, onProgress, ...given } = options;
  const { within, signal } = given;
  checkTraces(traces, together);
  const scenarios = traces.map((t) => t.scenario);
  const all = together ? togetherScenario(scenarios) : undefined;
  const maxTotal =
    options.maxTotal ?? Math.min(...scenarios.map((scenario) => sweptSpace(scenario).maxTotal));
  let before = 0;
  const swept = async (scenario: Scenario) => {
    let own = 0;
    const result = await sweep(scenario, {
      ...given,
      maxTotal,
      onProgress: (done, of) => {
        own = of;
        onProgress?.(before + done, before + of);
      },
    });
    before += own;
    return result;
  };
  const sweeps: Sweep[] = [];
  for (const scenario of scenarios) sweeps.push(await swept(scenario));
  if (all !== undefined)
    return { maxTotal, sweeps, together: { scenario: all, sweep: await swept(all) } };
  const weights = traces.map((t) => t.weight ?? 1);
  const shared = await chooseShared(scenarios, sweeps, weights, {
    ...(within === undefined ? {} : { within }),
    ...(signal === undefined ? {} : { signal }),
  });
  return { maxTotal, sweeps, shared };
}

function checkTraces(traces: readonly SeveralTrace[], together: boolean): void {
  if (traces.length < 2)
    throw new Error(`sweep several: traces (got ${traces.length}, expected 2 or more)`);
  const placeOf = ({ machine, options }: Scenario) =>
    `${machine.name} and weight home ${options.weightHome}`;
  const expected = placeOf(traces[0].scenario);
  for (const { scenario, weight } of traces) {
    if (placeOf(scenario) !== expected)
      throw new Error(`sweep several: machine (got ${placeOf(scenario)}, expected ${expected})`);
    if (weight === undefined) continue;
    if (together) throw new Error(`sweep several: weight (got ${weight}, expected none together)`);
    if (!(weight > 0 && weight < Number.POSITIVE_INFINITY))
      throw new Error(`sweep several: weight (got ${weight}, expected a number above 0)`);
  }
}
