import { type WeightHome, weighsNodes } from '../../models/mempolicy/weight-home.ts';
import {
  vectorsOf,
  type Weights,
  type WeightVectors,
  weightsText,
} from '../../models/mempolicy/weights.ts';
import type { Evaluation } from '../evaluation.ts';
import type { Scenario } from '../scenario.ts';
import type { Sweep } from '../sweep.ts';

/** A vector that is looked at again; baselines are global where the home cannot hold them. */
export type Candidate = Readonly<{
  weights: WeightVectors;
  vectors: readonly Weights[];
  home: WeightHome;
  /** True where it could have been recommended: the home holds it, and it fills no node up unless all do. */
  choosable: boolean;
}>;

const MOST_OF_PLATEAU = 64;
/** How far below the best a vector may be to be tried on changed machines. */
const NEAR_BEST = 0.1;

/** For the gains: the plateau, at most 64, the recommended one first; the fastest; the baselines. Each once. */
export function gainCandidates({ options }: Scenario, swept: Sweep): Candidate[] {
  const { optimum, baselines } = swept;
  const own = options.weightHome;
  const choosable = choosableTexts(swept);
  const known = new Map<string, Candidate>();
  const add = (weights: WeightVectors, home: WeightHome) => {
    const text = weightsText(weights);
    const key = `${home} ${text}`;
    if (known.has(key)) return;
    const could = home === own && choosable.has(text);
    known.set(key, { weights, vectors: vectorsOf(weights), home, choosable: could });
  };
  for (const weights of optimum.plateau.slice(0, MOST_OF_PLATEAU)) add(weights, own);
  add(optimum.best.weights, own);
  for (const { weights } of Object.values(baselines)) add(weights, baselineHome(own));
  return [...known.values()];
}

/** Where a baseline, one weight a node, is held. */
export function baselineHome(own: WeightHome): WeightHome {
  return weighsNodes(own) ? own : 'global';
}

/**
 * For changed machines: the recommended vector, the fastest, the baselines that the home holds, the plateau, and all others
 * within 10 % of the best by throughput; at most so many.
 */
export function changeCandidates({ options }: Scenario, swept: Sweep, most: number): Candidate[] {
  const { optimum, baselines } = swept;
  const home = options.weightHome;
  const choosable = choosableTexts(swept);
  const near = [...choosable.values()]
    .filter((e) => e.throughputGbps >= optimum.best.throughputGbps * (1 - NEAR_BEST))
    .sort((a, b) => b.throughputGbps - a.throughputGbps)
    .map((e) => e.weights);
  const held = weighsNodes(home) ? Object.values(baselines).map((e) => e.weights) : [];
  const all = [optimum.weights, optimum.best.weights, ...held, ...optimum.plateau, ...near];
  const texts = new Set(all.map(weightsText).filter((text) => choosable.has(text)));
  return [...texts].slice(0, most).map((text) => {
    const { weights } = choosable.get(text) as Evaluation;
    return { weights, vectors: vectorsOf(weights), home, choosable: true };
  });
}

/** What could have been recommended, by its text: what fills a node up only where all do. */
function choosableTexts({ evaluations }: Sweep): Map<string, Evaluation> {
  const fitting = evaluations.filter((e) => e.missedPages === 0);
  return new Map(
    (fitting.length > 0 ? fitting : evaluations).map((e) => [weightsText(e.weights), e]),
  );
}
