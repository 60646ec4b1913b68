/**
 * Which of a fixed number of things comes next: a timing wheel (G. Varghese, T. Lauck, Proc. SOSP 1987). Times are
 * kept exactly; things due within one tick come in any order, so the tick has to be short against what is simulated.
 * What is due later than one turn of the wheel waits in its last tick and is put in again.
 */

const TICKS = 1 << 13;
const MASK = TICKS - 1;
const NONE = -1;

export class EventWheel {
  /** When each thing is due, ns. */
  readonly dueNs: Float64Array;
  /** The things due in every tick, as lists; and one bit a tick that has any. */
  readonly #first = new Int32Array(TICKS).fill(NONE);
  readonly #next: Int32Array;
  readonly #filled = new Int32Array(TICKS / 32);
  readonly #tickNs: number;
  readonly #ticksPerNs: number;
  /** When this turn of the wheel began, and the tick of it that is looked at next. */
  #turnNs = 0;
  #turns = 0;
  #now = 0;
  #size = 0;

  constructor(things: number, tickNs: number) {
    this.dueNs = new Float64Array(things);
    this.#next = new Int32Array(things);
    this.#tickNs = tickNs;
    this.#ticksPerNs = 1 / tickNs;
  }

  /** Puts in a thing that is not in it; one due before now is due now. */
  push(thing: number, dueNs: number): void {
    this.dueNs[thing] = dueNs;
    this.#size++;
    const ahead = (dueNs - this.#turnNs) * this.#ticksPerNs;
    const now = this.#now;
    const tick = ahead < now ? now : ahead < now + MASK ? ahead | 0 : now + MASK;
    const at = tick & MASK;
    this.#next[thing] = this.#first[at];
    this.#first[at] = thing;
    this.#filled[at >>> 5] |= 1 << (at & 31);
  }

  /** Takes out what is due next; -1 where it is empty. */
  pop(): number {
    while (this.#size > 0) {
      const at = this.#seek();
      const thing = this.#first[at];
      const next = this.#next[thing];
      this.#first[at] = next;
      if (next === NONE) this.#filled[at >>> 5] &= ~(1 << (at & 31));
      this.#size--;
      // Due in this tick, or in the next by rounding; else more than a turn had to go by.
      if (this.dueNs[thing] < this.#turnNs + (at + 2) * this.#tickNs) return thing;
      this.push(thing, this.dueNs[thing]);
    }
    return NONE;
  }

  /** Moves on to the next tick in which anything is due. */
  #seek(): number {
    const filled = this.#filled;
    let at = this.#now;
    let bits = filled[at >>> 5] >>> (at & 31);
    if (bits === 0) {
      at &= ~31;
      do {
        at += 32;
        if (at === TICKS) {
          at = 0;
          this.#turns++;
          this.#turnNs = this.#turns * TICKS * this.#tickNs;
        }
        bits = filled[at >>> 5];
      } while (bits === 0);
    }
    at += 31 - Math.clz32(bits & -bits);
    this.#now = at;
    return at;
  }
}
