import { InvalidArgumentError } from 'commander';

/** A parser for a whole-number option from `min` to `max`; what is not one is a usage error. */
export function wholeNumber(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (/^[0-9]+$/.test(text) && value >= min && value <= max) return value;
    throw new InvalidArgumentError(
      `(got ${JSON.stringify(text)}, expected a whole number from ${min} to ${max})`,
    );
  };
}

/** A parser for a number option from `min` to `max`, fractions allowed. */
export function anyNumber(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (text.trim() !== '' && value >= min && value <= max) return value;
    throw new InvalidArgumentError(
      `(got ${JSON.stringify(text)}, expected a number from ${min} to ${max})`,
    );
  };
}

/** Bytes of a unit: the binary ones, and the decimal ones that look like them. */
const UNIT_BYTES: ReadonlyMap<string, number> = new Map([
  ['', 1],
  ['B', 1],
  ...['K', 'M', 'G', 'T'].flatMap((prefix, i): [string, number][] => [
    [prefix === 'K' ? 'kB' : `${prefix}B`, 1000 ** (i + 1)],
    [`${prefix}iB`, 1024 ** (i + 1)],
  ]),
]);

/**
 * A parser for a size option in bytes from `min` to `max`, a whole number of `unit` bytes: `4096`, `64MiB`, `1.5GiB`, `2GB`.
 * `unit` may be `'power of two'`.
 */
export function byteSize(
  min: string,
  max: string,
  unit: number | 'power of two' = 1,
): (text: string) => number {
  const expected =
    `expected bytes from ${min} to ${max}, with or without a unit such as MiB` +
    (unit === 1 ? '' : `, ${unit === 'power of two' ? `a ${unit}` : `a multiple of ${unit}`}`);
  return (text) => {
    const value = bytesOf(text);
    const whole = unit === 'power of two' ? Number.isInteger(Math.log2(value)) : value % unit === 0;
    if (value >= bytesOf(min) && value <= bytesOf(max) && whole) return value;
    throw new InvalidArgumentError(`(got ${JSON.stringify(text)}, ${expected})`);
  };
}

/** The bytes a text stands for; NaN where it is no size. */
function bytesOf(text: string): number {
  const [, digits, unit] = /^([0-9]+(?:\.[0-9]+)?) ?([A-Za-z]*)$/.exec(text) ?? [];
  return Number(digits) * (UNIT_BYTES.get(unit) ?? Number.NaN);
}
