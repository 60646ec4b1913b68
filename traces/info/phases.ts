import type { Demand } from '../demand.ts';

/** A part of a run in which a program does one kind of thing. */
export type Phase = Readonly<{
  /** Its first interval and the one after its last, and when it begins and ends, in the time unit, from the beginning. */
  fromInterval: number;
  toInterval: number;
  start: number;
  end: number;
  /** Its share of all traffic, and the share of reads in it. */
  share: number;
  readShare: number;
  pages: number;
}>;

/** Numbers an interval's traffic by page is folded into. */
const BUCKETS = 256;
/** Intervals on each side of a cut that are compared. */
const WINDOW = 4;
/** How much farther apart the sides must be than neighbours within them. */
const NOVELTY = 0.25;

/**
 * The phases of a run cut into intervals. Every interval has a signature: its traffic by page, folded into 256 numbers, as
 * basic-block vectors are folded in SimPoint (T. Sherwood et al., "Automatically characterizing large scale program
 * behavior", ASPLOS 2002); its share of reads; its traffic per time; and the share of its pages that are new. A cut lies
 * where one of these four, averaged over the four intervals before and after, differs (0 to 1; for traffic by page half the
 * Manhattan distance) by 0.25 more than it does between neighbours among those on the average: so a walk through
 * memory, whose intervals are all apart, is one phase. Of neighbouring cuts the clearest stays.
 */
export function phases(demand: Demand): Phase[] {
  const intervals = demand.epochTime.length;
  const signatures = signaturesOf(demand);
  const whole = wholeIntervals(demand);
  const novelty = new Float64Array(intervals);
  for (let cut = 1; cut < whole; cut++) novelty[cut] = noveltyAt(signatures, cut, whole);
  const cuts = [0];
  for (let cut = 1; cut < whole; cut++) {
    if (novelty[cut] <= NOVELTY) continue;
    const around = novelty.subarray(Math.max(1, cut - WINDOW + 1), cut + WINDOW);
    const clearest = around.every((other, i) => {
      const at = Math.max(1, cut - WINDOW + 1) + i;
      return other < novelty[cut] || (other === novelty[cut] && at >= cut);
    });
    if (clearest) cuts.push(cut);
  }
  return cuts.map((from, i) => phaseOf(demand, from, cuts[i + 1] ?? intervals));
}

/** Intervals that can be compared: the last one may be but the rest of the run, too short to tell anything. */
function wholeIntervals({ epochStart, epochTime, reads, writes }: Demand): number {
  const traffic = [2, 1].map((back) => {
    let sum = 0;
    const e = epochTime.length - back;
    for (let i = epochStart[e]; i < epochStart[e + 1]; i++) sum += reads[i] + writes[i];
    return sum;
  });
  return epochTime.length > 1 && 2 * traffic[1] < traffic[0]
    ? epochTime.length - 1
    : epochTime.length;
}

/** What a signature has behind its buckets. */
const [READS, RATE, NEW] = [BUCKETS, BUCKETS + 1, BUCKETS + 2];
const SIGNATURE = BUCKETS + 3;

function signaturesOf({ epochStart, epochTime, page, reads, writes }: Demand): Float64Array {
  const intervals = epochTime.length;
  const signatures = new Float64Array(intervals * SIGNATURE);
  const rate = new Float64Array(intervals);
  let seen = 0;
  for (let e = 0; e < intervals; e++) {
    const at = e * SIGNATURE;
    const before = seen;
    let read = 0;
    let traffic = 0;
    for (let i = epochStart[e]; i < epochStart[e + 1]; i++) {
      signatures[at + (Math.imul(page[i], 0x9e37_79b1) >>> 24)] += reads[i] + writes[i];
      traffic += reads[i] + writes[i];
      read += reads[i];
      // Pages are numbered as they are first touched.
      if (page[i] >= seen) seen = page[i] + 1;
    }
    for (let b = 0; b < BUCKETS; b++) signatures[at + b] /= Math.max(1, traffic);
    signatures[at + READS] = read / Math.max(1, traffic);
    signatures[at + NEW] = (seen - before) / Math.max(1, epochStart[e + 1] - epochStart[e]);
    rate[e] = traffic / Math.max(1, epochTime[e]);
  }
  // In the first interval everything is new, whatever the program does.
  if (intervals > 1) signatures[NEW] = signatures[SIGNATURE + NEW];
  const most = rate.reduce((a, b) => Math.max(a, b), 0);
  for (let e = 0; e < intervals; e++)
    signatures[e * SIGNATURE + RATE] = most === 0 ? 0 : rate[e] / most;
  return signatures;
}

/** The mean signature of some intervals. */
function meanOf(signatures: Float64Array, from: number, to: number): Float64Array {
  const mean = new Float64Array(SIGNATURE);
  for (let e = from; e < to; e++)
    for (let k = 0; k < SIGNATURE; k++) mean[k] += signatures[e * SIGNATURE + k] / (to - from);
  return mean;
}

/** How far apart two signatures are in each respect: traffic that is elsewhere, reads, rate, new pages. */
function distances(a: Float64Array, b: Float64Array): number[] {
  let elsewhere = 0;
  for (let k = 0; k < BUCKETS; k++) elsewhere += Math.abs(a[k] - b[k]) / 2;
  return [elsewhere, ...[READS, RATE, NEW].map((k) => Math.abs(a[k] - b[k]))];
}

function noveltyAt(signatures: Float64Array, cut: number, intervals: number): number {
  const from = Math.max(0, cut - WINDOW);
  const to = Math.min(intervals, cut + WINDOW);
  const one = (e: number) => signatures.subarray(e * SIGNATURE, (e + 1) * SIGNATURE);
  const within = [0, 0, 0, 0];
  for (let e = from + 1; e < to; e++) {
    if (e === cut) continue;
    const apart = distances(one(e - 1), one(e));
    for (let k = 0; k < within.length; k++) within[k] += apart[k];
  }
  const pairs = Math.max(1, to - from - 2);
  const across = distances(meanOf(signatures, from, cut), meanOf(signatures, cut, to));
  return Math.max(...across.map((apart, k) => apart - within[k] / pairs));
}

function phaseOf(demand: Demand, from: number, to: number): Phase {
  const { epochStart, epochTime, page, pages, reads, writes } = demand;
  const seen = new Uint8Array(pages.length);
  const timeTo = (end: number) => epochTime.subarray(0, end).reduce((sum, t) => sum + t, 0);
  let read = 0;
  let lines = 0;
  let touched = 0;
  for (let i = epochStart[from]; i < epochStart[to]; i++) {
    read += reads[i];
    lines += reads[i] + writes[i];
    touched += 1 - seen[page[i]];
    seen[page[i]] = 1;
  }
  let all = 0;
  for (let i = 0; i < page.length; i++) all += reads[i] + writes[i];
  return {
    fromInterval: from,
    toInterval: to,
    start: timeTo(from),
    end: timeTo(to),
    share: lines / Math.max(1, all),
    readShare: read / Math.max(1, lines),
    pages: touched,
  };
}
