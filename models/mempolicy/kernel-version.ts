/** What differs between the kernels modelled, as their transcripts and sources show. */
export type KernelVersion = Readonly<{
  name: string;
  /** Weights derived from firmware bandwidths, and the sysfs file `auto` (6.16). Before, a weight of 0 means 1. */
  autoWeights: boolean;
  /** MPOL_F_NUMA_BALANCING alone makes a policy keep the user's own nodemask (until 7.x). */
  balancingKeepsNodemask: boolean;
  /** A write to the huge zero page gets a huge page (6.13), not one base page. */
  hugeZeroBecomesHuge: boolean;
  /** A mapping with pages merges with a neighbour that never had any (6.16), not only the other way round. */
  mergesWithUntouched: boolean;
  /** Tables that go are listed on a page (6.14 for any kernel; before, for those built for guests of some hypervisors). */
  gathersTables: boolean;
  /** MADV_DONTNEED frees the tables it empties (6.14) and takes all mappings in its range as one (6.16). */
  discardsAsOne: boolean;
}>;

/** The kernels there are transcripts of, by the name `--kernel` takes. */
export const KERNEL_VERSIONS: ReadonlyMap<string, KernelVersion> = new Map(
  [
    {
      name: '6.12',
      autoWeights: false,
      balancingKeepsNodemask: true,
      hugeZeroBecomesHuge: false,
      mergesWithUntouched: false,
      gathersTables: false,
      discardsAsOne: false,
    },
    {
      name: '6.18',
      autoWeights: true,
      balancingKeepsNodemask: true,
      hugeZeroBecomesHuge: true,
      mergesWithUntouched: true,
      gathersTables: true,
      discardsAsOne: true,
    },
    {
      name: '7.3',
      autoWeights: true,
      balancingKeepsNodemask: false,
      hugeZeroBecomesHuge: true,
      mergesWithUntouched: true,
      gathersTables: true,
      discardsAsOne: true,
    },
  ].map((version) => [version.name, version]),
);

/** The kernel assumed where none is named: the latest with long-term support among them. */
export const DEFAULT_KERNEL = '6.18';

/** A kernel by its name. Throws where it is none of those modelled. */
export function kernelVersion(name: string): KernelVersion {
  const version = KERNEL_VERSIONS.get(name);
  if (version !== undefined) return version;
  const names = [...KERNEL_VERSIONS.keys()].join(', ');
  throw new Error(`kernel: unknown (got ${JSON.stringify(name)}, expected one of ${names})`);
}
