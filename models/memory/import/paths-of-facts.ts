import type { Curve } from '../curve.ts';
import type { Machine, MachineNode, MachinePath } from '../machine.ts';
import { defaultCurve, defaultDistance, LOCAL_NS } from './defaults.ts';
import type { MachineFacts, Said } from './facts.ts';
import { type Before, choose, type SourceLedger } from './source-ledger.ts';

type Parts = Readonly<{
  facts: MachineFacts;
  onto: Machine | undefined;
  ledger: SourceLedger;
  nodes: readonly MachineNode[];
  sockets: number;
}>;

/**
 * The way from every socket to every node. What nobody says of the way from another socket is that from the node's own,
 * its latency times the ratio of the distances.
 */
export function pathsOf({ facts, onto, ledger, nodes, sockets }: Parts): MachinePath[] {
  const made = new Map<string, MachinePath>();
  const distanceOf = (socket: number, node: MachineNode) =>
    facts.paths.find((p) => p.socket === socket && p.node === node.id)?.distance ??
    defaultDistance(node.kind, socket === node.socket);

  const make = (socket: number, node: MachineNode): MachinePath => {
    const index = socket * nodes.length + nodes.indexOf(node);
    const said = facts.paths.find((p) => p.socket === socket && p.node === node.id);
    const k = onto?.paths.findIndex((p) => p.socket === socket && p.node === node.id) ?? -1;
    const old = k < 0 ? undefined : onto?.paths[k];
    const before = <T>(key: string, value: T | undefined): Before<T> =>
      value === undefined ? undefined : { value, place: `paths[${k}].${key}` };
    const own = socket === node.socket ? undefined : made.get(`${node.socket} ${node.id}`);
    const distance = distanceOf(socket, node);
    const idle_ns = choose(
      ledger,
      `paths[${index}].idle_ns`,
      said?.idleNs,
      before('idle_ns', old?.idle_ns),
      scaledLatency(own, distance, distanceOf(node.socket, node)),
    );
    const curve = choose<Curve>(
      ledger,
      `paths[${index}].curve`,
      said?.curve,
      before('curve', old?.curve),
      own === undefined
        ? defaultCurve(node.kind)
        : { value: own.curve, source: `assumption: as from socket ${node.socket}, its own` },
    );
    return { socket, node: node.id, idle_ns, curve: plain(curve), via: old?.via ?? [] };
  };

  for (const local of [true, false]) {
    for (let socket = 0; socket < sockets; socket++) {
      for (const node of nodes) {
        if ((socket === node.socket) === local)
          made.set(`${socket} ${node.id}`, make(socket, node));
      }
    }
  }
  return Array.from({ length: sockets }, (_, socket) =>
    nodes.map(({ id }) => made.get(`${socket} ${id}`) as MachinePath),
  ).flat();
}

function scaledLatency(
  own: MachinePath | undefined,
  distance: number,
  ownDistance: number,
): Said<number> {
  const [base, from] = own === undefined ? [LOCAL_NS, 10] : [own.idle_ns, ownDistance];
  const of = own === undefined ? 'for local DRAM' : "from the node's own socket";
  return {
    value: Math.round(((base * distance) / from) * 10) / 10,
    source: `assumption: ${base} ns ${of}, times distance ${distance} / ${from}`,
  };
}

/** A copy, so that no two paths of a machine share one, and none is of a preset. */
function plain(curve: Curve): MachinePath['curve'] {
  return structuredClone(curve) as MachinePath['curve'];
}
