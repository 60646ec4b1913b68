import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { guestMappings } from '../../traces/guest-mappings.ts';
import { Mappings } from '../../traces/mappings.ts';
import { TouchedPages } from '../../traces/touched-pages.ts';
import type { VmaKind } from '../../traces/trace.ts';
import { type Access, sampleTrace } from './sample-trace.ts';

const PAGE = 4096;

/** Pages touched by loads, or what is drawn. */
async function touched(...accesses: (number | Access)[]): Promise<TouchedPages> {
  const pages = new TouchedPages();
  const rows = accesses.map((a) => (typeof a === 'number' ? { address: a * PAGE } : a));
  for await (const _ of pages.of(sampleTrace(rows).batches));
  return pages;
}

/** Mappings as pages: `from-to pgoff kind`. */
function drawn(mappings: Mappings, pages: TouchedPages): string[] {
  return mappings
    .touched(pages)
    .map(
      ({ start, end, pgoff, kind, huge }) =>
        `${start / PAGE}-${end / PAGE} ${pgoff} ${kind}${huge ? ' huge' : ''}`,
    );
}

function mapped(list: [from: number, to: number, pgoff: number, kind: VmaKind][]): Mappings {
  const mappings = new Mappings();
  for (const [from, to, pgoff, kind] of list)
    mappings.map({ start: from * PAGE, end: to * PAGE, pgoff, kind, huge: false });
  return mappings;
}

const everyPage = Array.from({ length: 40 }, (_, i) => i);

describe('mappings over time', () => {
  test('the last one wins, and cuts those under it', async () => {
    const mappings = mapped([
      [10, 20, 100, 'file'],
      [12, 14, 12, 'anonymous'],
      [18, 22, 0, 'shared'],
    ]);
    expect(drawn(mappings, await touched(...everyPage))).toEqual([
      '10-12 100 file',
      '12-14 12 anonymous',
      '14-18 104 file',
      '18-22 0 shared',
    ]);
  });

  test('only those with touched pages are kept; the first store is to the stack', async () => {
    const mappings = mapped([
      [1, 3, 1, 'anonymous'],
      [5, 9, 5, 'anonymous'],
      [20, 30, 20, 'anonymous'],
    ]);
    const pages = await touched(2, { address: 25 * PAGE + 8, op: 1 }, { address: 2 * PAGE, op: 1 });
    expect(drawn(mappings, pages)).toEqual(['1-3 1 anonymous', '20-30 20 stack']);
  });

  test('anonymous neighbours that continue each other are one', async () => {
    const mappings = mapped([
      [1, 3, 1, 'anonymous'],
      [3, 4, 3, 'anonymous'],
      [4, 6, 9, 'anonymous'],
      [6, 7, 0, 'file'],
      [7, 8, 1, 'file'],
    ]);
    expect(drawn(mappings, await touched(...everyPage))).toEqual([
      '1-4 1 anonymous',
      '4-6 9 anonymous',
      '6-7 0 file',
      '7-8 1 file',
    ]);
  });

  test('are those of a page-by-page model, sorted and disjoint', async () => {
    const pages = await touched(...everyPage);
    const range = fc.tuple(fc.nat(30), fc.integer({ min: 1, max: 9 }), fc.nat(50));
    fc.assert(
      fc.property(fc.array(range, { maxLength: 12 }), (ranges) => {
        const model = new Map<number, number>();
        const mappings = mapped(ranges.map(([from, n, off]) => [from, from + n, off, 'file']));
        for (const [from, n, off] of ranges)
          for (let i = 0; i < n; i++) model.set(from + i, off + i);
        const found = new Map<number, number>();
        let last = 0;
        for (const { start, end, pgoff } of mappings.touched(pages)) {
          expect(start).toBeGreaterThanOrEqual(last);
          last = end;
          for (let p = start; p < end; p += PAGE) found.set(p / PAGE, pgoff + (p - start) / PAGE);
        }
        expect(found).toEqual(new Map([...model].sort(([a], [b]) => a - b)));
      }),
    );
  });
});

describe("a guest's system calls (x86_64)", () => {
  const call = (number: number, result: number, ...args: number[]) =>
    [number, BigInt.asUintN(64, BigInt(result)), args.map(BigInt)] as const;
  const MMAP = 9;
  const BRK = 12;
  const MREMAP = 25;
  const MADVISE = 28;
  const PRIVATE_ANONYMOUS = 0x22;

  async function after(...calls: ReturnType<typeof call>[]) {
    const guest = guestMappings('x86_64');
    guest.begin('1000-2000 r-xp 00005000 08:01 7 /bin/x\n');
    for (const one of calls) guest.syscall(...one);
    return drawn(guest.mappings, await touched(...everyPage));
  }

  test('mmap: private memory, a file from an offset, shared memory, a length within a page', async () => {
    expect(
      await after(
        call(MMAP, 4 * PAGE, 0, 2 * PAGE, 3, PRIVATE_ANONYMOUS, -1, 0),
        call(MMAP, 8 * PAGE, 0, 100, 1, 2, 3, 6 * PAGE),
        call(MMAP, 10 * PAGE, 0, PAGE, 3, 0x21, -1, 0),
        call(MMAP, -12, 0, PAGE, 3, PRIVATE_ANONYMOUS, -1, 0),
      ),
    ).toEqual(['1-2 5 file', '4-6 4 anonymous', '8-9 6 file', '10-11 0 shared']);
  });

  test('brk: the heap is what lies above the first answer, and never shrinks', async () => {
    expect(await after(call(BRK, 4 * PAGE), call(BRK, 6 * PAGE + 1), call(BRK, 5 * PAGE))).toEqual([
      '1-2 5 file',
      '4-7 4 heap',
    ]);
  });

  test('mremap: pgoff goes along', async () => {
    expect(
      await after(
        call(MMAP, 4 * PAGE, 0, 2 * PAGE, 3, PRIVATE_ANONYMOUS, -1, 0),
        call(MREMAP, 20 * PAGE, 4 * PAGE, 2 * PAGE, 5 * PAGE, 1),
      ),
    ).toEqual(['1-2 5 file', '4-6 4 anonymous', '20-25 4 anonymous']);
  });

  test('madvise: huge pages in the range that asks for them', async () => {
    expect(
      await after(
        call(MMAP, 4 * PAGE, 0, 8 * PAGE, 3, PRIVATE_ANONYMOUS, -1, 0),
        call(MADVISE, 0, 6 * PAGE, 4 * PAGE, 14),
        call(MADVISE, 0, 8 * PAGE, PAGE, 15),
        call(MADVISE, 0, 4 * PAGE, PAGE, 4),
      ),
    ).toEqual([
      '1-2 5 file',
      '4-6 4 anonymous',
      '6-8 6 anonymous huge',
      '8-9 8 anonymous',
      '9-10 9 anonymous huge',
      '10-12 10 anonymous',
    ]);
  });
});
