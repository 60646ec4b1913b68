import type { Discipline } from '../models/mempolicy/discipline.ts';
import type { Demand } from '../traces/demand.ts';
import { sharedFloats, sharedWords } from '../traces/shared-columns.ts';
import type { TracedVma } from '../traces/trace.ts';
import { vmaAt } from '../traces/vma-at.ts';

/** Bytes of a huge page: one entry of the second lowest page table of x86-64, and of arm64 with pages of 4 KiB. */
export const HUGE_BYTES = 2 ** 21;

/** The pages that are placed, base or huge ones, and the entries of a demand by them. */
export type PlacedPages = Readonly<{
  /** Interleave index of every page, in first-touch order. */
  ilx: Float64Array;
  /** Number (address / bytes) of every page. */
  numbers: Float64Array;
  /** Page of every entry of the demand, a place in those columns. */
  page: Uint32Array;
  bytes: number;
}>;

/**
 * The pages of a demand under a discipline. By first touch, every copy of a program counts for itself from the first node
 * on; its threads share one counter, where the proposal had one for each task. With `huge` all memory is in huge pages, and
 * every mapping is taken as aligned to them, so that a page's index is its base page's number divided by 512 (of 4 KiB).
 * Where the program's mappings are known, a base page's index is its mapping's offset plus its place in it, as the kernel
 * has it (Linux 6.12, mm/mempolicy.c, get_vma_policy): of anonymous memory the page's number, of a file the place in it.
 * Left out: pages of files that are only read lie in the page cache, which has a counter of its own.
 *
 * Columns are shared memory. Throws where base pages are no smaller than huge ones.
 */
export function placedPages(demand: Demand, discipline: Discipline, huge: boolean): PlacedPages {
  const { pageBytes } = demand.metadata;
  if (huge && pageBytes >= HUGE_BYTES) {
    throw new Error(`--huge: no use (got pages of ${pageBytes} bytes, expected below 2 MiB)`);
  }
  const base = { numbers: demand.pages, page: demand.page, bytes: pageBytes };
  const pages = huge ? hugePages(demand) : base;
  const counted = () => sharedFloats(pages.numbers.map((_, ordinal) => ordinal));
  if (discipline !== 'address') return { ...pages, ilx: counted() };
  return { ...pages, ilx: huge ? pages.numbers : indices(demand) };
}

/** The interleave index of every page: its number, but where its mapping has another offset. */
function indices({ metadata, pages }: Demand): Float64Array {
  const { pageBytes, vmas = [] } = metadata;
  const shift = ({ start, pgoff }: TracedVma) => pgoff - Math.floor(start / pageBytes);
  if (vmas.every((vma) => shift(vma) === 0)) return pages;
  const ilx = sharedFloats(pages);
  for (let i = 0; i < ilx.length; i++) {
    const vma = vmaAt(vmas, pages[i] * pageBytes);
    if (vma !== undefined) ilx[i] += shift(vma);
  }
  return ilx;
}

function hugePages(demand: Demand): Omit<PlacedPages, 'ilx'> {
  const basePages = HUGE_BYTES / demand.metadata.pageBytes;
  const ordinals = new Map<number, number>();
  const hugeOf = Uint32Array.from(demand.pages, (base) => {
    const number = Math.floor(base / basePages);
    const ordinal = ordinals.get(number) ?? ordinals.size;
    ordinals.set(number, ordinal);
    return ordinal;
  });
  return {
    numbers: sharedFloats([...ordinals.keys()]),
    page: sharedWords(demand.page.map((ordinal) => hugeOf[ordinal])),
    bytes: HUGE_BYTES,
  };
}
