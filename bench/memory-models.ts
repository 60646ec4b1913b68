/**
 * How fast the models of memory are: epochs through the closed loop, accesses through the queue model, each against a bare
 * loop that adds up the same numbers.
 */

import { ClosedLoop } from '../models/memory/closed-loop.ts';
import { isTabulated } from '../models/memory/curve.ts';
import { oneOf, xorshift } from '../models/memory/exponential.ts';
import { type MemorySystem, memorySystem } from '../models/memory/memory-system.ts';
import { QueueModel } from '../models/memory/queue-model.ts';
import { readMachine } from '../models/memory/read-machine.ts';
import { compare } from './compare.ts';

const SLOTS = 896;
const EPOCHS = 1000;
const VECTORS = 1000;
const ACCESSES = 8_000_000;
const SEED = 0x2545f491;
/** Utilisations at which a curve is made a table. */
const KNOTS = [0.1, 0.25, 0.4, 0.55, 0.7, 0.8, 0.88, 0.94, 0.97];

/** The same system with tables that run through its parametric curves. */
function tabulated(system: MemorySystem): MemorySystem {
  const paths = system.paths.map((path) => {
    const { idle_ns: idle, curve } = path;
    if (isTabulated(curve)) return path;
    const table = curve.bandwidth.map(({ read_share, gbps, queueing = curve.queueing }) => ({
      read_share,
      gbps,
      points: KNOTS.map((u) => ({ gbps: u * gbps, ns: idle * (1 + (queueing * u) / (1 - u)) })),
    }));
    return { ...path, curve: { table } };
  });
  return { ...system, paths };
}

/** Epochs through the closed loop, of two and of five nodes, by two numbers a read share and by tables. */
export async function closedLoopBench(): Promise<void> {
  for (const name of ['spr-1cxl', 'genoa-4cxl']) {
    const system = memorySystem(readMachine(name), 0);
    const nodes = system.paths.length;
    let random = SEED;
    const lines = (most: number) => {
      random = xorshift(random);
      return 1 + oneOf(4096, random) * most;
    };
    // The first node gets four times what the others get, all of them another number in every epoch.
    const numbers = (most: number) =>
      Float64Array.from({ length: EPOCHS * nodes }, (_, i) =>
        lines(i % nodes === 0 ? most : most / 4),
      );
    const [reads, writes] = [numbers(4), numbers(2)];
    const computeNs = Float64Array.from({ length: EPOCHS }, () => lines(1));
    const through = (own: MemorySystem) => () => {
      const loop = new ClosedLoop(own, SLOTS);
      const [r, w] = [new Float64Array(nodes), new Float64Array(nodes)];
      let sum = 0;
      for (let vector = 0; vector < VECTORS; vector++) {
        for (let epoch = 0, at = 0; epoch < EPOCHS; epoch++) {
          for (let k = 0; k < nodes; k++, at++) {
            r[k] = reads[at];
            w[k] = writes[at];
          }
          sum += loop.solve(r, w, computeNs[epoch]);
        }
      }
      return sum;
    };
    await compare(`closed loop, ${nodes} nodes (${name})`, 'epochs', EPOCHS * VECTORS, {
      'a bare loop over the same numbers': () => {
        let sum = 0;
        for (let vector = 0; vector < VECTORS; vector++) {
          for (let epoch = 0, at = 0; epoch < EPOCHS; epoch++) {
            sum += computeNs[epoch];
            for (let k = 0; k < nodes; k++, at++) sum += reads[at] + writes[at];
          }
        }
        return sum;
      },
      'parametric curves': through(system),
      'the same as tables': through(tabulated(system)),
    });
  }
}

/** Accesses `path << 1 | write` in random order, so many of each in a thousand. */
function shuffled(perMille: readonly number[]): Uint16Array {
  const accesses = new Uint16Array(ACCESSES);
  let random = SEED;
  const inOrder = Uint16Array.from(perMille.flatMap((n, access) => Array(n).fill(access)));
  for (let i = 0; i < ACCESSES; i++) {
    random = xorshift(random);
    accesses[i] = inOrder[oneOf(inOrder.length, random)];
  }
  return accesses;
}

/** Lines of each path, reads or writes, in a fixed array of accesses. */
function counted(accesses: Uint16Array, paths: number, write: 0 | 1): Float64Array {
  const lines = new Float64Array(paths);
  for (const access of accesses) if ((access & 1) === write) lines[access >>> 1]++;
  return lines;
}

/** Accesses through the queue model: DRAM and one CXL node, and a third node behind a link. */
export async function queueBench(): Promise<void> {
  const two = memorySystem(readMachine('spr-1cxl'), 0);
  const behind = {
    ...two.paths[1],
    node: 2,
    curve: { queueing: 0.2, bandwidth: [{ read_share: 1, gbps: 120 }] },
    via: ['link'],
  };
  const three: MemorySystem = {
    ...two,
    paths: [...two.paths, behind],
    links: [{ id: 'link', readGbps: 120, writeGbps: 120 }],
  };
  for (const [title, system, perMille] of [
    ['DRAM and CXL', two, [600, 300, 66, 34]],
    ['a third of the accesses behind a link', three, [400, 200, 44, 22, 224, 110]],
  ] as const) {
    const accesses = shuffled(perMille);
    const paths = system.paths.length;
    const [reads, writes] = [counted(accesses, paths, 0), counted(accesses, paths, 1)];
    await compare(`queue model, ${SLOTS} slots, ${title}`, 'accesses', ACCESSES, {
      'a bare loop over the same array': () => {
        let sum = 0;
        for (let i = 0; i < ACCESSES; i++) sum += accesses[i];
        return sum;
      },
      'replay, and the end of what was issued': () => {
        const queue = new QueueModel(system, [SLOTS], reads, writes);
        let at = 0;
        queue.replay(reads, writes, 0, (_, into) => {
          const length = Math.min(into.length, ACCESSES - at);
          into.set(accesses.subarray(at, at + length));
          at += length;
          return length;
        });
        return queue.finish();
      },
    });
  }
}
