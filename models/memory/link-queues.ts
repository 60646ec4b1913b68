import { exponential } from './exponential.ts';
import { linksOfPaths, type MemorySystem } from './memory-system.ts';

/** Lines on their way over links: the lanes they queue for, and what each of them is. */
export class LinkQueues {
  /** Of every path, the places of its links. */
  readonly linksOf: readonly (readonly number[])[];
  /** Of every thing that is on its way: the access, when it was issued, and how many links it has entered; 0 if it is on none. */
  readonly access: Uint16Array;
  readonly issuedNs: Float64Array;
  readonly entered: Uint8Array;
  /** Mean time of a line on a lane, and when each is free: read and write lane of every link in turn, ns. */
  readonly #laneNs: Float64Array;
  readonly #freeNs: Float64Array;

  constructor(system: MemorySystem, things: number) {
    const lanes = system.links.flatMap((link) => [link.readGbps, link.writeGbps]);
    this.linksOf = linksOfPaths(system);
    this.access = new Uint16Array(things);
    this.issuedNs = new Float64Array(things);
    this.entered = new Uint8Array(things);
    this.#laneNs = Float64Array.from(lanes, (gbps) => system.lineBytes / gbps);
    this.#freeNs = new Float64Array(lanes.length);
  }

  /** When the first lane an access goes over has at most so many lines queued. */
  roomNs(access: number, lines: number): number {
    const lane = 2 * this.linksOf[access >>> 1][0] + (access & 1);
    return this.#freeNs[lane] - lines * this.#laneNs[lane];
  }

  /** Sends a thing over the next of its links; returns when it will have passed it, ns. */
  enterNext(thing: number, now: number, random: number): number {
    const access = this.access[thing];
    const link = this.linksOf[access >>> 1][this.entered[thing]++];
    const lane = 2 * link + (access & 1);
    this.#freeNs[lane] =
      Math.max(this.#freeNs[lane], now) + this.#laneNs[lane] * exponential(random);
    return this.#freeNs[lane];
  }

  /** Whether a thing has passed all links of its path. */
  arrived(thing: number): boolean {
    return this.entered[thing] === this.linksOf[this.access[thing] >>> 1].length;
  }
}
