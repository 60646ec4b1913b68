import type { Machine, MachinePath } from './machine.ts';

/** What a time model needs of a machine, seen from some of its sockets; plain data, so that workers can be sent it. */
export type MemorySystem = Readonly<{
  lineBytes: number;
  /** Every socket's path to every node: socket by socket, each in ascending order of node id. */
  paths: readonly MachinePath[];
  links: readonly Readonly<{ id: string; readGbps: number; writeGbps: number }>[];
}>;

/** A machine's memory as these of its sockets see it together. */
export function memorySystem(machine: Machine, ...sockets: readonly number[]): MemorySystem {
  return {
    lineBytes: machine.line_bytes,
    paths: sockets.flatMap((socket) =>
      machine.paths.filter((p) => p.socket === socket).sort((a, b) => a.node - b.node),
    ),
    links: (machine.links ?? []).map((l) => ({
      id: l.id,
      readGbps: l.read_gbps,
      writeGbps: l.write_gbps,
    })),
  };
}

/** Of every path of a system, the places of the links it goes over. */
export function linksOfPaths({ paths, links }: MemorySystem): readonly (readonly number[])[] {
  return paths.map(({ via = [] }) => via.map((id) => links.findIndex((link) => link.id === id)));
}
