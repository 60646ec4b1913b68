import { type Implausible, implausible } from '../implausible.ts';
import type { Machine } from '../machine.ts';
import type { ImportOptions, KernelWeights, MachineFacts, SocketFacts } from './facts.ts';
import { machineOfFacts } from './machine-of-facts.ts';
import { readSource } from './read-source.ts';

/** What the user says of the machine itself, in place of what a source says or does not. */
export type MachineOverrides = Readonly<{
  name?: string;
  /** Of each socket. */
  cores?: number;
  /** Hardware threads of each socket. */
  threads?: number;
  clockGhz?: number;
  lineFillBuffers?: number;
  /** Lanes of the links of CXL devices. */
  lanes?: number;
}>;

/** A machine made of a source, and what one should know of it. */
export type ImportedMachine = Readonly<{
  machine: Machine;
  /** What was read, whole sentences. */
  read: readonly string[];
  /** Assumptions that went into it, each with the places it is for. */
  assumed: readonly Readonly<{ sentence: string; places: readonly string[] }>[];
  /** What in the source looks wrong or was left out, whole sentences. */
  doubts: readonly string[];
  /** What in the machine cannot be true. */
  flags: readonly Implausible[];
  weights?: KernelWeights;
}>;

/** Reads a source and makes a machine of it, put onto `options.onto` where there is one. */
export function importMachine(
  kind: string,
  path: string,
  options: ImportOptions = {},
  overrides: MachineOverrides = {},
): ImportedMachine {
  const facts = readSource(kind, path, options);
  const made = machineOfFacts(overridden(facts, overrides, options.onto), options.onto);
  const machine = { ...made, name: overrides.name ?? made.name };
  return {
    machine,
    read: facts.read,
    assumed: assumptionsIn(machine),
    doubts: [...facts.doubts, ...lostNodes(machine, options.onto)],
    flags: implausible(machine, overrides.lanes),
    ...(facts.weights === undefined ? {} : { weights: facts.weights }),
  };
}

function lostNodes({ nodes }: Machine, onto: Machine | undefined): string[] {
  const lost = (onto?.nodes ?? []).filter(({ id }) => !nodes.some((n) => n.id === id));
  return lost.map(({ id }) => `Node ${id} of the machine it is put onto is not there: left out.`);
}

function overridden(facts: MachineFacts, given: MachineOverrides, onto?: Machine): MachineFacts {
  const said = (value: number | undefined, option: string) =>
    value === undefined ? undefined : { value, source: `given with ${option}` };
  const all: SocketFacts = {
    cores: said(given.cores, '--cores'),
    threads: said(given.threads, '--threads'),
    clockGhz: said(given.clockGhz, '--clock-ghz'),
    lineFillBuffers: said(given.lineFillBuffers, '--line-fill-buffers'),
  };
  const set = Object.fromEntries(Object.entries(all).filter(([, v]) => v !== undefined));
  if (Object.keys(set).length === 0) return facts;
  const count =
    1 +
    Math.max(
      0,
      ...facts.paths.map((p) => p.socket),
      ...facts.nodes.map((n) => n.socket?.value ?? 0),
    );
  const sockets =
    facts.sockets ?? Array.from({ length: Math.max(count, onto?.sockets.length ?? 0) }, () => ({}));
  return { ...facts, sockets: sockets.map((socket) => ({ ...socket, ...set })) };
}

function assumptionsIn({ source }: Machine): ImportedMachine['assumed'] {
  const places = new Map<string, string[]>();
  for (const [place, sentence] of Object.entries(typeof source === 'object' ? source : {})) {
    const at = sentence.indexOf('assumption: ');
    if (at < 0) continue;
    const key = sentence.slice(at + 'assumption: '.length);
    places.set(key, [...(places.get(key) ?? []), place]);
  }
  return [...places].map(([sentence, at]) => ({ sentence, places: at }));
}
