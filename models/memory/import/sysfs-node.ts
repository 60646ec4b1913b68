import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { idList } from './id-list.ts';
import { smallFile } from './text-file.ts';

/** What firmware tells of a node and its best initiators: MB/s and ns; Documentation/admin-guide/mm/numaperf.rst. */
export type Initiators = Readonly<{
  /** `access0` or `access1`. */
  access: string;
  nodes: readonly number[];
  readMbps: number;
  writeMbps: number;
  readNs: number;
  writeNs: number;
}>;

/** One `nodeN` folder. */
export type SysfsNode = Readonly<{
  id: number;
  cpus: readonly number[];
  /** MemTotal; 0 for a node without memory. */
  bytes: number;
  /** To each node that is online, in their order. */
  distance: readonly number[];
  initiators?: Initiators;
  /** Bytes of the cache in front of the node's memory, if it has one. */
  sideCacheBytes: number;
}>;

/** The nodes of `devices/system/node` that are online, ascending. Throws where one cannot be read. */
export function sysfsNodes(folder: string): SysfsNode[] {
  const found = readdirSync(folder)
    .map((name) => /^node(\d{1,4})$/.exec(name)?.[1])
    .filter((id) => id !== undefined)
    .map(Number);
  const online = idList(smallFile(join(folder, 'online')) ?? '');
  const ids = found.filter((id) => !online?.length || online.includes(id)).sort((a, b) => a - b);
  return ids.map((id) => sysfsNode(folder, id, ids));
}

function sysfsNode(folder: string, id: number, ids: readonly number[]): SysfsNode {
  const at = (name: string) => join(folder, `node${id}`, name);
  const meminfo = smallFile(at('meminfo')) ?? '';
  const [, kib] = /MemTotal:\s*(\d+) kB/.exec(meminfo) ?? [];
  const cpus = idList(smallFile(at('cpulist')) ?? '');
  if (cpus === undefined) throw new Error(`${at('cpulist')}: is no list of CPUs (expected 0-3,8)`);
  const distance = (smallFile(at('distance')) ?? '').split(/\s+/).filter(Boolean).map(Number);
  const whole = distance.length === ids.length && distance.every((d) => Number.isInteger(d));
  if (distance.length > 0 && !whole) {
    throw new Error(
      `${at('distance')}: (got ${distance.length} figures, expected ${ids.length}, one for each node online)`,
    );
  }
  const initiators = initiatorsOf(at(''), ids);
  return {
    id,
    cpus,
    bytes: Number(kib ?? 0) * 1024,
    distance,
    ...(initiators === undefined ? {} : { initiators }),
    sideCacheBytes: sideCache(at('memory_side_cache')),
  };
}

/** `access0` is of all initiators, `access1` of CPUs only: the first that names a node. */
function initiatorsOf(node: string, ids: readonly number[]): Initiators | undefined {
  for (const access of ['access1', 'access0']) {
    const folder = join(node, access, 'initiators');
    if (!existsSync(folder)) continue;
    const nodes = readdirSync(folder)
      .map((name) => /^node(\d{1,4})$/.exec(name)?.[1])
      .filter((id) => id !== undefined)
      .map(Number)
      .filter((id) => ids.includes(id))
      .sort((a, b) => a - b);
    const figure = (name: string) => Number(smallFile(join(folder, name)) ?? 0) || 0;
    const readMbps = figure('read_bandwidth');
    if (nodes.length === 0 || readMbps <= 0) continue;
    return {
      access,
      nodes,
      readMbps,
      writeMbps: figure('write_bandwidth'),
      readNs: figure('read_latency'),
      writeNs: figure('write_latency'),
    };
  }
  return undefined;
}

function sideCache(folder: string): number {
  if (!existsSync(folder)) return 0;
  const sizes = readdirSync(folder).map((index) => Number(smallFile(join(folder, index, 'size'))));
  return sizes.reduce((sum, bytes) => sum + (bytes || 0), 0);
}
