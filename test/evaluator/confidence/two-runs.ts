import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';

/** Of two runs' epoch times: how many, how correlated with the one before, and the spread they share and have apart. */
export type Process = Readonly<{ epochs: number; phi: number; shared: number; own: number }>;

/** Standard normal numbers (G. E. P. Box, M. E. Muller, 1958). */
function normals(seed: number): () => number {
  const random = xoroshiro128plus(seed);
  return () => {
    const radius = Math.sqrt(-2 * Math.log(1 - uniformFloat64(random)));
    return radius * Math.cos(2 * Math.PI * uniformFloat64(random));
  };
}

/**
 * Epoch times of two runs, lognormal: each is the exponential of an AR(1) process they share and one of its own. Their
 * expectations are `ratio` to 1.
 */
export function lognormalRuns(
  { epochs, phi, shared, own }: Process,
  ratio: number,
  seed: number,
): [Float64Array, Float64Array] {
  const normal = normals(seed);
  const fresh = Math.sqrt(1 - phi * phi);
  const state = [normal(), normal(), normal()];
  const runs: [Float64Array, Float64Array] = [new Float64Array(epochs), new Float64Array(epochs)];
  for (let i = 0; i < epochs; i++) {
    for (const s of state.keys()) state[s] = phi * state[s] + fresh * normal();
    runs[0][i] = ratio * Math.exp(shared * state[0] + own * state[1]);
    runs[1][i] = Math.exp(shared * state[0] + own * state[2]);
  }
  return runs;
}

/**
 * Epoch times in phases of 5 epochs on average that one run is good at and phases it is bad at, with noise: expectations
 * are `ratio` to 1, since phases of both kinds are equally likely.
 */
export function phasedRuns(
  epochs: number,
  ratio: number,
  seed: number,
): [Float64Array, Float64Array] {
  const normal = normals(seed);
  const chance = xoroshiro128plus(seed + 0x10000);
  const runs: [Float64Array, Float64Array] = [new Float64Array(epochs), new Float64Array(epochs)];
  let good = uniformFloat64(chance) < 0.5;
  for (let i = 0; i < epochs; i++) {
    if (uniformFloat64(chance) < 0.2) good = uniformFloat64(chance) < 0.5;
    const length = Math.exp(0.5 * normal());
    runs[0][i] = ratio * length * Math.exp(0.2 * normal());
    runs[1][i] = length * (good ? 0.7 : 1.3) * Math.exp(0.2 * normal());
  }
  return runs;
}

/**
 * Epoch times of two runs that differ little, but in rare epochs, one in 20, that are five times as long: expectations are
 * `ratio` to 1.
 */
export function rareRuns(
  epochs: number,
  ratio: number,
  seed: number,
): [Float64Array, Float64Array] {
  const [often, rare] = [0.95, 0.05];
  const scale = (ratio * (often * 0.98 + rare * 5 * 1.2)) / (often + rare * 5);
  const chance = xoroshiro128plus(seed);
  const runs: [Float64Array, Float64Array] = [new Float64Array(epochs), new Float64Array(epochs)];
  for (let i = 0; i < epochs; i++) {
    const long = uniformFloat64(chance) < rare;
    const length = (long ? 5 : 1) * (0.95 + 0.1 * uniformFloat64(chance));
    runs[0][i] = scale * length;
    runs[1][i] = length * (long ? 1.2 : 0.98);
  }
  return runs;
}
