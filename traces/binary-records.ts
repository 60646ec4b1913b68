/** Whole records of a binary file: `bytes` holds `count` of them; `first` is the number of the first, from 0. */
export type BinaryRecords = Readonly<{ bytes: Buffer; count: number; first: number }>;

/**
 * The records of a binary file, all of `recordBytes`, as many at a time as arrive.
 * Throws where the file ends within one.
 */
export async function* binaryRecords(
  file: string,
  bytes: AsyncIterable<Buffer>,
  recordBytes: number,
): AsyncGenerator<BinaryRecords> {
  let first = 0;
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of bytes) {
    const all = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    const count = Math.floor(all.length / recordBytes);
    if (count > 0) yield { bytes: all, count, first };
    first += count;
    rest = all.subarray(count * recordBytes);
  }
  if (rest.length > 0) {
    throw new Error(
      `${file}: record ${first} at offset ${first * recordBytes}: cut short (got ${rest.length} bytes, expected ${recordBytes})`,
    );
  }
}
