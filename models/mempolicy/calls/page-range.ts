import type { Errno } from '../kernel/errno.ts';
import type { Kernel } from '../kernel/kernel.ts';

/** The address space ends here: a range that goes beyond wraps around. */
const ADDRESSES = 2 ** 64;

/**
 * The page numbers of a range: first and behind the last. EINVAL where the address is not at the beginning of a page,
 * or the range wraps around. Lengths are rounded up to whole pages.
 */
export function pageRange(
  { topology: { pageBytes } }: Kernel,
  address: number,
  length: number,
): readonly [number, number] | Errno {
  if (address % pageBytes !== 0) return 'EINVAL';
  const pages = Math.ceil(length / pageBytes);
  if (address + pages * pageBytes > ADDRESSES) return 'EINVAL';
  const start = address / pageBytes;
  return [start, start + pages];
}
