import { BusyTimes } from './busy-times.ts';
import type { MemorySystem } from './memory-system.ts';
import type { TimeModel } from './time-model.ts';

/**
 * The bound that no queueing model is faster than: an epoch takes the longest of
 *
 *     t[k] of every node,  t[l] of every link lane,  C[s] + (sum over k of r[s,k] * idle[s,k]) / Q[s] of every socket,
 *     the idle latency of a read
 *
 * the asymptotic bounds of operational analysis (P. J. Denning, J. P. Buzen, ACM Computing Surveys 10, 1978). The closed
 * loop adds the time that lines wait for each other.
 *
 * Reads are answered in their idle latency, except those of the node that is the bottleneck: by Little's law all slots
 * that are left wait there.
 */
export class Bottleneck implements TimeModel {
  readonly loadNs: Float64Array;
  readonly busyNs: Float64Array;
  readonly #system: MemorySystem;
  readonly #slots: readonly number[];
  readonly #busy: BusyTimes;

  constructor(system: MemorySystem, ...slots: readonly number[]) {
    this.#system = system;
    this.#slots = slots;
    this.#busy = new BusyTimes(system, slots.length);
    this.loadNs = new Float64Array(system.paths.length);
    this.busyNs = this.#busy.nodes;
  }

  solve(reads: Float64Array, writes: Float64Array, computeNs: number | Float64Array): number {
    const { paths } = this.#system;
    const busy = this.#busy;
    const slots = this.#slots;
    busy.update(reads, writes);
    const nodes = busy.nodes.length;
    let time = 0;
    let bottleneck = 0;
    for (let i = 0; i < busy.all.length; i++) {
      if (busy.all[i] <= time) continue;
      time = busy.all[i];
      bottleneck = i;
    }
    for (const lane of busy.writeLanes) time = Math.max(time, lane);
    for (let s = 0, p = 0; s < slots.length; s++) {
      let own = typeof computeNs === 'number' ? computeNs : computeNs[s];
      for (let k = 0; k < nodes; k++, p++) {
        if (reads[p] === 0) continue;
        own += (reads[p] * paths[p].idle_ns) / slots[s];
        time = Math.max(time, paths[p].idle_ns);
      }
      time = Math.max(time, own);
    }
    this.#setLatencies(reads, computeNs, time, bottleneck);
    return time;
  }

  #setLatencies(
    reads: Float64Array,
    computeNs: number | Float64Array,
    time: number,
    bottleneck: number,
  ): void {
    const { paths } = this.#system;
    const nodes = this.busyNs.length;
    for (let s = 0; s < this.#slots.length; s++) {
      const own = typeof computeNs === 'number' ? computeNs : computeNs[s];
      let held = 0;
      for (let k = 0, p = s * nodes; k < nodes; k++, p++) {
        this.loadNs[p] = reads[p] === 0 ? 0 : paths[p].idle_ns;
        held += reads[p] * this.loadNs[p];
      }
      const waiting = s * nodes + bottleneck;
      const left = (time - own) * this.#slots[s] - held;
      if (bottleneck < nodes && reads[waiting] > 0 && left > 0)
        this.loadNs[waiting] += left / reads[waiting];
    }
  }
}
