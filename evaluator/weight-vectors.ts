import type { Machine } from '../models/memory/machine.ts';
import { type WeightHome, weighedNodes } from '../models/mempolicy/weight-home.ts';
import { parseWeights, type Weights, weightsText } from '../models/mempolicy/weights.ts';

/** How many weights a vector of a home has on a machine, and what each is for. */
export function weightsOfHome(
  home: WeightHome,
  machine: Machine,
): Readonly<{ count: number; what: string }> {
  const { nodes } = machine;
  const groups = weighedNodes(
    home,
    nodes.map((n) => n.id),
    nodes.map((n) => n.tier),
  );
  if (home === 'memtier') {
    return { count: groups.length, what: 'one for each memory tier, the fastest first' };
  }
  if (home === 'ratio') {
    return { count: groups.length, what: 'the fastest memory tier and all others' };
  }
  return { count: nodes.length, what: 'one for each node' };
}

/**
 * Reads the vectors of a home, `/` between them: `9:1`, `5:0:1:0/0:5:0:1`. Throws where the weights or the vectors are not
 * as many as the home holds on this machine, or more than there are copies to tell apart.
 */
export function parseVectors(
  text: string,
  home: WeightHome,
  machine: Machine,
  copies: number,
): Weights[] {
  const { count, what } = weightsOfHome(home, machine);
  const vectors = text.split('/').map((part) => parseWeights(part, count, what));
  checkVectors(vectors, home, machine, copies);
  return vectors;
}

/** Throws where these are not vectors that a home can hold on a machine for so many copies. */
export function checkVectors(
  vectors: readonly Weights[],
  home: WeightHome,
  machine: Machine,
  copies: number,
): void {
  const { count, what } = weightsOfHome(home, machine);
  for (const vector of vectors) {
    if (vector.length === count) continue;
    const got = `got ${vector.length}, expected ${count}, ${what}`;
    throw new Error(`weights ${weightsText(vector)}: wrong number (${got})`);
  }
  const expected = vectorsExpected(home, machine, copies);
  if (vectors.length === 1 || expected.counts.includes(vectors.length)) return;
  const counts = [...new Set([1, ...expected.counts])];
  const range = counts.length > 2 ? `1 to ${counts.length}` : counts.join(' or ');
  const allowed = `${range}, ${expected.what}`;
  throw new Error(
    `weights ${weightsText(vectors)}: wrong number of vectors (got ${vectors.length}, expected ${allowed})`,
  );
}

function vectorsExpected(
  home: WeightHome,
  machine: Machine,
  copies: number,
): { counts: number[]; what: string } {
  const sockets = machine.sockets.length;
  // Copies are dealt to sockets first; more vectors than copies on a socket would leave some without a copy.
  const most = Math.ceil(copies / sockets);
  const upTo = Array.from({ length: most }, (_, i) => i + 1);
  switch (home) {
    case 'global':
      return { counts: [1], what: 'the weights of all nodes for the whole machine' };
    case 'memtier':
      return { counts: [1], what: 'the weights of the memory tiers for the whole machine' };
    case 'ratio':
      return { counts: [1], what: 'N:M for the whole machine' };
    case 'node':
      return { counts: [sockets], what: 'one for each socket with CPUs' };
    case 'cgroup':
      return { counts: upTo, what: 'one for each cgroup, which has a copy on a socket' };
    case 'policy':
      return { counts: upTo, what: 'one for each process group, which has a copy on a socket' };
  }
}
