import { type Errno, failed, type Outcome } from '../kernel/errno.ts';
import { HUGE_PAGES, type Kernel, setHugePages } from '../kernel/kernel.ts';
import { storeAuto, storeWeight, weightIn } from '../kernel/weight-tables.ts';
import { nodeIsset } from '../nodemask.ts';

const WEIGHTS = '/sys/kernel/mm/mempolicy/weighted_interleave/';
const THP_ENABLED = '/sys/kernel/mm/transparent_hugepage/enabled';

/** Linux 6.18 called its file so, by an accident with a macro; both names are taken. */
const AUTO_NAMES = ['auto', '__auto_type'];

/** What a sysfs file holds. ENOENT for files that memory policy has nothing to do with. */
export function readSysfs(kernel: Kernel, path: string): Readonly<{ text: string }> | Errno {
  if (path === THP_ENABLED) {
    return { text: HUGE_PAGES.map((c) => (c === kernel.thp ? `[${c}]` : c)).join(' ') };
  }
  if (isAuto(kernel, path)) return { text: String(kernel.weights.mode_auto) };
  const node = weightNode(kernel, path);
  return failed(node) ? node : { text: String(weightIn(kernel.weights.iw_table, node)) };
}

/** Writes a sysfs file. EINVAL where it does not take that. */
export function writeSysfs(kernel: Kernel, path: string, value: string): Outcome {
  if (path === THP_ENABLED) {
    const choice = HUGE_PAGES.find((c) => c === value);
    if (choice === undefined) return 'EINVAL';
    setHugePages(kernel, choice);
    return 0;
  }
  if (isAuto(kernel, path)) return storeAuto(kernel.weights, value);
  const node = weightNode(kernel, path);
  return failed(node) ? node : storeWeight(kernel.weights, node, value, kernel.version);
}

/** Writes the weight of a node. */
export function writeWeight(kernel: Kernel, node: string, value: string): Outcome {
  return writeSysfs(kernel, `${WEIGHTS}node${node}`, value);
}

function isAuto({ version }: Kernel, path: string): boolean {
  return version.autoWeights && AUTO_NAMES.some((name) => path === WEIGHTS + name);
}

function weightNode({ n_memory }: Kernel, path: string): number | Errno {
  const name = path.startsWith(WEIGHTS) ? path.slice(WEIGHTS.length) : '';
  const [, id] = /^node(0|[1-9]\d?)$/.exec(name) ?? [];
  return id !== undefined && nodeIsset(Number(id), n_memory) ? Number(id) : 'ENOENT';
}
