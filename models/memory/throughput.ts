import { ClosedLoop } from './closed-loop.ts';
import type { MemorySystem } from './memory-system.ts';

/** Lines of a run so long that its ends do not count. */
const LINES = 1e9;

/**
 * Throughput in GB/s of one socket whose `slots` reads in flight are never idle, with `readShare` of all lines read and the
 * lines divided over the nodes as `weights` (real numbers) are: what a bandwidth benchmark measures.
 */
export function throughputOf(
  memory: MemorySystem,
  slots: number,
  readShare: number,
  weights: readonly number[],
): number {
  const total = weights.reduce((sum, w) => sum + w, 0);
  const lines = weights.map((w) => (LINES * w) / total);
  const reads = Float64Array.from(lines, (own) => own * readShare);
  const writes = Float64Array.from(lines, (own) => own * (1 - readShare));
  return (LINES * memory.lineBytes) / new ClosedLoop(memory, slots).solve(reads, writes, 0);
}
