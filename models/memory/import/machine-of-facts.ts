import type { Machine, MachineNode } from '../machine.ts';
import { machineSchema } from '../machine.ts';
import { defaultCaches, defaultSocket } from './defaults.ts';
import type { MachineFacts, Said, SocketFacts } from './facts.ts';
import { pathsOf } from './paths-of-facts.ts';
import { type Before, choose, type SourceLedger, sourceLedger } from './source-ledger.ts';

/**
 * A whole machine: what `facts` say, what `onto` has beyond that, and for what neither knows a plain default whose
 * source begins with `assumption:`. Throws where the two do not fit together.
 */
export function machineOfFacts(facts: MachineFacts, onto?: Machine): Machine {
  const ledger = sourceLedger(onto?.source);
  if (onto === undefined) {
    for (const key of ['line_bytes', 'page_bytes'])
      ledger.note(key, 'assumption: x86-64, 64-byte lines and 4 KiB pages');
  } else for (const key of ['line_bytes', 'page_bytes']) ledger.carry(key, key);
  const nodes = nodesOf(facts, onto, ledger);
  const sockets = socketsOf(facts, onto, ledger, nodes);
  const caches = cachesOf(facts, onto, ledger, sockets[0].cores);
  const paths = pathsOf({ facts, onto, ledger, nodes, sockets: sockets.length });
  const links = onto?.links ?? [];
  for (const [i] of links.entries()) ledger.carry(`links[${i}]`, `links[${i}]`);
  const distances = distancesOf(facts, onto, ledger, nodes);
  const description = facts.description ?? onto?.description;
  const made = machineSchema.safeParse({
    name: onto?.name ?? facts.name ?? 'imported',
    ...(description === undefined ? {} : { description }),
    source: ledger.entries,
    line_bytes: onto?.line_bytes ?? 64,
    page_bytes: onto?.page_bytes ?? 4096,
    sockets,
    caches,
    nodes,
    links,
    paths,
    ...(distances === undefined ? {} : { distances }),
  });
  if (made.success) return made.data;
  const { path, message } = made.error.issues[0];
  const place = path.map((p) => (typeof p === 'number' ? `[${p}]` : `.${String(p)}`)).join('');
  throw new Error(
    `${facts.file}: makes no machine: ${place.slice(1)}: ${message.charAt(0).toLowerCase()}${message.slice(1)}`,
  );
}

function nodesOf(facts: MachineFacts, onto: Machine | undefined, ledger: SourceLedger) {
  const said = new Map(facts.nodes.map((node) => [node.id, node]));
  const kept = facts.allNodes ? [] : (onto?.nodes ?? []).map(({ id }) => id);
  const ids = [...new Set([...said.keys(), ...kept])].sort((a, b) => a - b);
  if (ids.length === 0) ids.push(0);
  return ids.map((id, i): MachineNode => {
    const node = said.get(id);
    const k = onto?.nodes.findIndex((n) => n.id === id) ?? -1;
    const old = k < 0 ? undefined : onto?.nodes[k];
    if (node?.kind?.value === 'dram' && old?.kind === 'cxl') {
      throw new Error(
        `${facts.file}: does not fit the machine it is put onto: node ${id} has CPUs (got cxl, expected dram)`,
      );
    }
    const before = <K extends keyof MachineNode>(key: K): Before<NonNullable<MachineNode[K]>> =>
      old?.[key] === undefined
        ? undefined
        : { value: old[key] as NonNullable<MachineNode[K]>, place: `nodes[${k}].${key}` };
    const pick = <T>(key: string, known?: Said<T>, was?: Before<T>, value?: T, why = ''): T =>
      choose(ledger, `nodes[${i}].${key}`, known, was, {
        value: value as T,
        source: `assumption: ${why}`,
      });
    const kind = pick<MachineNode['kind']>(
      'kind',
      node?.kind,
      before('kind'),
      'dram',
      'DRAM, as nothing says otherwise',
    );
    const socket = pick('socket', node?.socket, before('socket'), 0, 'on the first socket');
    const tier = pick(
      'tier',
      node?.tier,
      before('tier'),
      kind === 'cxl' ? 1 : 0,
      'by kind, DRAM and HBM before CXL',
    );
    const bytes = pick(
      'capacity_bytes',
      node?.capacityBytes,
      before('capacity_bytes'),
      64 * 2 ** 30,
      '64 GiB, a plain size: nothing says how large the node is',
    );
    const reserved = node?.reservedBytes ?? before('reserved_bytes');
    const fits = reserved !== undefined && reserved.value < bytes;
    if (fits) pick('reserved_bytes', node?.reservedBytes, before('reserved_bytes'));
    const hmat = node?.hmat ?? before('hmat');
    if (hmat !== undefined) pick('hmat', node?.hmat, before('hmat'));
    return {
      id,
      kind,
      socket,
      tier,
      capacity_bytes: bytes,
      ...(fits ? { reserved_bytes: reserved.value } : {}),
      ...(hmat === undefined ? {} : { hmat: hmat.value }),
    };
  });
}

function socketsOf(
  facts: MachineFacts,
  onto: Machine | undefined,
  ledger: SourceLedger,
  nodes: readonly MachineNode[],
): Machine['sockets'] {
  const needed = 1 + Math.max(...nodes.map((n) => n.socket), ...facts.paths.map((p) => p.socket));
  const count = facts.sockets?.length ?? Math.max(needed, onto?.sockets.length ?? 0);
  if (needed > count) {
    throw new Error(
      `${facts.file}: sockets do not fit the nodes and paths (got ${count}, expected at least ${needed})`,
    );
  }
  return Array.from({ length: count }, (_, i) => {
    const said: SocketFacts = facts.sockets?.[i] ?? {};
    const old = onto?.sockets[i];
    const before = (key: keyof Machine['sockets'][number]): Before<number> =>
      old === undefined ? undefined : { value: old[key], place: `sockets[${i}].${key}` };
    const place = (key: string) => `sockets[${i}].${key}`;
    const plain = defaultSocket(said);
    const threadsBefore = said.cores === undefined ? before('threads') : undefined;
    const cores = choose(ledger, place('cores'), said.cores, before('cores'), plain.cores);
    const threads = choose(
      ledger,
      place('threads'),
      said.threads,
      threadsBefore,
      plain.threads(cores),
    );
    return {
      cores,
      threads,
      line_fill_buffers: choose(
        ledger,
        place('line_fill_buffers'),
        said.lineFillBuffers,
        before('line_fill_buffers'),
        plain.lineFillBuffers,
      ),
      clock_ghz: choose(
        ledger,
        place('clock_ghz'),
        said.clockGhz,
        before('clock_ghz'),
        plain.clockGhz,
      ),
    };
  });
}

function cachesOf(
  facts: MachineFacts,
  onto: Machine | undefined,
  ledger: SourceLedger,
  cores: number,
): Machine['caches'] {
  if (facts.caches === undefined && onto !== undefined) {
    for (const i of onto.caches.keys()) ledger.carry(`caches[${i}]`, `caches[${i}]`);
    return onto.caches.map(({ shared_by_cores: sharing, ...cache }) =>
      sharing === undefined ? cache : { ...cache, shared_by_cores: Math.min(sharing, cores) },
    );
  }
  const { value, source } = facts.caches ?? defaultCaches(cores);
  ledger.note('caches', source);
  return value;
}

function distancesOf(
  facts: MachineFacts,
  onto: Machine | undefined,
  ledger: SourceLedger,
  nodes: readonly MachineNode[],
): number[][] | undefined {
  if (facts.distances !== undefined && facts.nodes.length === nodes.length) {
    ledger.note('distances', facts.distances.source);
    return facts.distances.value;
  }
  const ids = (list: readonly Readonly<{ id: number }>[]) => list.map((n) => n.id).join();
  if (onto?.distances === undefined || ids(onto.nodes) !== ids(nodes)) return undefined;
  ledger.carry('distances', 'distances');
  return onto.distances;
}
