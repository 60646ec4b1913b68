/**
 * Every access of a run, event by event: the cross-check of the closed loop, with percentiles.
 *
 * A read holds one of its socket's slots from when it is issued until it is answered; then that slot's thread computes, and
 * issues the next access in order. So slots that wait for a slow node are missing for the fast one. A write is posted: it
 * takes its place in the channel's queue and holds no slot, unless all queues it might go to are full: then its slot waits
 * until there is room. Over links, reads and writes queue for their lane first. Channels (channels.ts) and lanes serve one
 * line at a time in order of arrival, each for an exponentially distributed time.
 *
 * Since service is in order, a line's departure is known when it arrives (D. V. Lindley, Proc. Cambridge Phil. Soc. 48, 1952):
 * only slots, and lines between two queues, are events.
 *
 * Epochs follow each other without a pause, with several sockets in step: none begins an epoch before all have issued
 * the last one. A slot computes between its accesses, as long as makes up the epoch's compute time.
 *
 * Left out: which thread issues an access (a socket's slots are one pool), open pages and the order a controller
 * prefers (service times say what that makes of a mix).
 */

import { BusyTimes } from './busy-times.ts';
import { ChannelQueues } from './channel-queues.ts';
import { Channels } from './channels.ts';
import { ClosedLoop } from './closed-loop.ts';
import { EventWheel } from './event-wheel.ts';
import { exponential, oneOf, xorshift } from './exponential.ts';
import type { LatencyHistogram } from './latency-histogram.ts';
import { LinkQueues } from './link-queues.ts';
import type { MemorySystem } from './memory-system.ts';

/** Lines a lane queues before a write waits for room. */
const LANE_QUEUE = 64;
/** Writes of a system on links at a time. */
const WRITES_ON_LINKS = 4096;
const SEED = 0x9e3779b9 | 0;
/** A write without room is tried again after this long. */
const RETRY_NS = 1;
/** When a slot is free whose read is on a link: not known yet. */
const HELD_BY_LINK = Number.POSITIVE_INFINITY;
/** In place of an access: a write that has its place in a channel's queue, or waits for room there. */
const IN_CHANNEL = 0xffff;
/** Tables are read at utilisations between these: at the very ends they say nothing about waiting. */
const [LEAST_UTILISED, MOST_UTILISED] = [0.02, 0.9999];
/** Accesses asked for at a time. */
const ACCESSES_AT_A_TIME = 1 << 14;

/** Where accesses come from: fills `into` with the socket's next ones, `path << 1 | write` each; 0 ends its epoch. */
export type AccessSource = (socket: number, into: Uint16Array) => number;

export class QueueModel {
  readonly #slots: readonly number[];
  readonly #channels: Channels;
  readonly #queues: ChannelQueues;
  readonly #busy: BusyTimes;
  readonly #loop: ClosedLoop;
  readonly #links: LinkQueues;
  readonly #wheel: EventWheel;
  readonly #utilisation: Float64Array;
  /** Of every thing in the wheel, slots and then writes on links: its socket. */
  readonly #socketOf: Uint8Array;
  readonly #freeWrites: number[] = [];
  /** Of every socket: accesses at hand, how many they are and how many are taken; whether its epoch has ended. */
  readonly #sequence: readonly Uint16Array[];
  readonly #filled: Int32Array;
  readonly #taken: Int32Array;
  readonly #ended: Uint8Array;
  /** What each slot computes after a read, or, where a socket only writes, after a write, ns. */
  readonly #afterReadNs: Float64Array;
  readonly #afterWriteNs: Float64Array;
  /** Slots without an access: of sockets whose epoch has ended. */
  readonly #parked: number[] = [];
  /** When the epoch could begin, and how long nothing was to be done. */
  #nowNs = 0;
  #pausedNs = 0;
  #random = SEED;

  /** `reads` and `writes` are the lines of the whole run over each path: they say how nodes are divided into channels. */
  constructor(
    system: MemorySystem,
    slots: readonly number[],
    reads: Float64Array,
    writes: Float64Array,
  ) {
    const sockets = slots.length;
    const nodes = system.paths.length / sockets;
    const allSlots = slots.reduce((sum, n) => sum + n, 0);
    const things = allSlots + (system.links.length > 0 ? WRITES_ON_LINKS : 0);
    this.#slots = slots;
    this.#busy = new BusyTimes(system, sockets);
    this.#loop = new ClosedLoop(system, ...slots);
    this.#utilisation = new Float64Array(nodes);
    this.#setUtilisation(reads, writes, 0);
    this.#channels = new Channels(system, reads, writes, this.#utilisation);
    this.#links = new LinkQueues(system, things);
    let linesPerNs = 0;
    for (let k = 0; k < nodes; k++) linesPerNs += this.#busy.latencies[k].gbps / system.lineBytes;
    this.#wheel = new EventWheel(things, 1 / linesPerNs);
    this.#queues = new ChannelQueues(this.#channels, system.paths.length);
    this.#sequence = slots.map(() => new Uint16Array(ACCESSES_AT_A_TIME));
    this.#filled = new Int32Array(sockets);
    this.#taken = new Int32Array(sockets);
    this.#ended = new Uint8Array(sockets);
    this.#afterReadNs = new Float64Array(sockets);
    this.#afterWriteNs = new Float64Array(sockets);
    this.#socketOf = new Uint8Array(things);
    // Threads do not begin in one instant: the first accesses are spread over a latency.
    for (const [s, own] of slots.entries()) {
      for (let i = 0; i < own; i++) {
        const slot = this.#parked.length;
        this.#wheel.dueNs[slot] = (system.paths[s * nodes].idle_ns * i) / own;
        this.#socketOf[slot] = s;
        this.#parked.push(slot);
      }
    }
    for (let thing = allSlots; thing < things; thing++) this.#freeWrites.push(thing);
  }

  /** Read latencies of every node. */
  get histograms(): readonly LatencyHistogram[] {
    return this.#queues.histograms;
  }

  /** The sum of all read latencies over each path, ns. */
  get loadNsSum(): Float64Array {
    return this.#queues.loadNsSum;
  }

  /** The least time each node needed for the lines of the last epoch, ns. */
  get busyNs(): Float64Array {
    return this.#busy.nodes;
  }

  /**
   * Replays an epoch of these lines over each path, whose accesses `source` gives in order; returns the time from when the
   * first of them could be issued until the first of the next epoch can, ns.
   */
  replay(
    reads: Float64Array,
    writes: Float64Array,
    computeNs: number | Float64Array,
    source: AccessSource,
  ): number {
    const began = this.#nowNs;
    if (this.#prepare(reads, writes, computeNs) === 0) {
      const paused = typeof computeNs === 'number' ? computeNs : Math.max(...computeNs);
      this.#pausedNs += paused;
      return paused;
    }
    for (const slot of this.#parked)
      this.#wheel.push(slot, Math.max(began, this.#wheel.dueNs[slot]));
    this.#parked.length = 0;
    this.#run(source);
    return this.#nowNs - began;
  }

  /** The time from the beginning until everything that was issued is done, ns. No epoch may follow. */
  finish(): number {
    let done = 0;
    for (const slot of this.#parked) done = Math.max(done, this.#wheel.dueNs[slot]);
    for (let thing = this.#wheel.pop(); thing >= 0; thing = this.#wheel.pop()) {
      done = Math.max(done, this.#wheel.dueNs[thing]);
      if (this.#links.entered[thing] > 0) this.#moveOn(thing, this.#wheel.dueNs[thing]);
    }
    for (const free of this.#queues.freeNs) done = Math.max(done, free);
    return done + this.#pausedNs;
  }

  /** Sets what an epoch's mix asks of the channels, and how long slots compute; returns its lines. */
  #prepare(reads: Float64Array, writes: Float64Array, computeNs: number | Float64Array): number {
    const nodes = this.#utilisation.length;
    this.#setUtilisation(reads, writes, computeNs);
    this.#channels.setMix(reads, writes, this.#utilisation);
    let lines = 0;
    for (let s = 0, p = 0; s < this.#slots.length; s++) {
      let ownReads = 0;
      let ownWrites = 0;
      for (let k = 0; k < nodes; k++, p++) {
        ownReads += reads[p];
        ownWrites += writes[p];
      }
      lines += ownReads + ownWrites;
      const compute = typeof computeNs === 'number' ? computeNs : computeNs[s];
      const after = (own: number) =>
        own === 0 ? 0 : (compute * Math.min(this.#slots[s], own)) / own;
      this.#afterReadNs[s] = after(ownReads);
      this.#afterWriteNs[s] = ownReads > 0 ? 0 : after(ownWrites);
      this.#filled[s] = 0;
      this.#taken[s] = 0;
      this.#ended[s] = 0;
    }
    return lines;
  }

  /** Sets the utilisations at which tables are read: those the closed loop finds. */
  #setUtilisation(
    reads: Float64Array,
    writes: Float64Array,
    computeNs: number | Float64Array,
  ): void {
    this.#busy.update(reads, writes);
    const time = this.#loop.solve(reads, writes, computeNs);
    for (let k = 0; k < this.#utilisation.length; k++) {
      const used = time === 0 ? 0 : this.#busy.nodes[k] / time;
      this.#utilisation[k] = Math.min(MOST_UTILISED, Math.max(LEAST_UTILISED, used));
    }
  }

  /**
   * Runs until every socket has issued all accesses of its epoch. Arrivals at channels are written out here, with local
   * names, for both reads and writes: that alone makes it nearly twice as fast.
   */
  #run(source: AccessSource): void {
    const wheel = this.#wheel;
    const links = this.#links;
    const { first, count, serviceNs, restNs, stretch, queueLines } = this.#channels;
    const { freeNs, wasWrite, nodeOf, loadNsSum, histograms } = this.#queues;
    const taken = this.#taken;
    const filled = this.#filled;
    const afterReadNs = this.#afterReadNs;
    const afterWriteNs = this.#afterWriteNs;
    const socketOf = this.#socketOf;
    const sequences = this.#sequence;
    const linked = links.linksOf.some((own) => own.length > 0);
    const sockets = this.#slots.length;
    // A sequence of its own: what is called from here draws from another.
    let random = this.#random ^ SEED || SEED;
    for (let ended = 0; ended < sockets; ) {
      const slot = wheel.pop();
      if (slot < 0) break;
      const now = wheel.dueNs[slot];
      if (linked && links.entered[slot] > 0) {
        this.#moveOn(slot, now);
        continue;
      }
      const s = socketOf[slot];
      const sequence = sequences[s];
      let next = now;
      // A write that is posted at once leaves the slot free for another access.
      while (next === now) {
        if (taken[s] === filled[s]) {
          taken[s] = 0;
          filled[s] = this.#ended[s] === 1 ? 0 : source(s, sequence);
          if (filled[s] === 0) break;
        }
        const access = sequence[taken[s]++];
        const p = access >>> 1;
        if (linked && links.linksOf[p].length > 0) {
          next = this.#enterLink(slot, access, now);
          continue;
        }
        const k = nodeOf[p];
        random = xorshift(random);
        const channel = first[k] + oneOf(count[k], random);
        const free = freeNs[channel];
        const start = free > now ? free : now;
        if ((access & 1) === 0) {
          const service = serviceNs[4 * p + wasWrite[channel]] * exponential(random);
          freeNs[channel] = start + service;
          wasWrite[channel] = 0;
          const latency = restNs[p] + service + (start - now) * stretch[p];
          loadNsSum[p] += latency;
          histograms[k].record(latency);
          next = now + latency + afterReadNs[s];
          continue;
        }
        const mean = serviceNs[4 * p + 2 + wasWrite[channel]];
        if (free - queueLines[k] * mean > now) {
          next = this.#queues.writeToFull(p, now) + afterWriteNs[s];
          continue;
        }
        freeNs[channel] = start + mean * exponential(random);
        wasWrite[channel] = 1;
        next = now + afterWriteNs[s];
      }
      if (next === HELD_BY_LINK) continue;
      if (next > now) {
        wheel.push(slot, next);
        continue;
      }
      this.#nowNs = Math.max(this.#nowNs, now);
      if (this.#ended[s] === 0) ended++;
      this.#ended[s] = 1;
      this.#parked.push(slot);
    }
    this.#random ^= random;
    if (this.#random === 0) this.#random = SEED;
  }

  /**
   * Sends an access over its first link. Returns when its slot can issue another: now; later, with the access still to be
   * issued, where a write has no room; or HELD_BY_LINK, where a read holds it.
   */
  #enterLink(slot: number, access: number, now: number): number {
    const links = this.#links;
    const s = this.#socketOf[slot];
    const write = (access & 1) === 1;
    let thing = slot;
    if (write) {
      const room = links.roomNs(access, LANE_QUEUE);
      if (this.#freeWrites.length === 0 || room > now) {
        this.#taken[s]--;
        return Math.max(room, now + RETRY_NS);
      }
      thing = this.#freeWrites.pop() as number;
      this.#socketOf[thing] = s;
    }
    links.access[thing] = access;
    links.issuedNs[thing] = now;
    this.#wheel.push(thing, links.enterNext(thing, now, this.#draw()));
    return write ? now + this.#afterWriteNs[s] : HELD_BY_LINK;
  }

  /** A line that was on a link enters the next one, or its channel. */
  #moveOn(thing: number, now: number): void {
    const links = this.#links;
    const access = links.access[thing];
    if (access !== IN_CHANNEL && !links.arrived(thing)) {
      this.#wheel.push(thing, links.enterNext(thing, now, this.#draw()));
      return;
    }
    if (access === IN_CHANNEL) {
      links.entered[thing] = 0;
      this.#freeWrites.push(thing);
    } else if ((access & 1) === 0) {
      links.entered[thing] = 0;
      const ready = this.#queues.read(access >>> 1, now, links.issuedNs[thing]);
      this.#wheel.push(thing, ready + this.#afterReadNs[this.#socketOf[thing]]);
    } else {
      // A full channel holds the write's place on the way to it.
      links.access[thing] = IN_CHANNEL;
      this.#wheel.push(thing, this.#queues.writeToFull(access >>> 1, now));
    }
  }

  #draw(): number {
    this.#random = xorshift(this.#random);
    return this.#random;
  }
}
