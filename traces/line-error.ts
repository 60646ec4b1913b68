/** An error on one line of a text: where, what the matter is, what stands there (cut to 60 characters), what should. */
export function lineError(
  file: string,
  number: number,
  problem: string,
  got: string,
  expected: string,
): Error {
  const shown = JSON.stringify(got.length > 60 ? `${got.slice(0, 60)}…` : got);
  return new Error(`${file}: line ${number}: ${problem} (got ${shown}, expected ${expected})`);
}
