/** A whole number and its noun in a sentence: `1 node`, `2 nodes`. */
export function counted(n: number, noun: string): string {
  return `${n} ${noun}${n === 1 ? '' : 's'}`;
}
