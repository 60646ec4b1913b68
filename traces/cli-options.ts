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
