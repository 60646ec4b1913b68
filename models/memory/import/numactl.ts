import { basename } from 'node:path';
import { lineError } from '../../../traces/line-error.ts';
import { counted } from './counted.ts';
import type { ImportOptions, MachineFacts, NodeFacts } from './facts.ts';
import { type ListedNode, nodeLayout } from './node-layout.ts';
import { textFile } from './text-file.ts';

const EXPECTED = 'output of numactl --hardware';

/**
 * What `numactl --hardware` prints: nodes, their CPUs and sizes (its MB are MiB), and their distances. Source: numactl 2.0.18,
 * numactl.c. It knows no sockets, no bandwidths and no latencies.
 */
export function readNumactl(path: string, { onto }: ImportOptions = {}): MachineFacts {
  const file = basename(path);
  const all = listedNodes(path, textFile(path, EXPECTED));
  const layout = nodeLayout(path, all, undefined, onto);
  const { memory, withCpus, socketOf, sockets, homeOf } = layout;
  const threads = (socket: number) =>
    withCpus
      .filter(({ id }) => socketOf.get(id) === socket)
      .reduce((sum, { cpus }) => sum + cpus.length, 0);
  return {
    file,
    sockets: Array.from({ length: sockets }, (_, socket) => ({
      threads: { value: threads(socket), source: `${file}: cpus of its nodes` },
    })),
    allNodes: true,
    nodes: memory.map((node): NodeFacts => {
      const home = homeOf(node);
      const own = home === node.id;
      return {
        id: node.id,
        kind: {
          value: own ? 'dram' : 'cxl',
          source: `assumption: ${own ? 'DRAM, as the node has CPUs' : 'CXL, as the node has no CPUs'}`,
          guess: true,
        },
        socket: {
          value: socketOf.get(home) as number,
          source: `assumption: ${own ? 'a socket for each node with CPUs' : 'the nearest, by distance'}`,
          guess: true,
        },
        capacityBytes: { value: node.bytes, source: `${file}: node ${node.id} size` },
        reservedBytes: {
          value: 0,
          source: `${file}: sizes are what remains beside the kernel's table of pages`,
        },
      };
    }),
    paths: Array.from({ length: sockets }, (_, socket) =>
      memory.map((node) => {
        const distance = layout.distanceFrom(socket, node);
        return { socket, node: node.id, ...(distance === undefined ? {} : { distance }) };
      }),
    ).flat(),
    ...(layout.distances === undefined
      ? {}
      : { distances: { value: layout.distances, source: `${file}: node distances` } }),
    read: [`${counted(memory.length, 'node')} with memory, ${withCpus.length} with CPUs.`],
    doubts: [
      ...layout.doubts,
      ...(onto === undefined
        ? ['No bandwidth and no latency is in it: those of all paths are plain assumptions.']
        : []),
    ],
  };
}

function listedNodes(path: string, text: string): ListedNode[] {
  const nodes = new Map<number, { cpus: number[]; bytes: number; distance: number[] }>();
  const node = (id: string) => {
    const known = nodes.get(Number(id)) ?? { cpus: [], bytes: 0, distance: [] };
    nodes.set(Number(id), known);
    return known;
  };
  let columns = 0;
  for (const [i, line] of text.split('\n').entries()) {
    const [, cpusOf, cpus] = /^node (\d{1,4}) cpus:((?:\s+\d+)*)\s*$/.exec(line) ?? [];
    const [, sizeOf, size] = /^node (\d{1,4}) size:\s*(\d+) MB\s*$/.exec(line) ?? [];
    const [, from, row] = /^\s*(\d{1,4}):((?:\s+\d+)+)\s*$/.exec(line) ?? [];
    const header = /^node((?:\s+\d+)+)\s*$/.exec(line)?.[1];
    if (cpusOf !== undefined) node(cpusOf).cpus = numbers(cpus);
    else if (sizeOf !== undefined) node(sizeOf).bytes = Number(size) * 2 ** 20;
    else if (header !== undefined) columns = numbers(header).length;
    else if (from !== undefined) {
      const distance = numbers(row);
      if (distance.length !== columns)
        throw lineError(path, i + 1, 'row of distances', line, `${columns} distances`);
      node(from).distance = distance;
    } else if (/^node \d+ (cpus|size):/.test(line) && !/not available/.test(line)) {
      throw lineError(path, i + 1, 'node', line, 'CPUs, or a size in MB');
    }
  }
  if (nodes.size === 0) throw new Error(`${path}: no node in it (expected ${EXPECTED})`);
  const listed = [...nodes].map(([id, rest]) => ({ id, ...rest })).sort((a, b) => a.id - b.id);
  const odd = listed.find(({ distance }) => columns > 0 && distance.length !== listed.length);
  if (odd !== undefined) {
    throw new Error(
      `${path}: distances of node ${odd.id} (got ${odd.distance.length}, expected ${listed.length}, one for each node)`,
    );
  }
  return listed;
}

function numbers(text: string): number[] {
  return text.split(/\s+/).filter(Boolean).map(Number);
}
