import type { WeightGroup } from '../models/mempolicy/interleave.ts';
import { interleaveCycle } from '../models/mempolicy/interleave.ts';
import { residues } from '../models/mempolicy/residues.ts';
import type { LoadColumns, Loads } from './loads.ts';

/** The longest period sums are counted for: what 64 nodes of the largest weights make. Beyond, pages are placed singly. */
export const LONGEST_PERIOD = 64 * 255;
/** Numbers kept at most; the sums counted longest ago go first. */
const KEPT_NUMBERS = 1 << 22;

/** Lines of each epoch on residues below r, at `epoch * (period + 1) + r`; and pages on residues below r. */
type Sums = Readonly<{ reads: Float64Array; writes: Float64Array; pages: Float64Array }>;

/**
 * A demand counted by residue of the interleave index, for any period, as prefix sums over residues.
 *
 * Where a page goes depends on its index modulo the length of the weights' cycle only; so the demand is counted once for a
 * period, and each placement with that period is read off in O(epochs * runs), whatever the demand's length.
 */
export class ResidueSums {
  readonly #columns: LoadColumns;
  /** The sums by period, the one counted last at the end. */
  readonly #counted = new Map<number, Sums>();

  constructor(columns: LoadColumns) {
    this.#columns = columns;
  }

  /** Fills in the loads of a placement given as the runs of its cycle; `nodes` is how many there are. */
  read(runs: Uint32Array, nodes: number, into: Loads): void {
    const period = runs[runs.length - 1];
    const { reads, writes, pages } = this.#sums(period);
    into.reads.fill(0);
    into.writes.fill(0);
    into.pages.fill(0);
    const epochs = this.#columns.epochStart.length - 1;
    for (let epoch = 0; epoch < epochs; epoch++) {
      const base = epoch * (period + 1);
      const row = epoch * nodes;
      for (let i = 0, from = base; i < runs.length; i += 2) {
        const at = row + runs[i];
        const to = base + runs[i + 1];
        into.reads[at] += reads[to] - reads[from];
        into.writes[at] += writes[to] - writes[from];
        from = to;
      }
    }
    for (let i = 0, from = 0; i < runs.length; i += 2) {
      into.pages[runs[i]] += pages[runs[i + 1]] - pages[from];
      from = runs[i + 1];
    }
  }

  #sums(period: number): Sums {
    const known = this.#counted.get(period);
    if (known !== undefined) return known;
    const sums = countByResidue(this.#columns, period);
    this.#counted.set(period, sums);
    let kept = 0;
    for (const { reads } of this.#counted.values()) kept += 2 * reads.length;
    for (const [oldest, { reads }] of this.#counted) {
      if (kept <= KEPT_NUMBERS || oldest === period) break;
      kept -= 2 * reads.length;
      this.#counted.delete(oldest);
    }
    return sums;
  }
}

/** The runs of equal nodes in a cycle: a node (its place) and the index after its run, in turn; the last is the period. */
export function runsOf(groups: readonly WeightGroup[]): Uint32Array {
  const runs: number[] = [];
  if (groups.every(({ nodes }) => nodes.length === 1)) {
    let end = 0;
    for (const { weight, nodes } of groups) {
      if (weight === 0) continue;
      end += weight;
      runs.push(nodes[0], end);
    }
  } else {
    const cycle = interleaveCycle(groups);
    for (let i = 0; i < cycle.length; i++) {
      if (i > 0 && cycle[i] === cycle[i - 1]) runs[runs.length - 1] = i + 1;
      else runs.push(cycle[i], i + 1);
    }
  }
  return Uint32Array.from(runs);
}

function countByResidue(columns: LoadColumns, period: number): Sums {
  const { ilx, epochStart, page, reads, writes } = columns;
  const epochs = epochStart.length - 1;
  const stride = period + 1;
  const readsBelow = new Float64Array(epochs * stride);
  const writesBelow = new Float64Array(epochs * stride);
  const pagesBelow = new Float64Array(stride);
  const residue = residues(ilx, period);
  for (let i = 0; i < residue.length; i++) pagesBelow[residue[i] + 1]++;
  for (let epoch = 0; epoch < epochs; epoch++) {
    const base = epoch * stride + 1;
    const end = epochStart[epoch + 1];
    for (let i = epochStart[epoch]; i < end; i++) {
      const at = base + residue[page[i]];
      readsBelow[at] += reads[i];
      writesBelow[at] += writes[i];
    }
  }
  for (let r = 1; r <= period; r++) {
    pagesBelow[r] += pagesBelow[r - 1];
    for (let epoch = 0; epoch < epochs; epoch++) {
      const at = epoch * stride + r;
      readsBelow[at] += readsBelow[at - 1];
      writesBelow[at] += writesBelow[at - 1];
    }
  }
  return { reads: readsBelow, writes: writesBelow, pages: pagesBelow };
}
