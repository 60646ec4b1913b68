import type { Machine } from '../machine.ts';

/** A node as the kernel lists it: its CPUs, its memory, and its distance to each node listed, in their order. */
export type ListedNode = Readonly<{
  id: number;
  cpus: readonly number[];
  bytes: number;
  distance: readonly number[];
}>;

/** How the nodes of a machine are arranged. */
export type NodeLayout<T extends ListedNode> = Readonly<{
  memory: readonly T[];
  withCpus: readonly T[];
  /** The socket of each node with CPUs, by its id. */
  socketOf: ReadonlyMap<number, number>;
  sockets: number;
  /** The node with CPUs a node belongs to: itself, else the first of `initiators`, else the nearest. */
  homeOf: (node: T, initiators?: readonly number[]) => number;
  /** From the nearest CPUs of a socket, if told. */
  distanceFrom: (socket: number, node: T) => number | undefined;
  /** Between the nodes with memory; nothing where they are not told or cannot be. */
  distances?: number[][];
  doubts: readonly string[];
}>;

/**
 * Arranges nodes as the kernel lists them. Where their sockets are not known they are those of `onto`, and where it does not
 * have all nodes with CPUs either, each of these is a socket. Throws where no node has memory, or none has CPUs.
 */
export function nodeLayout<T extends ListedNode>(
  path: string,
  all: readonly T[],
  known: ReadonlyMap<number, number> | undefined,
  onto: Machine | undefined,
): NodeLayout<T> {
  const withCpus = all.filter((node) => node.cpus.length > 0);
  const memory = all.filter((node) => node.bytes > 0);
  if (memory.length === 0) throw new Error(`${path}: no node with memory (expected one at least)`);
  if (withCpus.length === 0) throw new Error(`${path}: no node with CPUs (expected one at least)`);
  const ontoNode = (id: number) => onto?.nodes.find((n) => n.id === id);
  const asOnto = withCpus.every(({ id }) => ontoNode(id) !== undefined);
  const socketOf =
    known ?? new Map(withCpus.map(({ id }, i) => [id, asOnto ? (ontoNode(id)?.socket ?? i) : i]));
  const place = new Map(all.map((node, i) => [node.id, i]));
  const distance = (from: T, to: T): number | undefined => from.distance[place.get(to.id) ?? -1];
  const square = memory.map((a) => memory.map((b) => distance(a, b)));
  const told = square.flat().every((d) => d !== undefined);
  const possible = square.every((row, i) =>
    row.every((d, k) => d !== undefined && (i === k ? d === 10 : d > 10 && d <= 254)),
  );
  return {
    memory,
    withCpus,
    socketOf,
    sockets: 1 + Math.max(...socketOf.values()),
    homeOf: (node, initiators = []) => {
      if (node.cpus.length > 0) return node.id;
      const initiator = initiators.find((id) => socketOf.has(id));
      if (initiator !== undefined) return initiator;
      const far = (from: T) => distance(from, node) ?? Number.MAX_VALUE;
      return withCpus.reduce((best, from) => (far(from) < far(best) ? from : best)).id;
    },
    distanceFrom: (socket, node) => {
      const ways = withCpus
        .filter(({ id }) => socketOf.get(id) === socket)
        .map((from) => distance(from, node))
        .filter((d) => d !== undefined && d >= 10 && d <= 254);
      return ways.length === 0 ? undefined : Math.min(...(ways as number[]));
    },
    ...(possible ? { distances: square as number[][] } : {}),
    doubts:
      told && !possible
        ? ['Distances are not 10 for a node itself and 11 to 254 for others: left out.']
        : [],
  };
}
