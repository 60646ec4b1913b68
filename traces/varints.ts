/** Bytes of the longest varint: 64 bits, 7 a byte. */
const LONGEST = 10;

/**
 * Reads varints of Protocol Buffers (Protocol Buffers documentation, "Encoding"), 64 bits as two words. The invariant: `low`
 * and `high` hold the last one read whole; nothing is allocated.
 */
export class Varints {
  low = 0;
  high = 0;

  /** Reads the varint at `at`; returns where it ends, 0 where `end` comes first, -1 where it is longer than 64 bits. */
  read(bytes: Buffer, at: number, end: number): number {
    let low = 0;
    let high = 0;
    for (let i = 0; i < LONGEST; i++) {
      if (at + i >= end) return 0;
      const byte = bytes[at + i];
      const bits = byte & 127;
      if (i < 4) low |= bits << (7 * i);
      else if (i === 4) {
        low |= bits << 28;
        high = bits >>> 4;
      } else high |= bits << (7 * i - 32);
      if (byte < 128) {
        this.low = low >>> 0;
        this.high = high >>> 0;
        return at + i + 1;
      }
    }
    return -1;
  }
}
