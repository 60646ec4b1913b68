import type { BatchBuilder } from './batch-builder.ts';
import { Clock } from './clock.ts';
import {
  type ImportTally,
  UNKNOWN_PERIOD_NOTE,
  UNKNOWN_SIZE,
  UNKNOWN_SIZE_NOTE,
} from './importer.ts';
import { lineError } from './line-error.ts';
import { FETCH, LOAD, STORE, type TimeUnit } from './trace.ts';
import { readWords } from './word-pair.ts';

/** What a column of a table of accesses can mean. */
type Role = 'time' | 'address' | 'size' | 'op' | 'thread';

/** How a time is written: in its unit, in thousands or millions of it, or as seconds with decimals. */
type TimeForm = 'whole' | 'thousands' | 'millions' | 'seconds';

/** A column by one of its names: what it means, the unit of a time, and whether an address is a physical one. */
type Meaning = Readonly<{ role: Role; unit?: TimeUnit; form?: TimeForm; physical?: boolean }>;

const ns = { role: 'time', unit: 'ns' } as const;
const cycles = { role: 'time', unit: 'cycles' } as const;
const instructions = { role: 'time', unit: 'instructions' } as const;

/** Names as they are looked for: in lower case, without anything but letters and digits. */
const MEANINGS: ReadonlyMap<string, Meaning> = new Map<string, Meaning>([
  ...['time', 'timestamp', 'timens', 'timestampns', 'ns'].map((name) => [name, ns] as const),
  ...['times', 'seconds', 'sec'].map((name) => [name, { ...ns, form: 'seconds' }] as const),
  ...['timems', 'ms'].map((name) => [name, { ...ns, form: 'millions' }] as const),
  ...['timeus', 'us'].map((name) => [name, { ...ns, form: 'thousands' }] as const),
  ...['timecycles', 'cycle', 'cycles', 'tsc'].map((name) => [name, cycles] as const),
  ...['timeinstructions', 'instruction', 'instructions', 'icount'].map(
    (name) => [name, instructions] as const,
  ),
  ...['address', 'addr', 'vaddr', 'virtualaddress'].map(
    (name) => [name, { role: 'address' }] as const,
  ),
  ...['paddr', 'physaddr', 'physicaladdress'].map(
    (name) => [name, { role: 'address', physical: true }] as const,
  ),
  ...['size', 'bytes', 'width'].map((name) => [name, { role: 'size' }] as const),
  ...['op', 'type', 'rw', 'access', 'iswrite', 'write'].map(
    (name) => [name, { role: 'op' }] as const,
  ),
  ...['thread', 'tid', 'threadid'].map((name) => [name, { role: 'thread' }] as const),
]);

const OPS: ReadonlyMap<string, number> = new Map([
  ...['0', 'r', 'read', 'l', 'ld', 'load', 'false'].map((name) => [name, LOAD] as const),
  ...['1', 'w', 'write', 's', 'st', 'store', 'true'].map((name) => [name, STORE] as const),
  ...['2', 'f', 'fetch', 'i', 'ifetch'].map((name) => [name, FETCH] as const),
]);

const ZEROS = { whole: '', thousands: '000', millions: '000000' };

const TIME_EXPECTED = {
  whole: 'a whole number that is not negative, below 2^53 from the first on',
  thousands: 'whole microseconds',
  millions: 'whole milliseconds',
  seconds: 'seconds with decimals',
};

/** What a column of this name means; undefined where nothing is known of it. */
export function meaningOf(name: string): Meaning | undefined {
  return MEANINGS.get(name.toLowerCase().replace(/[^a-z0-9]/g, ''));
}

/**
 * The columns of a table of accesses, found by their names: `index` is where each is among the names, -1 where it is
 * missing. Of two columns with one meaning the first counts, a virtual address before a physical one; the others, and those
 * whose names mean nothing, are `unused`. Undefined where there is no address.
 */
export type AccessColumns = Readonly<{
  index: Readonly<Record<Role, number>>;
  unused: readonly string[];
  timeUnit: TimeUnit;
  form: TimeForm;
  physical: boolean;
}>;

/** Finds the columns by their names. */
export function accessColumns(names: readonly string[]): AccessColumns | undefined {
  const meanings = names.map(meaningOf);
  const find = (role: Role) => meanings.findIndex((meaning) => meaning?.role === role);
  const virtual = meanings.findIndex((m) => m?.role === 'address' && m.physical !== true);
  const address = virtual >= 0 ? virtual : find('address');
  if (address < 0) return undefined;
  const index = {
    time: find('time'),
    address,
    size: find('size'),
    op: find('op'),
    thread: find('thread'),
  };
  const used = new Set(Object.values(index));
  return {
    index,
    unused: names.filter((_, column) => !used.has(column)),
    timeUnit: meanings[index.time]?.unit ?? 'accesses',
    form: meanings[index.time]?.form ?? 'whole',
    physical: meanings[address]?.physical === true,
  };
}

/**
 * Makes rows of such a table, whose values are texts: times decimal (seconds with decimals), addresses decimal or hex after
 * 0x, sizes from 1 to 65535, ops in any of the usual words, threads of 32 bits.
 */
export class AccessRows {
  readonly #file: string;
  readonly #columns: AccessColumns;
  readonly #clock = new Clock();
  readonly #words = { low: 0, high: 0 };
  #row = 0;

  constructor(file: string, columns: AccessColumns) {
    this.#file = file;
    this.#columns = columns;
  }

  /** Pushes the row of line `number`. Throws where a value is missing or none of its column. */
  push(number: number, values: readonly (string | undefined)[], builder: BatchBuilder): void {
    const { index, form } = this.#columns;
    const words = this.#words;
    const value = (role: Role) => values[index[role]]?.trim() ?? '';
    const refuse = (role: Role, expected: string) =>
      lineError(this.#file, number, role, value(role), expected);
    const row = this.#row++;
    let time = row;
    if (index.time >= 0) {
      const text = value('time');
      if (form === 'seconds') time = this.#clock.seconds(text);
      else time = this.#clock.whole(text === '' ? '' : text + ZEROS[form]);
      if (Number.isNaN(time)) throw refuse('time', TIME_EXPECTED[form]);
    }
    if (!readWords(value('address'), words)) {
      throw refuse('address', 'up to 64 bits, decimal or hex after 0x');
    }
    let size = UNKNOWN_SIZE;
    if (index.size >= 0) {
      size = /^\d+$/.test(value('size')) ? Number(value('size')) : 0;
      if (size < 1 || size > 65535) throw refuse('size', '1 to 65535 bytes');
    }
    let op: number | undefined = LOAD;
    if (index.op >= 0) op = OPS.get(value('op').toLowerCase());
    if (op === undefined) throw refuse('op', 'R or W, read or write, load or store, 0 or 1');
    let thread = 0;
    if (index.thread >= 0) {
      thread = /^\d+$/.test(value('thread')) ? Number(value('thread')) : -1;
      if (thread < 0 || thread > 0xffff_ffff) throw refuse('thread', 'a number of 32 bits');
    }
    builder.push(time, words.low, words.high, size, op, thread);
  }

  /** Adds to the tally what a reader should know of the table. */
  note(tally: ImportTally, samplePeriod: number | undefined): void {
    const { index, unused, timeUnit } = this.#columns;
    if (unused.length > 0) tally.notes.push(`Not used: ${unused.join(', ')}.`);
    if (index.time < 0) tally.notes.push('There is no time: accesses are numbered.');
    if (index.op < 0) tally.notes.push('There is no op: every access counts as a load.');
    if (index.size < 0) tally.notes.push(UNKNOWN_SIZE_NOTE);
    if (samplePeriod === undefined && unused.some((name) => /period/i.test(name))) {
      tally.notes.push(UNKNOWN_PERIOD_NOTE);
    }
    tally.notes.push(...this.#clock.notes(timeUnit));
  }
}
