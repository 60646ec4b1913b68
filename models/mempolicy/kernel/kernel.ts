import type { Discipline } from '../discipline.ts';
import type { KernelVersion } from '../kernel-version.ts';
import { MAX_NUMNODES, maskOf, type Nodemask } from '../nodemask.ts';
import type { Topology } from '../topology.ts';
import { watermarks } from '../watermarks.ts';
import type { WeightHome } from '../weight-home.ts';
import { zonelists } from '../zonelist.ts';
import { AddressSpace } from './address-space.ts';
import type { Mempolicy } from './mempolicy.ts';
import { bootWeightTables, type WeightTables } from './weight-tables.ts';

/** What the proposals leave open, as this kernel decides it. */
export type Settings = {
  weightHome: WeightHome;
  discipline: Discipline;
  /** Whether a policy's own weights are taken with MPOL_INTERLEAVE, too. */
  extendInterleave: boolean;
};

/** A control group, its cpuset's memory nodes as written and as they come to. */
export type Cgroup = {
  readonly name: string;
  mems: Nodemask;
  effective_mems: Nodemask;
  old_mems_allowed: Nodemask;
};

/** A process: where it runs, what it may do, its policy, and the counters of its interleaving without addresses. */
export type Task = {
  readonly name: string;
  readonly uid: number;
  readonly cap_sys_nice: boolean;
  cpu: number;
  cgroup: Cgroup;
  mems_allowed: Nodemask;
  mempolicy: Mempolicy | null;
  /** The node the counter is at, and how many more pages it gets. */
  il_prev: number;
  il_weight: number;
  /** How many indices each group of nodes has had, where nodes share a weight; by the group's first node. */
  readonly il_turns: Map<number, number>;
  readonly mm: AddressSpace;
  /** The page tables above the lowest, by level and place: the pages each is for, and its node. */
  readonly upperTables: Map<string, Readonly<{ start: number; end: number; node: number }>>;
  /** Open pidfds: the process each names. */
  readonly pidfds: Map<number, Task>;
  exited: boolean;
};

/** One node's memory, in pages. */
export type NodeMemory = { free: number; readonly atBoot: number; low: number; min: number };

/** When transparent huge pages are used. */
export const HUGE_PAGES = ['always', 'madvise', 'never'] as const;
export type HugePages = (typeof HUGE_PAGES)[number];

/** A simulated kernel: a booted machine, its processes, and all that its memory policies depend on. */
export type Kernel = {
  readonly version: KernelVersion;
  readonly topology: Topology;
  readonly settings: Settings;
  /** `nr_node_ids`: one more than the highest node. */
  readonly nr_node_ids: number;
  /** The nodes with memory (`node_states[N_MEMORY]`). */
  readonly n_memory: Nodemask;
  readonly memory: ReadonlyMap<number, NodeMemory>;
  /** By node id, the ids of all nodes in the order an allocation tries them. */
  readonly zonelists: ReadonlyMap<number, readonly number[]>;
  readonly nodeOfCpu: ReadonlyMap<number, number>;
  readonly weights: WeightTables;
  thp: HugePages;
  /** Node of the huge zero page, once there is one. */
  hugeZeroNode: number | null;
  readonly cgroups: Map<string, Cgroup>;
  readonly tasks: Map<string, Task>;
};

const ROOT_CGROUP = '/';

/** Boots a kernel on a machine; nothing runs yet. */
export function boot(topology: Topology, version: KernelVersion, settings: Settings): Kernel {
  const ids = topology.nodes.map((n) => n.id);
  const marks = watermarks(topology);
  const lists = zonelists(topology);
  const n_memory = maskOf(ids);
  return {
    version,
    topology,
    settings: { ...settings },
    nr_node_ids: Math.max(...ids) + 1,
    n_memory,
    memory: new Map(
      topology.nodes.map(({ id, capacityPages, reservedPages }, k) => {
        const free = capacityPages - reservedPages;
        return [id, { free, atBoot: free, low: marks.low[k], min: marks.min[k] }];
      }),
    ),
    zonelists: new Map(ids.map((id, k) => [id, lists[k].map((place) => ids[place])])),
    nodeOfCpu: new Map(topology.nodes.flatMap(({ id, cpus }) => cpus.map((cpu) => [cpu, id]))),
    weights: bootWeightTables(topology, version),
    thp: 'never',
    hugeZeroNode: null,
    cgroups: new Map([
      [
        ROOT_CGROUP,
        { name: ROOT_CGROUP, mems: n_memory, effective_mems: n_memory, old_mems_allowed: n_memory },
      ],
    ]),
    tasks: new Map(),
  };
}

/** Sets when huge pages are used, and with it how much every node keeps free. */
export function setHugePages(kernel: Kernel, choice: HugePages): void {
  kernel.thp = choice;
  const { low, min } = watermarks(kernel.topology, choice !== 'never');
  for (const [k, { id }] of kernel.topology.nodes.entries()) {
    Object.assign(kernel.memory.get(id) as NodeMemory, { low: low[k], min: min[k] });
  }
}

/** Who a process is; all may be left out: root, on the first CPU, with CAP_SYS_NICE. */
export type TaskOptions = Readonly<{ uid?: number; cap_sys_nice?: boolean; cpu?: number }>;

/** Starts a process: in the root cgroup, with the default policy and no memory. */
export function startTask(kernel: Kernel, name: string, options: TaskOptions = {}): Task {
  const { uid = 0, cap_sys_nice = uid === 0, cpu = Math.min(...kernel.nodeOfCpu.keys()) } = options;
  const task: Task = {
    name,
    uid,
    cap_sys_nice,
    cpu,
    cgroup: kernel.cgroups.get(ROOT_CGROUP) as Cgroup,
    mems_allowed: kernel.n_memory,
    mempolicy: null,
    il_prev: MAX_NUMNODES - 1,
    il_weight: 0,
    il_turns: new Map(),
    mm: new AddressSpace(kernel.topology.pageBytes, kernel.version),
    upperTables: new Map(),
    pidfds: new Map(),
    exited: false,
  };
  kernel.tasks.set(name, task);
  return task;
}

/** The node of the CPU a task runs on (`numa_node_id`). */
export function numaNodeId(kernel: Kernel, { cpu }: Task): number {
  return kernel.nodeOfCpu.get(cpu) ?? kernel.topology.nodes[0].id;
}
