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

  /** Whether lines can be counted in 32 bits. */
  readonly #exact: boolean;

  constructor(columns: LoadColumns) {
    this.#columns = columns;
    this.#exact = fitsInWords(columns);
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
    // Periods come in twos, 1 and 2, 3 and 4: a demand is counted for both while it is read once.
    const twin = period % 2 === 1 ? period + 1 : period - 1;
    const [sums, others] = countByResidue(this.#columns, period, twin, this.#exact);
    this.#counted.set(twin, others);
    this.#counted.set(period, sums);
    let kept = 0;
    for (const { reads } of this.#counted.values()) kept += 2 * reads.length;
    for (const [oldest, { reads }] of this.#counted) {
      if (kept <= KEPT_NUMBERS || oldest === period || oldest === twin) break;
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

/** Counts a demand for two periods at once; where `exact`, lines of an epoch fit in 32 bits, which is twice as fast. */
function countByResidue(
  columns: LoadColumns,
  first: number,
  second: number,
  exact: boolean,
): [Sums, Sums] {
  const { ilx, epochStart, page, reads, writes } = columns;
  const epochs = epochStart.length - 1;
  const [inFirst, inSecond] = [noSums(epochs, first, ilx), noSums(epochs, second, ilx)];
  // Where a page's counters lie in both: reads at an even place, writes after them.
  const [ofFirst, ofSecond] = [residues(ilx, first), residues(ilx, second)];
  const places = new Uint32Array(ilx.length);
  for (let i = 0; i < places.length; i++) places[i] = (ofFirst[i] * 2) | ((ofSecond[i] * 2) << 16);
  const Counters = exact ? Uint32Array : Float64Array;
  const [a, b] = [new Counters(2 * first), new Counters(2 * second)];
  for (let epoch = 0; epoch < epochs; epoch++) {
    a.fill(0);
    b.fill(0);
    const end = epochStart[epoch + 1];
    for (let i = epochStart[epoch]; i < end; i++) {
      const both = places[page[i]];
      const atA = both & 0xffff;
      const atB = both >>> 16;
      const read = reads[i];
      const written = writes[i];
      a[atA] += read;
      a[atA + 1] += written;
      b[atB] += read;
      b[atB + 1] += written;
    }
    addUp(a, inFirst, epoch, first);
    addUp(b, inSecond, epoch, second);
  }
  return [inFirst, inSecond];
}

/** Sums of zero for a period, but for the pages. */
function noSums(epochs: number, period: number, ilx: Float64Array): Sums {
  const pages = new Float64Array(period + 1);
  const residue = residues(ilx, period);
  for (let i = 0; i < residue.length; i++) pages[residue[i] + 1]++;
  for (let r = 1; r <= period; r++) pages[r] += pages[r - 1];
  const numbers = epochs * (period + 1);
  return { reads: new Float64Array(numbers), writes: new Float64Array(numbers), pages };
}

/** Makes prefix sums of an epoch's counters. */
function addUp(
  counters: Uint32Array | Float64Array,
  { reads, writes }: Sums,
  epoch: number,
  period: number,
): void {
  let at = epoch * (period + 1);
  for (let r = 0; r < period; r++, at++) {
    reads[at + 1] = reads[at] + counters[2 * r];
    writes[at + 1] = writes[at] + counters[2 * r + 1];
  }
}

/** Whether the lines of every epoch fit in 32 bits. */
function fitsInWords({ epochStart, reads, writes }: LoadColumns): boolean {
  for (let epoch = 0; epoch < epochStart.length - 1; epoch++) {
    let sum = 0;
    for (let i = epochStart[epoch]; i < epochStart[epoch + 1]; i++) sum += reads[i] + writes[i];
    if (sum >= 2 ** 32) return false;
  }
  return true;
}
