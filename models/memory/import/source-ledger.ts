import type { Machine } from '../machine.ts';
import type { Said } from './facts.ts';

/** Where the numbers of a machine in the making come from, by their place. */
export type SourceLedger = Readonly<{
  entries: Record<string, string>;
  note: (place: string, sentence: string) => void;
  /** Takes over what the machine it is put onto says of `from`, for what is at `to` now. */
  carry: (from: string, to: string) => void;
}>;

/** A ledger with nothing in it yet, beside the `source` of the machine that is changed. */
export function sourceLedger(before: Machine['source']): SourceLedger {
  const old = typeof before === 'string' ? { '': before } : (before ?? {});
  const entries: Record<string, string> = {};
  return {
    entries,
    note: (place, sentence) => {
      entries[place] = sentence;
    },
    carry: (from, to) => {
      const above = Object.keys(old)
        .filter((place) => covers(place, from))
        .sort((a, b) => b.length - a.length)[0];
      if (above !== undefined) entries[to] = old[above as keyof typeof old];
      for (const [place, sentence] of Object.entries(old)) {
        if (place !== from && covers(from, place))
          entries[`${to}${place.slice(from.length)}`] = sentence;
      }
    },
  };
}

/** Whether what is said of one place is said of another: of itself, and of all inside it. */
function covers(place: string, inner: string): boolean {
  return place === '' || place === inner || ['.', '['].some((s) => inner.startsWith(place + s));
}

/** What is known of the same thing from the machine that is changed, and its place there. */
export type Before<T> = Readonly<{ value: T; place: string }> | undefined;

/** The figure for a place: as read, else as before, else as guessed from what was read, else `otherwise`. */
export function choose<T>(
  ledger: SourceLedger,
  place: string,
  said: Said<T> | undefined,
  before: Before<T>,
  otherwise: Said<T>,
): T {
  if (before !== undefined && (said === undefined || said.guess)) {
    ledger.carry(before.place, place);
    return before.value;
  }
  const { value, source } = said ?? otherwise;
  ledger.note(place, source);
  return value;
}
