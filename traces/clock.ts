/** Times from here on lose their lowest digits as floats: 2^53, in units of 1e9 (seconds, where the unit is 1 ns). */
const EXACT_SECONDS = 9_000_000;

/** A base is a multiple of this many units of 1e9 (11.6 days of ns), so that files of one clock get the same one. */
const BASE_SECONDS = 1_000_000;

/**
 * The times of a text as numbers below 2^53, exact to the last unit.
 *
 * They stay as they stand in the file, unless the first is too large for that (nanoseconds since 1970, say): then `base` is
 * subtracted from all. NaN where a text is no time, or lies 2^53 units or more after the base.
 */
export class Clock {
  #baseSeconds = -1;

  /** What was subtracted, in units of 1e9. */
  get baseSeconds(): number {
    return Math.max(0, this.#baseSeconds);
  }

  /** The time of whole units, decimal. */
  whole(text: string): number {
    if (!/^[0-9]{1,20}$/.test(text)) return Number.NaN;
    if (text.length <= 15 && this.#baseSeconds === 0) return Number(text);
    const cut = Math.max(0, text.length - 9);
    return this.#since(Number(text.slice(0, cut)), Number(text.slice(cut)));
  }

  /** The time in nanoseconds of seconds with up to nine decimals; what is finer is cut off. */
  seconds(text: string): number {
    const point = text.indexOf('.');
    const whole = point < 0 ? text : text.slice(0, point);
    const fraction = point < 0 ? '0' : text.slice(point + 1);
    if (!/^[0-9]{1,11}$/.test(whole) || !/^[0-9]{1,30}$/.test(fraction)) return Number.NaN;
    return this.#since(Number(whole), Number(fraction.slice(0, 9).padEnd(9, '0')));
  }

  /** A sentence on the base, where there is one. */
  notes(unit: string): string[] {
    if (this.#baseSeconds <= 0) return [];
    return [`Times are counted from ${this.#baseSeconds}000000000 ${unit} on.`];
  }

  #since(seconds: number, rest: number): number {
    if (this.#baseSeconds < 0) {
      const base = seconds - (seconds % BASE_SECONDS) - BASE_SECONDS;
      this.#baseSeconds = seconds < EXACT_SECONDS ? 0 : base;
    }
    const time = (seconds - this.#baseSeconds) * 1e9 + rest;
    return time >= 0 && time <= Number.MAX_SAFE_INTEGER ? time : Number.NaN;
  }
}
