import type { Curve } from '../curve.ts';
import type { Machine, MachineNode } from '../machine.ts';

/**
 * A value and the sentence on where it is from, as `source` of a machine file has it. `guess` marks what the reader
 * concludes rather than reads: the machine it is put onto knows better.
 */
export type Said<T> = Readonly<{ value: T; source: string; guess?: boolean }>;

/** What a source says of one socket. */
export type SocketFacts = Readonly<{
  cores?: Said<number> | undefined;
  /** Hardware threads of all its cores. */
  threads?: Said<number> | undefined;
  lineFillBuffers?: Said<number> | undefined;
  clockGhz?: Said<number> | undefined;
}>;

/** What a source says of one memory node. */
export type NodeFacts = Readonly<{
  id: number;
  kind?: Said<MachineNode['kind']>;
  socket?: Said<number> | undefined;
  tier?: Said<number>;
  capacityBytes?: Said<number>;
  reservedBytes?: Said<number>;
  hmat?: Said<NonNullable<MachineNode['hmat']>>;
}>;

/** What a source says of the way from a socket to a node. */
export type PathFacts = Readonly<{
  socket: number;
  node: number;
  /** As firmware tells it (ACPI SLIT), from the nearest CPUs of the socket. */
  distance?: number;
  idleNs?: Said<number>;
  curve?: Said<Curve>;
}>;

/** The weights a kernel had for weighted interleaving, and whether it made them itself. */
export type KernelWeights = Readonly<{
  nodes: readonly Readonly<{ id: number; weight: number }>[];
  auto?: boolean;
}>;

/** What one source says of a machine, and no more. */
export type MachineFacts = Readonly<{
  /** Base name of what was read. */
  file: string;
  name?: string;
  description?: string;
  /** All sockets, in their order; or nothing of them. */
  sockets?: readonly SocketFacts[];
  caches?: Said<Machine['caches']>;
  /** Ascending by id. */
  nodes: readonly NodeFacts[];
  /** Whether `nodes` is every node the machine has. */
  allNodes?: boolean;
  paths: readonly PathFacts[];
  /** A row for each of `nodes`. */
  distances?: Said<number[][]>;
  weights?: KernelWeights;
  /** What was read, whole sentences. */
  read: readonly string[];
  /** What in the source looks wrong or was left out, whole sentences. */
  doubts: readonly string[];
}>;

/** What the user says beside the source. */
export type ImportOptions = Readonly<{
  /** The machine the facts will be put onto. */
  onto?: Machine | undefined;
  /** Clock of files in cycles. */
  ghz?: number | undefined;
  /** The node a file is about that does not say. */
  node?: number | undefined;
  /** The socket it was measured from. */
  socket?: number | undefined;
  /** Added to every latency. */
  addNs?: number | undefined;
}>;
