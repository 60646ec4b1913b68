/** To five digits: what a fit gives beyond that says nothing. */
export function rounded(x: number): number {
  return Number(x.toPrecision(5));
}
