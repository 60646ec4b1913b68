import type { Channels } from './channels.ts';
import { exponential, oneOf, xorshift } from './exponential.ts';
import { LatencyHistogram } from './latency-histogram.ts';

/** A write whose channel is full lets others go first: so many channels are tried before its slot waits. */
const TRIES = 2;
const SEED = 0x85ebca6b | 0;

/** The queues of all channels, and what reads had to wait in them. */
export class ChannelQueues {
  /** When each channel is free, ns, and whether its last line was a write. */
  readonly freeNs: Float64Array;
  readonly wasWrite: Uint8Array;
  /** The node of every path. */
  readonly nodeOf: Uint8Array;
  /** Read latencies of every node; and over each path their sum, ns. */
  readonly histograms: readonly LatencyHistogram[];
  readonly loadNsSum: Float64Array;
  readonly #channels: Channels;
  #random = SEED;

  constructor(channels: Channels, paths: number) {
    const nodes = channels.count.length;
    this.#channels = channels;
    this.freeNs = new Float64Array(channels.first[nodes]);
    this.wasWrite = new Uint8Array(channels.first[nodes]);
    this.nodeOf = Uint8Array.from({ length: paths }, (_, p) => p % nodes);
    this.histograms = Array.from({ length: nodes }, () => new LatencyHistogram());
    this.loadNsSum = new Float64Array(paths);
  }

  /** A read over path `p` arrives that was issued before; returns when it is answered, ns. */
  read(p: number, now: number, issuedNs: number): number {
    const { first, count, serviceNs, restNs, stretch } = this.#channels;
    const k = this.nodeOf[p];
    const random = this.#draw();
    const channel = first[k] + oneOf(count[k], random);
    const service = serviceNs[4 * p + this.wasWrite[channel]] * exponential(random);
    const start = Math.max(this.freeNs[channel], now);
    this.freeNs[channel] = start + service;
    this.wasWrite[channel] = 0;
    const latency = now - issuedNs + restNs[p] + service + (start - now) * stretch[p];
    this.loadNsSum[p] += latency;
    this.histograms[k].record(latency);
    return issuedNs + latency;
  }

  /** Posts a write whose channel is full to another of its node; returns now, or when one has room, where none has. */
  writeToFull(p: number, now: number): number {
    const { first, count, serviceNs, queueLines } = this.#channels;
    const k = this.nodeOf[p];
    let emptiest = first[k];
    let room = Number.POSITIVE_INFINITY;
    for (let i = 0; i < TRIES && room > now; i++) {
      const channel = first[k] + oneOf(count[k], this.#draw());
      const queued = queueLines[k] * serviceNs[4 * p + 2 + this.wasWrite[channel]];
      if (this.freeNs[channel] - queued >= room) continue;
      emptiest = channel;
      room = this.freeNs[channel] - queued;
    }
    const mean = serviceNs[4 * p + 2 + this.wasWrite[emptiest]];
    this.freeNs[emptiest] = Math.max(this.freeNs[emptiest], now) + mean * exponential(this.#draw());
    this.wasWrite[emptiest] = 1;
    return Math.max(room, now);
  }

  #draw(): number {
    this.#random = xorshift(this.#random);
    return this.#random;
  }
}
