import { join } from 'node:path';
import type { Machine } from '../machine.ts';
import type { Said, SocketFacts } from './facts.ts';
import { idList } from './id-list.ts';
import { smallFile } from './text-file.ts';

/** What `devices/system/cpu` says of the CPUs of some nodes. */
export type SysfsCpus = Readonly<{
  /** The socket of each CPU node by its id, counted from 0; nothing where the tree does not say. */
  socketOf?: ReadonlyMap<number, number>;
  sockets: readonly SocketFacts[];
  caches?: Said<Machine['caches']>;
}>;

/**
 * Sockets, cores, clock and caches as `cpu/cpuN/{topology,cache,cpufreq}` have them. `cpusOf` are the CPUs of each node.
 * Source: Documentation/ABI/stable/sysfs-devices-system-cpu, Linux 6.12.
 */
export function sysfsCpus(
  system: string,
  cpusOf: ReadonlyMap<number, readonly number[]>,
): SysfsCpus {
  const file = (cpu: number, name: string) => smallFile(join(system, 'cpu', `cpu${cpu}`, name));
  const packages = new Map<number, number[]>();
  const packageOf = new Map<number, number>();
  let complete = cpusOf.size > 0;
  for (const [node, cpus] of cpusOf) {
    const id = Number(file(cpus[0], 'topology/physical_package_id') ?? Number.NaN);
    if (!Number.isInteger(id) || id < 0) complete = false;
    packageOf.set(node, id);
    packages.set(id, [...(packages.get(id) ?? []), ...cpus]);
  }
  const ids = [...packages.keys()].sort((a, b) => a - b);
  const groups = complete ? ids.map((id) => packages.get(id) ?? []) : [...cpusOf.values()];
  const socketOf = complete
    ? new Map([...packageOf].map(([node, id]) => [node, ids.indexOf(id)]))
    : undefined;
  const caches = cachesOf(system, groups[0] ?? []);
  return {
    ...(socketOf === undefined ? {} : { socketOf }),
    sockets: groups.map((cpus) => socketOfCpus(system, cpus)),
    ...(caches === undefined ? {} : { caches }),
  };
}

function socketOfCpus(system: string, cpus: readonly number[]): SocketFacts {
  const file = (cpu: number, name: string) => smallFile(join(system, 'cpu', `cpu${cpu}`, name));
  const siblings = cpus.map(
    (cpu) => file(cpu, 'topology/core_cpus_list') ?? file(cpu, 'topology/thread_siblings_list'),
  );
  const cores = new Set(siblings.filter((list) => list !== undefined)).size;
  const names = ['base_frequency', 'cpuinfo_max_freq'];
  const name = names.find((n) => Number(file(cpus[0], `cpufreq/${n}`)) > 0);
  return {
    threads: { value: cpus.length, source: 'cpulist of its nodes' },
    ...(cores > 0 && cores <= cpus.length && !siblings.includes(undefined)
      ? { cores: { value: cores, source: 'cpu*/topology/core_cpus_list: distinct lists' } }
      : {}),
    ...(name === undefined
      ? {}
      : {
          clockGhz: {
            value: Number(file(cpus[0], `cpufreq/${name}`)) / 1e6,
            source: `cpu${cpus[0]}/cpufreq/${name}`,
          },
        }),
  };
}

/** The caches the first CPU of a socket sees, in order of level; nothing where a figure of one is missing. */
function cachesOf(system: string, cpus: readonly number[]): Said<Machine['caches']> | undefined {
  const caches: (Machine['caches'][number] & { level: number })[] = [];
  if (cpus.length === 0) return undefined;
  const core = (cpu: number) =>
    smallFile(join(system, 'cpu', `cpu${cpu}`, 'topology/core_cpus_list')) ??
    smallFile(join(system, 'cpu', `cpu${cpu}`, 'topology/thread_siblings_list')) ??
    String(cpu);
  for (let index = 0; index < 16; index++) {
    const file = (name: string) =>
      smallFile(join(system, 'cpu', `cpu${cpus[0]}`, 'cache', `index${index}`, name));
    const type = file('type');
    if (type === undefined) break;
    const [, size, unit] = /^(\d+)([KMG])$/.exec(file('size') ?? '') ?? [];
    const bytes = Number(size) * 1024 ** (' KMG'.indexOf(unit) || Number.NaN);
    const ways = Number(file('ways_of_associativity'));
    const line = Number(file('coherency_line_size'));
    const shared = idList(file('shared_cpu_list') ?? '') ?? [];
    const cores = new Set(shared.filter((cpu) => cpus.includes(cpu)).map(core)).size;
    if (!(bytes > 0 && ways > 0 && line > 0 && cores > 0)) return undefined;
    const holds = ({ Data: 'data', Instruction: 'instructions' } as const)[type];
    caches.push({
      level: Number(file('level')) || index,
      bytes,
      ways,
      line_bytes: line,
      ...(holds === undefined ? {} : { holds }),
      shared_by_cores: cores,
    });
  }
  if (caches.length === 0 || caches.some((c) => c.line_bytes !== 64)) return undefined;
  caches.sort((a, b) => a.level - b.level);
  if (caches[caches.length - 1].holds !== undefined) return undefined;
  return {
    value: caches.map(({ level: _, ...cache }) => cache),
    source: `cpu${cpus[0]}/cache/index*`,
  };
}
