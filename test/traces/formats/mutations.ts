import fc from 'fast-check';

/** Bytes that formats give a meaning, and the largest and smallest. */
const TELLING = Buffer.from('\0\x01\x7f\x80\xff -+.,:;|/"{}[]x09af\t\r\n', 'latin1');

const place = fc.nat({ max: 2 ** 31 - 1 });
const run = fc.integer({ min: 1, max: 64 });

/** One way to damage bytes; places are taken modulo their length, so that any edit fits any sample. */
const edit = fc.oneof(
  fc.record({
    kind: fc.constant('flip' as const),
    at: place,
    mask: fc.integer({ min: 1, max: 255 }),
  }),
  fc.record({
    kind: fc.constant('set' as const),
    at: place,
    byte: fc.constantFrom(...TELLING),
    length: fc.integer({ min: 1, max: 8 }),
  }),
  fc.record({ kind: fc.constant('delete' as const), at: place, length: run }),
  fc.record({ kind: fc.constant('duplicate' as const), at: place, length: run }),
  fc.record({ kind: fc.constant('splice' as const), at: place, from: place, length: run }),
  fc.record({ kind: fc.constant('truncate' as const), at: place }),
);
export type Edit = typeof edit extends fc.Arbitrary<infer One> ? One : never;

/** A few edits to make one after the other. */
export const edits = fc.array(edit, { minLength: 1, maxLength: 4 });

/** What the edits make of bytes, which are left as they are. */
export function edited(sample: Buffer, all: readonly Edit[]): Buffer {
  return all.reduce((bytes, one) => (bytes.length === 0 ? bytes : after(bytes, one)), sample);
}

function after(bytes: Buffer, one: Edit): Buffer {
  const at = one.at % bytes.length;
  if (one.kind === 'truncate') return bytes.subarray(0, at);
  if (one.kind === 'flip' || one.kind === 'set') {
    const copy = Buffer.from(bytes);
    if (one.kind === 'flip') copy[at] ^= one.mask;
    else copy.fill(one.byte, at, Math.min(at + one.length, copy.length));
    return copy;
  }
  const end = Math.min(bytes.length, at + one.length);
  if (one.kind === 'delete') return Buffer.concat([bytes.subarray(0, at), bytes.subarray(end)]);
  const from = one.kind === 'duplicate' ? at : one.from % bytes.length;
  const piece = bytes.subarray(from, from + one.length);
  return Buffer.concat([bytes.subarray(0, at), piece, bytes.subarray(at)]);
}
