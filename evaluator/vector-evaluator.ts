import type { MemorySystem } from '../models/memory/memory-system.ts';
import type { TimeModelName } from '../models/memory/time-model.ts';
import { fillNodes } from '../models/mempolicy/fill-nodes.ts';
import { interleaveCycle, type WeightGroup } from '../models/mempolicy/interleave.ts';
import { placePages } from '../models/mempolicy/place-pages.ts';
import { type WeightHome, weightGroups } from '../models/mempolicy/weight-home.ts';
import type { Weights } from '../models/mempolicy/weights.ts';
import { type CopyGroup, copyGroups } from './copy-groups.ts';
import { EpochRunner, NODE, ROW } from './epoch-runner.ts';
import { countLoads, type LoadColumns, type Loads, noLoads } from './loads.ts';
import { LONGEST_PERIOD, ResidueSums, runsOf } from './residue-sums.ts';

/** All that evaluating a vector needs; plain data and shared columns, so that workers can be sent it. */
export type EvaluatorSetup = Readonly<{
  demand: LoadColumns;
  memory: MemorySystem;
  /** What says how long an epoch takes; and of how many lines of a run at most, where every one is replayed. */
  model: TimeModelName;
  queueLines: number;
  /** Reads in flight of every socket that has copies. */
  slots: readonly number[];
  /** Copies on each of those sockets; or how many there are, where each spans all of them. */
  copies: readonly number[];
  /** True where threads are pinned: then every copy spans the sockets, and the demand's epochs come once for each of them. */
  spanning: boolean;
  /** Compute time of every epoch on each of those sockets, ns, socket by socket in each epoch. */
  computeNs: Float64Array;
  /** What one counted line stands for. */
  samplePeriod: number;
  /** Of every node in ascending order of id: its tier, the pages it holds, and the places its zonelist tries in turn. */
  tiers: readonly number[];
  usable: readonly number[];
  zonelists: readonly (readonly number[])[];
  /** What is said where nothing holds a page. */
  outOfMemory: string;
}>;

/** A placement: groups of copies, each with what one of its copies puts where, and the pages that missed their node. */
type Placement = Readonly<{
  groups: readonly CopyGroup[];
  loads: readonly Loads[];
  /** Pages of all copies by the node wanted and the node they are on, at `wanted * nodes + on`; empty where none missed. */
  missed: Float64Array;
  /** True where pages were placed one by one. */
  singly: boolean;
}>;

const NONE_MISSED = new Float64Array(0);

/**
 * Evaluates weight vectors over one demand, cheaply for many.
 *
 * While all pages fit where their index falls, a placement is read off the demand's residue sums. Where they do not, pages
 * are placed one by one. Both give the same bits where both apply; `everyPage` asks for the second always.
 */
export class VectorEvaluator {
  readonly #setup: EvaluatorSetup;
  readonly #everyPage: boolean;
  readonly #runner: EpochRunner;
  readonly #sums: ResidueSums;
  readonly #places: readonly number[];
  /** Loads of a vector that stands alone, overwritten by the next; and of vectors that are combined, kept. */
  readonly #alone: Loads;
  readonly #combined = new Map<Weights, Loads>();

  constructor(setup: EvaluatorSetup, everyPage = false) {
    const { tiers, demand } = setup;
    this.#setup = setup;
    this.#everyPage = everyPage;
    this.#runner = new EpochRunner(setup);
    this.#sums = new ResidueSums(demand);
    this.#places = tiers.map((_, place) => place);
    this.#alone = noLoads(demand.epochStart.length - 1, tiers.length);
  }

  /** Evaluates what a home holds, one vector or several, into the row that begins at `at`. Throws where memory runs out. */
  evaluate(home: WeightHome, vectors: readonly Weights[], rows: Float64Array, at: number): void {
    const placement = this.#place(home, vectors);
    this.#runner.run(placement, rows, at);
    rows[at + ROW.singly] = placement.singly ? 1 : 0;
    const nodes = this.#places.length;
    const all = this.#copies();
    for (let k = 0; k < nodes; k++) {
      let pages = 0;
      for (const [g, { copies }] of placement.groups.entries())
        pages += copies * placement.loads[g].pages[k];
      let missed = 0;
      for (let on = 0; on < nodes && placement.missed.length > 0; on++)
        missed += placement.missed[k * nodes + on];
      const node = at + ROW.nodes + k * NODE.size;
      rows[node + NODE.pages] = pages / all;
      rows[node + NODE.missed] = missed / all;
    }
  }

  /** The time every epoch takes under what a home holds, ns. Throws with the queue model, and where memory runs out. */
  epochTimes(home: WeightHome, vectors: readonly Weights[]): Float64Array {
    return this.#runner.epochTimes(this.#place(home, vectors));
  }

  /** The time of all epochs together on each of other memory systems, where the pages lie just as on this one, ns. */
  timesOn(
    runners: readonly EpochRunner[],
    home: WeightHome,
    vectors: readonly Weights[],
  ): number[] {
    const placement = this.#place(home, vectors);
    return runners.map((runner) => runner.epochTimes(placement).reduce((sum, ns) => sum + ns, 0));
  }

  /**
   * Pages of one copy, averaged over all, by the node their index fell on and the node they came to lie on, where those
   * differ: at `wanted * nodes + on`. Empty where none missed.
   */
  missed(home: WeightHome, vectors: readonly Weights[]): Float64Array {
    const all = this.#copies();
    return this.#place(home, vectors).missed.map((pages) => pages / all);
  }

  #copies(): number {
    return this.#setup.copies.reduce((sum, n) => sum + n, 0);
  }

  #place(home: WeightHome, vectors: readonly Weights[]): Placement {
    const { copies, usable, tiers } = this.#setup;
    const groups = copyGroups(home, vectors.length, copies);
    const weighted = vectors.map((vector) => weightGroups(home, vector, this.#places, tiers));
    const runs = weighted.map(runsOf);
    const tooLong = runs.some((own) => own[own.length - 1] > LONGEST_PERIOD);
    if (!this.#everyPage && !tooLong) {
      const combined = groups.some(({ vector }) => vector !== groups[0].vector);
      const loads = groups.map(({ vector }) =>
        this.#loadsOf(vectors[vector], runs[vector], combined),
      );
      const fits = usable.every((room, k) => {
        let pages = 0;
        for (const [g, { copies: own }] of groups.entries()) pages += own * loads[g].pages[k];
        return pages <= room;
      });
      if (fits) return { groups, loads, missed: NONE_MISSED, singly: false };
    }
    return this.#placeSingly(groups, weighted);
  }

  #loadsOf(vector: Weights, runs: Uint32Array, combined: boolean): Loads {
    const nodes = this.#places.length;
    if (!combined) {
      this.#sums.read(runs, nodes, this.#alone);
      return this.#alone;
    }
    const known = this.#combined.get(vector);
    if (known !== undefined) return known;
    const loads = noLoads(this.#setup.demand.epochStart.length - 1, nodes);
    this.#sums.read(runs, nodes, loads);
    this.#combined.set(vector, loads);
    return loads;
  }

  #placeSingly(
    groups: readonly CopyGroup[],
    weighted: readonly (readonly WeightGroup[])[],
  ): Placement {
    const { demand, usable, zonelists, outOfMemory } = this.#setup;
    const nodes = this.#places.length;
    const byVector = weighted.map((own) => placePages(demand.ilx, interleaveCycle(own)));
    const wanted = groups.map(({ vector }) => byVector[vector]);
    const copies = groups.map((group) => group.copies);
    const filled = fillNodes(wanted, copies, usable, zonelists);
    if (filled.pages < demand.ilx.length) throw new Error(outOfMemory);
    const missed = new Float64Array(nodes * nodes);
    for (const [g, placed] of filled.nodes.entries()) {
      for (let page = 0; page < placed.length; page++) {
        if (placed[page] !== wanted[g][page])
          missed[wanted[g][page] * nodes + placed[page]] += copies[g];
      }
    }
    const loads = filled.nodes.map((placed) => countLoads(demand, placed, nodes));
    const any = missed.some((n) => n > 0);
    return { groups, loads, missed: any ? missed : NONE_MISSED, singly: true };
  }
}
