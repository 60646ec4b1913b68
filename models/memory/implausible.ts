import { bandwidthAt } from './curve.ts';
import type { Machine, MachineNode } from './machine.ts';

/** A figure that cannot be, or hardly: its place, what it is, what one would expect, and the reason. */
export type Implausible = Readonly<{ path: string; got: string; expected: string; why: string }>;

/**
 * GB/s a direction of one PCIe 5.0 lane, raw: 32 GT/s. What is encoded in it takes 1.5 % and CXL's flits some 10 % more, so
 * nothing measured comes near.
 */
const LANE_GBPS = 4;
/** No CXL device has more lanes. */
const MOST_LANES = 16;
/** Figures that firmware of unrelated machines years apart told for DRAM, rounded or not: read, write, in MB/s. */
const FIRMWARE_DEFAULTS = [
  [262144, 176128],
  [262100, 176100],
];
/** 12 channels of DDR5-8800 (MRDIMM): 845 GB/s a socket; curves rise to 1.2 times what is measured. */
const MOST_DRAM_GBPS = 845 * 1.2;
/** No DRAM answers faster (on-die controllers take 50 ns and more), no memory a CPU waits for is slower. */
const [LEAST_NS, MOST_NS] = [40, 2000];
/** So far latencies may go against the distances before it is more than noise. */
const NOISE = 1.1;

/**
 * What in a machine cannot be true. `lanes` is the width of its CXL devices' links, if known. A pure function of the
 * machine: each thing found says where, and nothing is changed.
 */
export function implausible(machine: Machine, lanes?: number): Implausible[] {
  return [
    ...cxlAboveLink(machine, lanes),
    ...firmwareFigures(machine),
    ...latencies(machine),
    ...dramAboveChannels(machine),
    ...distancesAgainstLatency(machine),
  ];
}

function cxlAboveLink(machine: Machine, lanes = MOST_LANES): Implausible[] {
  const most = lanes * LANE_GBPS;
  const width = `PCIe 5.0 x${lanes}`;
  const isCxl = (id: number) => machine.nodes.find((n) => n.id === id)?.kind === 'cxl';
  const hmat = machine.nodes.flatMap(({ kind, hmat: told }, i) =>
    kind !== 'cxl' || told === undefined
      ? []
      : (['read_mbps', 'write_mbps'] as const)
          .filter((key) => told[key] > most * 1000)
          .map((key) => ({
            path: `nodes[${i}].hmat.${key}`,
            got: `${told[key]} MB/s`,
            expected: `at most ${most * 1000} MB/s`,
            why: `${width} carries ${most} GB/s a direction, so one device on it cannot`,
          })),
  );
  const curves = machine.paths.flatMap(({ node, curve, via = [] }, i) => {
    const reads = bandwidthAt(curve, 1);
    const over = (limit: number, why: string) =>
      reads > limit * 1.2
        ? [
            {
              path: `paths[${i}].curve`,
              got: `${round(reads)} GB/s of reads`,
              expected: `at most ${round(limit)} GB/s`,
              why,
            },
          ]
        : [];
    const link = machine.links?.filter(({ id }) => via.includes(id)) ?? [];
    const narrow = link.sort((a, b) => a.read_gbps - b.read_gbps)[0];
    if (narrow !== undefined) {
      return over(narrow.read_gbps, `it goes over link ${narrow.id}, which carries no more`);
    }
    return isCxl(node)
      ? over(most, `${width} carries no more, and curves rise to 1.2 times what one measures`)
      : [];
  });
  const links = (machine.links ?? []).flatMap((link, i) => {
    const users = machine.paths.filter((p) => p.via?.includes(link.id));
    if (users.length === 0 || !users.every(({ node }) => isCxl(node))) return [];
    return link.read_gbps <= most
      ? []
      : [
          {
            path: `links[${i}].read_gbps`,
            got: `${link.read_gbps} GB/s`,
            expected: `at most ${most} GB/s`,
            why: `${width} carries no more, and only CXL nodes lie behind it`,
          },
        ];
  });
  return [...hmat, ...curves, ...links];
}

function firmwareFigures({ nodes }: Machine): Implausible[] {
  const text = ({ read_mbps: r, write_mbps: w }: NonNullable<MachineNode['hmat']>) =>
    `${r} and ${w} MB/s`;
  return nodes.flatMap(({ hmat, kind }, i) => {
    if (hmat === undefined) return [];
    const path = `nodes[${i}].hmat`;
    const got = text(hmat);
    const found: Implausible[] = [];
    if (FIRMWARE_DEFAULTS.some(([r, w]) => r === hmat.read_mbps && w === hmat.write_mbps)) {
      found.push({
        path,
        got,
        expected: 'a figure of this machine',
        why: 'unrelated machines four years apart told the same: a default of their firmware',
      });
    }
    const twin = nodes.find((n) => n.kind !== kind && n.hmat && text(n.hmat) === got);
    if (kind === 'cxl' && twin !== undefined) {
      found.push({
        path,
        got,
        expected: `other figures than node ${twin.id}'s`,
        why: `a ${twin.kind} node cannot have the bandwidth of a CXL node: nobody filled them in`,
      });
    }
    if (hmat.write_mbps > hmat.read_mbps) {
      found.push({
        path,
        got,
        expected: 'writing no faster than reading',
        why: 'no DRAM or CXL device writes faster than it reads',
      });
    }
    return found;
  });
}

function latencies({ nodes, paths }: Machine): Implausible[] {
  return paths.flatMap(({ socket, node: id, idle_ns: ns }, i) => {
    const path = `paths[${i}].idle_ns`;
    const got = `${ns} ns`;
    const kindOf = (n: number) => nodes.find((node) => node.id === n)?.kind;
    if (ns < LEAST_NS || ns > MOST_NS) {
      const expected = `${LEAST_NS} to ${MOST_NS} ns`;
      const why =
        ns < LEAST_NS
          ? 'that is the time of a cache, not of memory'
          : 'no memory a CPU waits for is that slow';
      return [{ path, got, expected, why }];
    }
    if (kindOf(id) !== 'cxl') return [];
    const dram = nodes.filter((n) => n.kind === 'dram' && n.socket === socket).map((n) => n.id);
    const own = paths.filter((p) => p.socket === socket && dram.includes(p.node));
    const least = Math.min(...own.map((p) => p.idle_ns));
    if (own.length === 0 || ns >= least) return [];
    const why = 'CXL answers over PCIe and cannot be faster than the DRAM beside the CPU';
    return [{ path, got, expected: `more than ${least} ns`, why }];
  });
}

function dramAboveChannels({ sockets, nodes, paths }: Machine): Implausible[] {
  return sockets.flatMap((_, socket) => {
    const own = nodes.filter((n) => n.kind === 'dram' && n.socket === socket).map((n) => n.id);
    const local = paths.flatMap((p, i) => (p.socket === socket && own.includes(p.node) ? [i] : []));
    const sum = local.reduce((gbps, i) => gbps + bandwidthAt(paths[i].curve, 1), 0);
    if (sum <= MOST_DRAM_GBPS) return [];
    return [
      {
        path: local.map((i) => `paths[${i}].curve`).join(', '),
        got: `${round(sum)} GB/s of reads`,
        expected: `at most ${round(MOST_DRAM_GBPS)} GB/s a socket`,
        why: '12 channels of DDR5-8800 carry 845 GB/s, and curves rise to 1.2 times what one measures',
      },
    ];
  });
}

function distancesAgainstLatency({ sockets, nodes, paths, distances }: Machine): Implausible[] {
  if (distances === undefined) return [];
  return sockets.flatMap((_, socket) => {
    const home = nodes.findIndex((n) => n.kind === 'dram' && n.socket === socket);
    if (home < 0) return [];
    const ways = nodes.map(({ id }, k) => {
      const i = paths.findIndex((p) => p.socket === socket && p.node === id);
      return { id, i, ns: paths[i].idle_ns, distance: distances[home][k] };
    });
    for (const a of ways) {
      const b = ways.find((w) => a.distance < w.distance && a.ns > w.ns * NOISE);
      if (b === undefined) continue;
      return [
        {
          path: `paths[${a.i}].idle_ns`,
          got: `${a.ns} ns at distance ${a.distance}`,
          expected: `less than node ${b.id}'s ${b.ns} ns at distance ${b.distance}`,
          why: 'the distances and the latencies order the nodes differently, one of them is off',
        },
      ];
    }
    return [];
  });
}

function round(n: number): number {
  return Math.round(n * 10) / 10;
}
