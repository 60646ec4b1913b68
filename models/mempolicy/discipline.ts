/**
 * What an interleave index is made of:
 *
 * - `address`: the place of a page in its mapping; for private anonymous memory the virtual page number. Mainline.
 * - `first-touch`: a page's place in the order of first touches, as the 2023 proposal and the first N:M patch had it, which
 *   handed pages out by a counter.
 */
export const DISCIPLINES = ['address', 'first-touch'] as const;
export type Discipline = (typeof DISCIPLINES)[number];
