import type { TracedVma } from './trace.ts';

/** The mapping a byte address lies in, of mappings in order; undefined where it lies in none. */
export function vmaAt(vmas: readonly TracedVma[], address: number): TracedVma | undefined {
  let [low, high] = [0, vmas.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (vmas[middle].end <= address) low = middle + 1;
    else high = middle;
  }
  return low < vmas.length && vmas[low].start <= address ? vmas[low] : undefined;
}
