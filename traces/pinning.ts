import type { CountedLines } from './line-stream.ts';
import type { TraceBatch } from './trace.ts';

/**
 * Which socket a traced program's threads run on: each one's own, by thread id, or dealt to so many sockets in turn, in the
 * order in which they first access memory.
 */
export type Pinning = Readonly<
  { sockets: number } & ({ of: 'in turn' } | { of: readonly (readonly [number, number])[] })
>;

/** Threads that were pinned to a socket. */
export type PinnedThreads = Readonly<{ socket: number; threads: number }>;

/**
 * The pinning in texts such as `0=0-3,8` (a socket, and ids of threads), one for each socket. Throws where one is not like
 * that, and where a thread is named twice.
 */
export function parsePinning(texts: readonly string[]): Pinning {
  const of = new Map<number, number>();
  for (const text of texts) {
    const [socket, list = ''] = text.split('=');
    if (!/^\d{1,4}=\d{1,9}(-\d{1,9})?(,\d{1,9}(-\d{1,9})?)*$/.test(text))
      throw new Error(`--pin: (got ${JSON.stringify(text)}, expected like 1=4-7,9 or in-turn)`);
    for (const range of list.split(',')) {
      const [first, last = first] = range.split('-').map(Number);
      if (last < first || last - first > 65535)
        throw new Error(`--pin: threads (got ${range}, expected an ascending range)`);
      for (let thread = first; thread <= last; thread++) {
        if (of.has(thread))
          throw new Error(`--pin: thread ${thread} (got it twice, expected once)`);
        of.set(thread, Number(socket));
      }
    }
  }
  return { sockets: 1 + Math.max(...of.values()), of: [...of] };
}

/** Tells the lines of a batch apart by the socket their thread runs on. */
export class ThreadSockets {
  readonly sockets: number;
  readonly #file: string;
  readonly #given: ReadonlyMap<number, number> | undefined;
  readonly #seen = new Map<number, number>();
  #keys = new Uint32Array(0);

  /** `file` names the trace in errors. */
  constructor(file: string, { sockets, of }: Pinning) {
    this.sockets = sockets;
    this.#file = file;
    this.#given = of === 'in turn' ? undefined : new Map(of);
  }

  /**
   * For each of a batch's lines the page and the socket as one number, `page * sockets + socket`. Without `row`, lines are rows.
   * Throws at a thread that no socket was named for.
   */
  keys({ length, page, row }: CountedLines, { thread }: TraceBatch): Uint32Array {
    if (this.#keys.length < length) this.#keys = new Uint32Array(length);
    const keys = this.#keys;
    const sockets = this.sockets;
    let last = -1;
    let socket = 0;
    for (let i = 0; i < length; i++) {
      const id = thread[row === undefined ? i : row[i]];
      if (id !== last) {
        socket = this.#socketOf(id);
        last = id;
      }
      keys[i] = page[i] * sockets + socket;
    }
    return keys;
  }

  /** How many threads were seen on every socket. */
  threads(): PinnedThreads[] {
    const on = [...this.#seen.values()];
    return Array.from({ length: this.sockets }, (_, socket) => ({
      socket,
      threads: on.filter((s) => s === socket).length,
    }));
  }

  #socketOf(thread: number): number {
    const known = this.#seen.get(thread);
    if (known !== undefined) return known;
    const socket =
      this.#given === undefined ? this.#seen.size % this.sockets : this.#given.get(thread);
    if (socket === undefined) {
      const given = [...(this.#given ?? new Map()).keys()].join(', ');
      throw new Error(`${this.#file}: --pin: thread ${thread} has no socket (got ${given})`);
    }
    this.#seen.set(thread, socket);
    return socket;
  }
}
