/** No machine has more nodes or CPUs. */
const MOST = 1 << 16;

/**
 * The numbers in a list as the kernel writes it: `0-3,8`, ascending. Empty for an empty text; nothing where it is no
 * such list.
 */
export function idList(text: string): number[] | undefined {
  const ids = new Set<number>();
  for (const part of text.trim() === '' ? [] : text.trim().split(',')) {
    const [, from, to = from] = /^\s*(\d{1,5})(?:-(\d{1,5}))?\s*$/.exec(part) ?? [];
    if (from === undefined || Number(to) < Number(from) || Number(to) >= MOST) return undefined;
    for (let id = Number(from); id <= Number(to); id++) ids.add(id);
  }
  return [...ids].sort((a, b) => a - b);
}
