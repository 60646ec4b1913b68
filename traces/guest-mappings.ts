import { Mappings } from './mappings.ts';
import { procMaps } from './proc-maps.ts';
import type { VmaKind } from './trace.ts';

/** Processors whose programs can be recorded under QEMU. */
export type Architecture = 'x86_64' | 'aarch64';

/** Numbers of the system calls that map memory (Linux, `syscall_64.tbl` and `asm-generic/unistd.h`). */
const CALLS: Readonly<Record<Architecture, ReadonlyMap<number, keyof typeof EFFECTS>>> = {
  x86_64: new Map([
    [9, 'mmap'],
    [12, 'brk'],
    [25, 'mremap'],
    [28, 'madvise'],
  ]),
  aarch64: new Map([
    [222, 'mmap'],
    [214, 'brk'],
    [216, 'mremap'],
    [233, 'madvise'],
  ]),
};

/** Linux, `include/uapi/asm-generic/mman-common.h`. */
const MAP_SHARED = 1;
const MAP_ANONYMOUS = 0x20;
const MAP_HUGETLB = 0x40000;
const MADV_HUGEPAGE = 14;
const MADV_NOHUGEPAGE = 15;

const PAGE_BYTES = 4096;

type Guest = { mappings: Mappings; heapEnd: number | undefined };
type Call = (guest: Guest, result: number, args: readonly number[]) => void;

const EFFECTS = {
  mmap: ({ mappings }, start, [, length, , flags, , offset]) => {
    const anonymous = (flags & MAP_ANONYMOUS) !== 0;
    const kind: VmaKind = (flags & MAP_SHARED) !== 0 ? 'shared' : anonymous ? 'anonymous' : 'file';
    // MAP_SHARED_VALIDATE has the bit of MAP_SHARED too. Shared anonymous memory begins at page 0 of its own file.
    const inFile = anonymous ? 0 : offset;
    mappings.map({
      start,
      end: start + upToPage(length),
      pgoff: (kind === 'anonymous' ? start : inFile) / PAGE_BYTES,
      kind,
      huge: (flags & MAP_HUGETLB) !== 0,
    });
  },
  brk: (guest, end) => {
    const start = guest.heapEnd ?? upToPage(end);
    guest.heapEnd = upToPage(end);
    guest.mappings.map({
      start,
      end: guest.heapEnd,
      pgoff: start / PAGE_BYTES,
      kind: 'heap',
      huge: false,
    });
  },
  mremap: ({ mappings }, to, [from, oldBytes, bytes]) =>
    mappings.move(from, upToPage(oldBytes), to, upToPage(bytes)),
  madvise: ({ mappings }, _, [start, length, advice]) => {
    if (advice !== MADV_HUGEPAGE && advice !== MADV_NOHUGEPAGE) return;
    mappings.advise(start, start + upToPage(length), advice === MADV_HUGEPAGE);
  },
} satisfies Record<string, Call>;

/** What makes a program's mappings known while it runs under QEMU, and the mappings. */
export type GuestMappings = Readonly<{
  mappings: Mappings;
  /** `/proc/self/maps` of QEMU before the program's first instruction: the program's own mappings, and QEMU's. */
  begin: (maps: string) => void;
  /** A system call that has returned; those that map nothing, or failed, change nothing. */
  syscall: (number: number, result: bigint, args: readonly bigint[]) => void;
}>;

/**
 * The mappings of a program under QEMU's user-mode emulation, whose addresses are those of the host, since QEMU maps programs of
 * 64 bits where they want to be (guest_base 0). Its heap is known by its brk calls; memory it unmaps stays until it is mapped anew;
 * System V shared memory is not followed.
 */
export function guestMappings(architecture: Architecture): GuestMappings {
  const guest: Guest = { mappings: new Mappings(), heapEnd: undefined };
  const calls = CALLS[architecture];
  return {
    mappings: guest.mappings,
    begin: (maps) => {
      for (const vma of procMaps('/proc/self/maps', maps)) guest.mappings.map(vma);
    },
    syscall: (number, result, args) => {
      const name = calls.get(number);
      // Results of -1 to -4095, as unsigned words, are errors.
      if (name === undefined || result >= 1n << 63n) return;
      const effect: Call = EFFECTS[name];
      effect(guest, Number(result), args.map(Number));
    },
  };
}

function upToPage(bytes: number): number {
  return Math.ceil(bytes / PAGE_BYTES) * PAGE_BYTES;
}
