import type { CacheUseResult, CountByOp } from '../traces/cache-use.ts';
import type { CachegrindEvents } from '../traces/cachegrind.ts';
import { bytesText, countOf, countText, percentText } from './quantity.ts';
import { paragraph, textTable } from './text-table.ts';

/** What each cache level got and missed, and what was left for memory, as a terminal shows it. */
export function cacheUseText({ caches, memory }: CacheUseResult): string {
  const right = true;
  const sizes = caches.map(({ name, bytes, ways, inclusive, instances = 1 }) => {
    const apart = instances > 1 ? `, ${instances} of them` : '';
    return `${name} ${bytesText(bytes)} of ${countOf(ways, 'way')}${inclusive ? ', inclusive' : ''}${apart}`;
  });
  const table = textTable(
    [
      { name: 'cache' },
      { name: 'references', right },
      { name: 'misses', right },
      { name: 'rate', right },
      { name: 'loads', right },
      { name: 'stores', right },
      { name: 'fetches', right },
    ],
    caches.map(({ name, references, misses }) => {
      const [asked, missed] = [sum(references), sum(misses)];
      return [
        name,
        countText(asked),
        countText(missed),
        asked === 0 ? '-' : percentText(missed / asked),
        countText(misses.loads),
        countText(misses.stores),
        countText(misses.fetches),
      ];
    }),
  );
  const { linesRead, linesWritten } = memory;
  return [
    paragraph(`${sizes.join('; ')}. Misses, and of them those of loads, stores and fetches:`),
    '',
    table,
    '',
    paragraph(`Memory: ${countOf(linesRead, 'line')} read, ${countText(linesWritten)} written.`),
  ].join('\n');
}

/** Cachegrind's counts in the layout of its own summary (`cg_fini` in `cachegrind/cg_main.c`, valgrind 3.19). */
export function cachegrindText(events: CachegrindEvents): string {
  const { Ir, I1mr, ILmr, Dr, D1mr, DLmr, Dw, D1mw, DLmw } = events;
  const columns = [Ir, Dr, Dw].map((count) => countText(count).length);
  const cell = (count: number, column: number) => countText(count).padStart(columns[column]);
  const all = (name: string, count: number) => `${name.padEnd(14)} ${cell(count, 0)}`;
  const split = (name: string, read: number, written: number) =>
    `${all(name, read + written)}  (${cell(read, 1)} rd   + ${cell(written, 2)} wr)`;
  const fetchless =
    'The trace holds no instruction fetches: nothing went through I1, and LL had data only.';
  return [
    all('I   refs:', Ir),
    all('I1  misses:', I1mr),
    all('LLi misses:', ILmr),
    '',
    split('D   refs:', Dr, Dw),
    split('D1  misses:', D1mr, D1mw),
    split('LLd misses:', DLmr, DLmw),
    '',
    split('LL refs:', D1mr + I1mr, D1mw),
    split('LL misses:', DLmr + ILmr, DLmw),
    ...(Ir === 0 ? ['', paragraph(fetchless)] : []),
  ].join('\n');
}

function sum({ loads, stores, fetches }: CountByOp): number {
  return loads + stores + fetches;
}
