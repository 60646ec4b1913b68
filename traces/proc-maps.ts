import type { TracedVma, VmaKind } from './trace.ts';

/** A mapping's line: `start-end perms offset dev inode name` (Linux, `fs/proc/task_mmu.c`, `show_map_vma`). */
const MAPPING =
  /^([0-9a-f]{1,16})-([0-9a-f]{1,16}) [r-][w-][x-]([ps]) ([0-9a-f]{1,16}) [0-9a-f]+:[0-9a-f]+ [0-9]+ *(.*)$/;
/** A line of a mapping in smaps: `AnonHugePages:      2048 kB`, `VmFlags: rd wr mr mw me ac hg`. */
const DETAIL = /^([A-Za-z_]+): *(.*)$/;

const PAGE_BYTES = 4096;

/**
 * The mappings in a `/proc/PID/maps` or `smaps` file, by address; empty lines and lines that begin with # are passed over.
 *
 * What maps leaves open is as smaps has it: `huge` where pages of a mapping are huge (`AnonHugePages` and its like), or were
 * asked for (`VmFlags` hg, ht); false in maps. The kernel does not print the pgoff of private anonymous memory: it is taken
 * to be the start in pages, which it is unless mremap has moved it. Kernel addresses ([vsyscall]) are left out.
 * `file` names it in errors. Throws at the first other line, at mappings that overlap, and where there is none at all.
 */
export function procMaps(file: string, text: string): readonly TracedVma[] {
  const vmas: TracedVma[] = [];
  let left = false;
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    if (line.trim() === '' || line.startsWith('#')) continue;
    const subject = `${file}: line ${index + 1}`;
    const mapping = MAPPING.exec(line);
    const detail = mapping === null ? DETAIL.exec(line) : null;
    if (mapping !== null) {
      const vma = mapped(mapping);
      left = !Number.isSafeInteger(vma.end);
      if (left) continue;
      const last = vmas.at(-1)?.end ?? 0;
      if (vma.end <= vma.start || vma.start < last) {
        throw new Error(
          `${subject}: mapping (got ${mapping[1]}-${mapping[2]}, expected an end above the start, and a start from ${last.toString(16)})`,
        );
      }
      vmas.push(vma);
    } else if (detail !== null && (vmas.length > 0 || left)) {
      if (!left && saysHuge(detail[1], detail[2])) {
        vmas[vmas.length - 1] = { ...vmas[vmas.length - 1], huge: true };
      }
    } else {
      const got = JSON.stringify(line.slice(0, 60));
      throw new Error(
        `${subject}: no mapping (got ${got}, expected like "7f00-8f00 rw-p 00000000 00:00 0 [heap]")`,
      );
    }
  }
  if (vmas.length === 0) throw new Error(`${file}: no mappings (got none, expected at least one)`);
  return vmas;
}

function mapped([, start, end, sharing, offset, name]: readonly string[]): TracedVma {
  const kind = kindOf(sharing, name.trim());
  const first = Number.parseInt(start, 16);
  const fromFile = kind === 'file' || kind === 'shared';
  return {
    start: first,
    end: Number.parseInt(end, 16),
    pgoff: Math.floor((fromFile ? Number.parseInt(offset, 16) : first) / PAGE_BYTES),
    kind,
    huge: false,
  };
}

function kindOf(sharing: string, name: string): VmaKind {
  if (sharing === 's') return 'shared';
  if (name === '' || name.startsWith('[anon')) return 'anonymous';
  if (name === '[heap]') return 'heap';
  if (name.startsWith('[stack')) return 'stack';
  return name.startsWith('[') ? 'special' : 'file';
}

function saysHuge(key: string, value: string): boolean {
  if (key === 'VmFlags') return /\b(hg|ht)\b/.test(value);
  const pages = ['AnonHugePages', 'ShmemPmdMapped', 'FilePmdMapped', 'Private_Hugetlb'];
  return (pages.includes(key) || key === 'Shared_Hugetlb') && Number.parseInt(value, 10) > 0;
}
