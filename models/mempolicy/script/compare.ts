/** How far counts of pages may differ while a node is full: the kernel itself uses part of each. */
const TOLERANCE = 0.05;

/**
 * True where a result is the one written: word for word, but for `active=`, which tells of reclaim, not of policy, and
 * with `nodesFull` for counts of pages on nodes (`N0=71428`), which may then be 5 % apart.
 */
export function agrees(got: string, expected: string, nodesFull: boolean): boolean {
  const [ours, theirs] = [wordsOf(got), wordsOf(expected)];
  return (
    ours.length === theirs.length &&
    ours.every((word, i) => word === theirs[i] || (nodesFull && nearlySame(word, theirs[i])))
  );
}

function wordsOf(text: string): string[] {
  return text.split(/\s+/).filter((word) => !word.startsWith('active='));
}

function nearlySame(a: string, b: string): boolean {
  const [, node, count] = /^(N\d+)=(\d+)$/.exec(a) ?? [];
  const [, otherNode, other] = /^(N\d+)=(\d+)$/.exec(b) ?? [];
  return (
    node !== undefined &&
    node === otherNode &&
    Math.abs(Number(count) - Number(other)) <= TOLERANCE * Number(other)
  );
}
