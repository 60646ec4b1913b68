import { bandwidthAt, isTabulated } from '../models/memory/curve.ts';
import type { Machine } from '../models/memory/machine.ts';
import { zonelists } from '../models/mempolicy/zonelist.ts';
import { topologyOf } from '../models/topology-of.ts';
import { bytesText, countOf, gbpsText, latencyText, percentText } from './quantity.ts';
import { paragraph, textTable } from './text-table.ts';

const CURVE_NOTE =
  'B: GB/s at which latency would grow without bound, at reads only, 2 reads : 1 write and 1:1. rms: relative error of ' +
  'the curve against the latencies it was fitted to, where it was.';
const DESCRIPTION_COLUMNS = 80 - '1234567890123456  sockets  hbm, dram, cxl  read GB/s  '.length;

/** The built-in machines: their sockets, nodes by kind, and B at reads only of the node that reads fastest. */
export function machineListText(machines: Iterable<Machine>): string {
  return textTable(
    [
      { name: 'machine' },
      { name: 'sockets', right: true },
      { name: 'nodes' },
      { name: 'read GB/s', right: true },
      { name: 'description', columns: DESCRIPTION_COLUMNS },
    ],
    [...machines].map((m) => [
      m.name,
      String(m.sockets.length),
      kindsText(m),
      gbpsText(Math.max(...m.paths.map(({ curve }) => bandwidthAt(curve, 1)))),
      m.description ?? '',
    ]),
  );
}

/** A machine's nodes by kind, in the order of their tiers: `dram, 4 cxl`. */
function kindsText({ nodes }: Machine): string {
  const counts = new Map<string, number>();
  for (const { kind } of [...nodes].sort((a, b) => a.tier - b.tier))
    counts.set(kind, (counts.get(kind) ?? 0) + 1);
  return [...counts].map(([kind, n]) => (n === 1 ? kind : `${n} ${kind}`)).join(', ');
}

/**
 * A machine as a terminal shows it: sockets, caches, each path's figures, each node as memory policy sees it, and where the
 * numbers come from.
 */
export function machineText(machine: Machine): string {
  const paths = textTable(
    [
      { name: 'socket', right: true },
      { name: 'node', right: true },
      { name: 'kind' },
      { name: 'capacity', right: true },
      { name: 'idle ns', right: true },
      { name: 'B 1:0', right: true },
      { name: '2:1', right: true },
      { name: '1:1', right: true },
      { name: 'curve' },
      { name: 'rms', right: true },
    ],
    machine.paths.map(({ socket, node: id, idle_ns: idle, curve }) => {
      const node = machine.nodes.find((n) => n.id === id);
      const at = (share: number) => gbpsText(bandwidthAt(curve, share));
      const capacity = bytesText(node?.capacity_bytes ?? 0);
      return [
        String(socket),
        String(id),
        node?.kind ?? '',
        capacity,
        latencyText(idle),
        at(1),
        at(2 / 3),
        at(0.5),
        isTabulated(curve) ? 'table' : 'parametric',
        curve.fit === undefined ? '-' : percentText(curve.fit.rms),
      ];
    }),
  );
  const topology = topologyOf(machine);
  const order = zonelists(topology);
  const nodes = textTable(
    [
      { name: 'node', right: true },
      { name: 'tier', right: true },
      { name: 'CPUs' },
      { name: "kernel's own", right: true },
      { name: 'distances' },
      { name: 'when full' },
    ],
    topology.nodes.map(({ id, tier, cpus, reservedPages }, k) => [
      String(id),
      String(tier),
      cpus.length === 0 ? '-' : `${cpus[0]}-${cpus[cpus.length - 1]}`,
      bytesText(reservedPages * topology.pageBytes),
      topology.distances[k].join(' '),
      order[k]
        .slice(1)
        .map((place) => topology.nodes[place].id)
        .join(' '),
    ]),
  );
  const sockets = machine.sockets.map(
    (s, i) =>
      `socket ${i}: ${countOf(s.cores, 'core')}, ${countOf(s.threads, 'hardware thread')}, ` +
      `${countOf(s.line_fill_buffers, 'line-fill buffer')} a core, ${s.clock_ghz} GHz`,
  );
  const caches = machine.caches.map(
    (c, i) =>
      `cache ${i + 1}: ${bytesText(c.bytes)}, ${c.ways} ways, ${c.line_bytes}-byte lines` +
      `${c.holds === undefined ? '' : `, ${c.holds}`}${c.inclusive ? ', inclusive' : ''}`,
  );
  const links = (machine.links ?? []).map((l) => {
    const users = machine.paths.filter((p) => p.via?.includes(l.id)).map((p) => p.node);
    return `link ${l.id}: ${gbpsText(l.read_gbps)} GB/s read, ${gbpsText(l.write_gbps)} written, to node ${users.join(', ')}`;
  });
  const { source } = machine;
  const sources =
    source === undefined
      ? ['Sources: none given.']
      : typeof source === 'string'
        ? [`Sources: ${source}`]
        : [
            'Sources:',
            ...Object.entries(source).map(([key, text]) => paragraph(`${key}: ${text}`, 2)),
          ];
  const title = `${machine.name}${machine.description === undefined ? '' : `: ${machine.description}`}`;
  return [
    paragraph(title),
    ...sockets,
    ...caches,
    ...links,
    '',
    paths,
    '',
    paragraph(CURVE_NOTE),
    '',
    nodes,
    '',
    ...sources,
  ].join('\n');
}
