import type { DemandMetadata } from './demand.ts';

type Sampled = Pick<DemandMetadata, 'samplePeriod' | 'sampleLength' | 'accesses'>;

/** True of a trace that holds a sample of all accesses; with period 1, nobody knows one of how many. */
export function isSampled({
  samplePeriod,
  sampleLength,
}: Pick<Sampled, 'samplePeriod' | 'sampleLength'>): boolean {
  return samplePeriod > 1 || sampleLength !== undefined;
}

/** Half-width of a 95 % interval of a normal distribution, in standard deviations. */
const Z95 = 1.96;

/** How far the counts of a sampled trace can be off, half-widths of 95 % intervals. */
export type SamplingError = Readonly<{
  /** Samples that are independent of each other: a run of accesses in a row is one. */
  samples: number;
  /** Of lines in total, as a share of them. */
  total: number;
  /** Of the share of lines that falls on a node, at most: that of a half. */
  share: number;
}>;

/**
 * The error that sampling leaves: of n independent samples, a share p has the standard deviation sqrt(p (1 - p) / n), and
 * their number, which stands for the total, sqrt(n) (W. G. Cochran, "Sampling Techniques", 3rd edition, 1977, chapter 3).
 * Undefined where every access was recorded.
 *
 * Left out: that runs in a row may be worth more than one sample, and any bias of the sampler itself (a PMU skids, DAMON
 * sees pages and not lines).
 */
export function samplingError(metadata: Sampled): SamplingError | undefined {
  if (!isSampled(metadata)) return undefined;
  const { sampleLength = 1, accesses } = metadata;
  const samples = Math.max(1, Math.floor(accesses / sampleLength));
  return { samples, total: Z95 / Math.sqrt(samples), share: Z95 * Math.sqrt(0.25 / samples) };
}

/** What a reader should know of a demand made of a sampled trace; nothing where every access was recorded. */
export function samplingSentences(metadata: Sampled & Pick<DemandMetadata, 'caches'>): string[] {
  const error = samplingError(metadata);
  if (error === undefined) return [];
  const { samplePeriod, sampleLength = 1, caches } = metadata;
  const percent = (share: number) => `${Number((100 * share).toPrecision(2))}`;
  const runs = sampleLength === 1 ? '' : `, in runs of ${sampleLength.toLocaleString('en-US')}`;
  const samples = `From ${error.samples.toLocaleString('en-US')} samples`;
  const share = `a node's share of traffic is known to +-${percent(error.share)} points (95 % intervals)`;
  const said =
    samplePeriod === 1
      ? `It is a sample of all accesses${runs}; one of how many is not known, so only shares mean something. ${samples}, ` +
        `${share}.`
      : `One access in ${samplePeriod.toLocaleString('en-US')} was recorded${runs}, and each line counts as often. ${samples}, ` +
        `total traffic is known to +-${percent(error.total)} %, ${share}.`;
  if (caches === undefined) return [said];
  return [
    said,
    'It was sampled before the caches. Which accesses hit cannot be known, so each counts as a line of memory: traffic ' +
      'is too high by what the caches keep away, and pages that stay in the caches weigh too much.',
  ];
}
