import { basename } from 'node:path';
import { z } from 'zod';
import { parseJson } from '../../../traces/parse-json.ts';
import type { Machine } from '../machine.ts';
import { counted } from './counted.ts';
import type { ImportOptions, MachineFacts, NodeFacts } from './facts.ts';
import { textFile } from './text-file.ts';

const EXPECTED = 'output of cxl list -M';

/** Sizes are bytes, or with `-u` text: `256.00 GiB (274.88 GB)`. */
const size = z.union([z.number(), z.string()]).optional();
const memdev = z.looseObject({
  memdev: z.string(),
  ram_size: size,
  pmem_size: size,
  numa_node: z.int().min(0).max(1023).optional(),
  host: z.string().optional(),
  state: z.string().optional(),
});

type Device = Readonly<{
  name: string;
  bytes: number;
  /** What `bytes` is: `ram_size` or `pmem_size`. */
  key: string;
  /** The node of the CPUs it is attached to. */
  cpuNode: number | undefined;
}>;

/**
 * What `cxl list -M` prints of CXL memory devices: how large they are and on which node's CPUs they hang. Source: ndctl,
 * Documentation/cxl/cxl-list.txt; `numa_node` is that of the PCI device (Documentation/ABI/testing/sysfs-bus-cxl), not the
 * node its memory becomes. Which node that is, is not said: on each socket devices and CXL nodes are paired in order.
 */
export function readCxl(path: string, { onto }: ImportOptions = {}): MachineFacts {
  const file = basename(path);
  const found: Device[] = [];
  const doubts: string[] = [];
  const value = parseJson(path, textFile(path, EXPECTED), z.unknown());
  for (const entry of memdevsIn(value)) {
    const device = deviceOf(path, entry);
    if (entry.state === 'disabled') doubts.push(`${device.name} is disabled: left out.`);
    else if (device.bytes === 0) doubts.push(`${device.name} has no memory: left out.`);
    else {
      if (device.key === 'pmem_size')
        doubts.push(`${device.name} has persistent memory only: it was taken for a node's.`);
      found.push(device);
    }
  }
  if (found.length === 0) throw new Error(`${path}: no memory device in it (expected ${EXPECTED})`);
  const lost = found.filter(({ cpuNode }) => cpuNode === undefined);
  if (lost.length > 0) {
    const names = lost.map(({ name }) => name).join(', ');
    doubts.push(`${names}: numa_node is not said, taken for 0.`);
  }
  const nodes = onto === undefined ? alone(file, found) : paired(file, found, onto, doubts);
  return {
    file,
    nodes,
    paths: [],
    read: [`${found.map(({ name, bytes }) => `${name} ${bytes / 2 ** 30} GiB`).join(', ')}.`],
    doubts,
  };
}

/** Everything with the name of a `memdev` in it, however deep: other options of `cxl list` nest it. */
function memdevsIn(value: unknown, depth = 0): Record<string, unknown>[] {
  if (typeof value !== 'object' || value === null || depth > 32) return [];
  const inner = Object.values(value).flatMap((v) => memdevsIn(v, depth + 1));
  const own = 'memdev' in value && typeof value.memdev === 'string';
  return own ? [value as Record<string, unknown>, ...inner] : inner;
}

function deviceOf(path: string, entry: Record<string, unknown>): Device {
  const read = parseJson(path, JSON.stringify(entry), memdev);
  const ram = bytesOf(path, read.memdev, read.ram_size);
  const bytes = ram > 0 ? ram : bytesOf(path, read.memdev, read.pmem_size);
  const key = ram > 0 ? 'ram_size' : 'pmem_size';
  const at = read.host === undefined ? '' : ` at ${read.host}`;
  return { name: `${read.memdev}${at}`, bytes, key, cpuNode: read.numa_node };
}

function bytesOf(path: string, name: string, given: number | string | undefined): number {
  const [, figure, unit] = /^([\d.]+) ([KMGT])iB/.exec(String(given)) ?? [];
  const bytes =
    figure === undefined ? Number(given ?? 0) : Number(figure) * 1024 ** ' KMGT'.indexOf(unit);
  if (Number.isSafeInteger(Math.round(bytes)) && bytes >= 0) return Math.round(bytes);
  throw new Error(`${path}: ${name}: size (got ${JSON.stringify(given)}, expected bytes)`);
}

/** The CXL nodes of a machine nothing else is known of: a node of DRAM for each node with CPUs that is named. */
function alone(file: string, devices: readonly Device[]): NodeFacts[] {
  const cpuNodes = 1 + Math.max(...devices.map(({ cpuNode }) => cpuNode ?? 0));
  return [
    ...Array.from(
      { length: cpuNodes },
      (_, id): NodeFacts => ({
        id,
        kind: { value: 'dram', source: 'assumption: DRAM, as devices hang on its CPUs' },
        socket: { value: id, source: 'assumption: a socket for each node with CPUs' },
      }),
    ),
    ...devices.map((device, i) => nodeOf(file, cpuNodes + i, device.cpuNode ?? 0, [device])),
  ];
}

function paired(
  file: string,
  devices: readonly Device[],
  onto: Machine,
  doubts: string[],
): NodeFacts[] {
  const socketOf = ({ cpuNode = 0 }: Device) => onto.nodes.find((n) => n.id === cpuNode)?.socket;
  let next = 1 + Math.max(...onto.nodes.map(({ id }) => id));
  const made: NodeFacts[] = [];
  for (const socket of onto.sockets.keys()) {
    const own = devices.filter((device) => socketOf(device) === socket);
    const nodes = onto.nodes.filter((n) => n.kind === 'cxl' && n.socket === socket);
    if (own.length === 0) continue;
    if (nodes.length === 0) {
      made.push(...own.map((device) => nodeOf(file, next++, socket, [device])));
    } else if (nodes.length === 1) {
      made.push(nodeOf(file, nodes[0].id, socket, own));
      if (own.length > 1)
        doubts.push(
          `${own.length} devices on socket ${socket} were taken for one node, interleaved.`,
        );
    } else if (nodes.length === own.length) {
      made.push(...own.map((device, i) => nodeOf(file, nodes[i].id, socket, [device])));
    } else {
      doubts.push(
        `Socket ${socket} has ${counted(own.length, 'device')} and ${counted(nodes.length, 'CXL node')}: which are whose is not known, nothing was changed.`,
      );
    }
  }
  const strange = devices.filter((device) => socketOf(device) === undefined);
  if (strange.length > 0) {
    const names = strange.map(({ name, cpuNode }) => `${name} on node ${cpuNode}`).join(', ');
    doubts.push(`${names}: the machine has no such node, left out.`);
  }
  return made.sort((a, b) => a.id - b.id);
}

function nodeOf(file: string, id: number, socket: number, devices: readonly Device[]): NodeFacts {
  const names = devices.map(({ name, key }) => `${name}, ${key}`).join('; ');
  return {
    id,
    kind: { value: 'cxl', source: `${file}: memory devices` },
    socket: { value: socket, source: `${file}: numa_node`, guess: true },
    capacityBytes: {
      value: devices.reduce((sum, { bytes }) => sum + bytes, 0),
      source: `${file}: ${names}${devices.length > 1 ? '; assumption: interleaved as one node' : ''}`,
    },
  };
}
