/** The arguments of commands, as text. Each of these throws where the text is not what it should be. */

import type { Nodemask } from '../nodemask.ts';

function refuse(what: string, text: string, expected: string): never {
  throw new Error(`${what} (got ${JSON.stringify(text)}, expected ${expected})`);
}

/** A number, decimal or with 0x, negative or not. */
export function numberOf(text: string, what: string): number {
  if (!/^-?(0x[0-9a-f]+|\d+)$/i.test(text)) refuse(what, text, 'a number');
  return text.startsWith('-') ? -Number(text.slice(1)) : Number(text);
}

/** A whole number from `least` on. */
export function countOf(text: string, what: string, least = 0): number {
  const value = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
  if (!(value >= least)) refuse(what, text, `a whole number from ${least} on`);
  return value;
}

/** An address: hexadecimal with 0x, or decimal. */
export function addressOf(text: string): number {
  if (!/^(0x[0-9a-f]{1,16}|\d{1,16})$/i.test(text))
    refuse('address', text, 'a number such as 0x1000');
  return Number(text);
}

/** A nodemask: hexadecimal, or `null` for none. */
export function maskOf(text: string): Nodemask | null {
  if (text === 'null') return null;
  const [, digits] = /^(?:0x)?([0-9a-f]{1,1024})$/i.exec(text) ?? [];
  return BigInt(`0x${digits ?? refuse('nodemask', text, 'hexadecimal digits, or null')}`);
}

/** Weights of nodes 0, 1, 2 and so on: `5,1,0,2`. */
export function weightsOf(text: string): number[] {
  const weights = text
    .split(',')
    .map((part) => (/^\d{1,3}$/.test(part) ? Number(part) : Number.NaN));
  if (!weights.every((w) => w <= 255)) refuse('weights', text, 'numbers from 0 to 255 such as 5,1');
  return weights;
}

/** One of some words. */
export function choiceOf<T extends string>(text: string, what: string, choices: readonly T[]): T {
  return choices.find((choice) => choice === text) ?? refuse(what, text, choices.join(', '));
}

/**
 * Arguments such as `mode=6`, by name; a word alone has an empty value. Throws at a name that is not among those known,
 * or comes twice.
 */
export function namedArguments(
  args: readonly string[],
  known: readonly string[],
): ReadonlyMap<string, string> {
  const named = new Map<string, string>();
  for (const arg of args) {
    const [name, value] = arg.includes('=') ? splitOnce(arg) : [arg, ''];
    if (!known.includes(name)) refuse('argument', name, known.join(', '));
    if (named.has(name)) refuse('argument', name, 'each once');
    named.set(name, value);
  }
  return named;
}

function splitOnce(arg: string): [string, string] {
  const at = arg.indexOf('=');
  return [arg.slice(0, at), arg.slice(at + 1)];
}
