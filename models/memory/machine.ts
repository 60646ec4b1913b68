import { z } from 'zod';

const positive = z.number().positive();
const whole = z.int().nonnegative();
const count = z.int().positive();
const powerOfTwo = (min: number, max: number) =>
  z
    .int()
    .min(min)
    .max(max)
    .refine((n) => Number.isInteger(Math.log2(n)), 'expected a power of two');
const lineBytes = powerOfTwo(16, 1024);

const share = z.number().min(0).max(1);

function ascending<T extends { read_share: number }>(rows: readonly T[]): boolean {
  return rows.every((row, i) => i === 0 || row.read_share > rows[i - 1].read_share);
}

const fit = z.strictObject({
  points: count,
  rms: z.number().nonnegative(),
  worst_rms: z.number().nonnegative(),
  worst_read_share: share,
  saturation_rms: z.number().nonnegative(),
});

/** A path's loaded latency by two numbers a read share (curve.ts): `queueing` is `a`, `gbps` is `B`. */
const parametric = z.strictObject({
  queueing: positive,
  bandwidth: z
    .array(z.strictObject({ read_share: share, gbps: positive, queueing: positive.optional() }))
    .min(1)
    .refine(ascending, 'expected ascending read shares'),
  fit: fit.optional(),
});

/** A path's loaded latency by points: `gbps` of a row is `B`, which all its points stay below. */
const tabulated = z.strictObject({
  table: z
    .array(
      z
        .strictObject({
          read_share: share,
          gbps: positive,
          points: z.array(z.strictObject({ gbps: positive, ns: positive })).min(1),
        })
        .refine(
          ({ points }) =>
            points.every(
              (p, i) => i === 0 || (p.gbps > points[i - 1].gbps && p.ns >= points[i - 1].ns),
            ),
          'expected points ascending in gbps and never falling in ns',
        )
        .refine(
          ({ gbps, points }) => points.every((p) => p.gbps < gbps),
          'expected gbps above that of all points',
        ),
    )
    .min(1)
    .refine(ascending, 'expected ascending read shares'),
  fit: fit.optional(),
});

const socket = z.strictObject({
  cores: count,
  /** Hardware threads of all cores. */
  threads: count,
  /** Reads one core keeps in flight; a part of one where it was calibrated. */
  line_fill_buffers: z.number().min(1),
  clock_ghz: positive,
});

const cache = z.strictObject({
  bytes: count,
  ways: count,
  line_bytes: lineBytes,
  /** What it keeps; both where left out. */
  holds: z.enum(['data', 'instructions', 'both']).optional(),
  /** Whether it holds all that the levels before it hold; where left out it neither has to nor may not. */
  inclusive: z.boolean().optional(),
  /** Cores that share one such cache; 1 where left out, for the last level all cores of the socket. */
  shared_by_cores: count.optional(),
});

const node = z.strictObject({
  id: whole,
  kind: z.enum(['dram', 'cxl', 'hbm']),
  socket: whole,
  tier: whole,
  capacity_bytes: count,
  /** What of it the kernel keeps for itself from the start; a 64th where left out, its table of pages. */
  reserved_bytes: whole.optional(),
  /** What firmware tells the kernel (HMAT, best initiator), in MB/s; the curves where left out. */
  hmat: z.strictObject({ read_mbps: positive, write_mbps: positive }).optional(),
});

const link = z.strictObject({ id: z.string().min(1), read_gbps: positive, write_gbps: positive });

const path = z.strictObject({
  socket: whole,
  node: whole,
  idle_ns: positive,
  curve: z.union([parametric, tabulated]),
  via: z.array(z.string()).optional(),
});

/** The schema of a machine file; docs/machine.schema.json is made from it. */
export const machineSchema = z
  .strictObject({
    name: z.string().min(1),
    description: z.string().optional(),
    /** Where each number comes from, by its place in this file; or one sentence for all of them. */
    source: z.union([z.string(), z.record(z.string(), z.string())]).optional(),
    line_bytes: lineBytes,
    page_bytes: powerOfTwo(4096, 2 ** 30),
    sockets: z.array(socket).min(1),
    caches: z.array(cache).min(1),
    nodes: z.array(node).min(1).max(64),
    links: z.array(link).optional(),
    paths: z.array(path).min(1),
    /** Distances between nodes as firmware tells them (ACPI SLIT, 10 is a node itself), a row a node in their order. */
    distances: z.array(z.array(z.int().min(10).max(254))).optional(),
  })
  .superRefine((machine, context) => {
    for (const { path, message } of contradictions(machine)) {
      context.addIssue({ code: 'custom', path, message });
    }
  });

/**
 * A machine as its file describes it: sockets, caches, memory nodes, links, and the curve of every socket-to-node
 * path. Keys carry their unit; GB is 1e9 bytes. Nodes are in ascending order of id.
 */
export type Machine = Readonly<z.infer<typeof machineSchema>>;
export type MachinePath = z.infer<typeof path>;
export type MachineNode = z.infer<typeof node>;

type Contradiction = { path: (string | number)[]; message: string };

/** What the parts of a machine say against each other. */
function contradictions(machine: Machine): Contradiction[] {
  const found: Contradiction[] = [];
  const { sockets, nodes, paths, caches, links = [] } = machine;
  const nodeIds = new Set(nodes.map((n) => n.id));
  const linkIds = new Set(links.map((l) => l.id));
  const say = (path: (string | number)[], message: string) => found.push({ path, message });
  if (linkIds.size < links.length) say(['links'], 'expected distinct ids');
  for (const [i, { cores, threads }] of sockets.entries()) {
    if (threads < cores) say(['sockets', i, 'threads'], `expected at least the ${cores} cores`);
  }
  for (const [i, { line_bytes: bytes, ways, bytes: size }] of caches.entries()) {
    if (ways * bytes > size)
      say(['caches', i, 'ways'], `expected at most ${Math.floor(size / bytes)}, its lines`);
    if (bytes !== machine.line_bytes) {
      say(['caches', i, 'line_bytes'], `expected the machine's line_bytes, ${machine.line_bytes}`);
    }
  }
  const outermost = caches[caches.length - 1].holds ?? 'both';
  if (outermost !== 'both')
    say(['caches', caches.length - 1, 'holds'], 'expected both, as the last level');
  for (const [
    i,
    { id, socket, capacity_bytes: bytes, reserved_bytes: reserved = 0 },
  ] of nodes.entries()) {
    if (reserved >= bytes) say(['nodes', i, 'reserved_bytes'], `expected less than ${bytes}`);
    const before = nodes[i - 1];
    if (before !== undefined && id <= before.id)
      say(['nodes', i, 'id'], `expected more than ${before.id}`);
    if (socket >= sockets.length) say(['nodes', i, 'socket'], `expected below ${sockets.length}`);
  }
  const { distances = [] } = machine;
  if (distances.length > 0 && distances.length !== nodes.length) {
    say(['distances'], `expected ${nodes.length} rows, one for each node`);
  }
  for (const [i, row] of distances.entries()) {
    if (row.length !== nodes.length) say(['distances', i], `expected ${nodes.length} distances`);
    for (const [k, distance] of row.entries()) {
      if ((i === k) !== (distance === 10)) {
        say(['distances', i, k], i === k ? 'expected 10' : 'expected more than 10');
      }
    }
  }
  const seen = new Set<string>();
  for (const [i, { socket, node, idle_ns: idle, curve, via = [] }] of paths.entries()) {
    if (socket >= sockets.length) say(['paths', i, 'socket'], `expected below ${sockets.length}`);
    if (!nodeIds.has(node)) say(['paths', i, 'node'], `expected one of ${[...nodeIds].join(', ')}`);
    if (seen.has(`${socket} ${node}`)) say(['paths', i], 'second path of this socket and node');
    seen.add(`${socket} ${node}`);
    for (const [r, { points }] of ('table' in curve ? curve.table : []).entries()) {
      if (points[0].ns < idle)
        say(
          ['paths', i, 'curve', 'table', r, 'points', 0, 'ns'],
          `expected at least idle_ns, ${idle}`,
        );
    }
    if (new Set(via).size < via.length) say(['paths', i, 'via'], 'expected each link once');
    for (const [v, id] of via.entries()) {
      if (!linkIds.has(id)) say(['paths', i, 'via', v], 'no link has this id');
    }
  }
  for (const socket of sockets.keys()) {
    for (const node of nodeIds) {
      if (!seen.has(`${socket} ${node}`))
        say(['paths'], `no path from socket ${socket} to node ${node}`);
    }
  }
  return found;
}
