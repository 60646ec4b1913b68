import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** A node of a made-up `/sys`: what of it is left out has no file. */
export type TreeNode = Readonly<{
  cpus?: string;
  kib?: number;
  distance?: string;
  /** Initiator, then read and write bandwidth (MB/s), then read and write latency (ns). */
  hmat?: readonly [number, number, number, number, number];
}>;

/** Writes a `/sys` with the nodes given, by id, and other files by their path in it. */
export function sysfsTree(
  root: string,
  nodes: Readonly<Record<number, TreeNode>>,
  files: Readonly<Record<string, string>> = {},
): string {
  const write = (path: string, text: string | number) => {
    const file = join(root, 'sys', path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, `${text}\n`);
  };
  for (const [id, { cpus = '', kib = 1 << 20, distance, hmat }] of Object.entries(nodes)) {
    const folder = `devices/system/node/node${id}`;
    write(`${folder}/cpulist`, cpus);
    write(`${folder}/meminfo`, `Node ${id} MemTotal:       ${kib} kB`);
    if (distance !== undefined) write(`${folder}/distance`, distance);
    if (hmat === undefined) continue;
    const [initiator, readMbps, writeMbps, readNs, writeNs] = hmat;
    const access = `${folder}/access0/initiators`;
    write(`${access}/node${initiator}`, '');
    write(`${access}/read_bandwidth`, readMbps);
    write(`${access}/write_bandwidth`, writeMbps);
    write(`${access}/read_latency`, readNs);
    write(`${access}/write_latency`, writeNs);
  }
  for (const [path, text] of Object.entries(files)) write(path, text);
  return root;
}
