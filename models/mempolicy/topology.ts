/** A node as the page allocator sees it. */
export type TopologyNode = Readonly<{
  id: number;
  /** Memory of the node, and how much of it is the kernel's own from the start (struct pages, its image). */
  capacityPages: number;
  reservedPages: number;
  /** CPUs of the node; none on a node that is memory only. */
  cpus: readonly number[];
  /** Memory tier, 0 the fastest. */
  tier: number;
  /** What firmware says of it (HMAT, best initiator), MB/s; absent where it says nothing. */
  bandwidthMbps?: number;
}>;

/**
 * All that memory policy needs to know of a machine: its nodes in ascending order of id, and how far they are from each
 * other (ACPI SLIT: 10 is a node itself), a row a node.
 */
export type Topology = Readonly<{
  nodes: readonly TopologyNode[];
  distances: readonly (readonly number[])[];
  pageBytes: number;
}>;
