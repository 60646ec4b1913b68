import { xxh32 } from './xxh32.ts';

const MAGIC = 0x184d2204;
const VERSION = 1;
/** Bits of the frame's flags. */
const FLAG = { blockChecksum: 16, contentBytes: 8, contentChecksum: 4, dictionary: 1 };
/** A block's length with this bit set says that the block is stored as it is. */
const STORED = 0x8000_0000;
const MIN_MATCH = 4;

/**
 * What an LZ4 frame holds, in memory of its own, its checksums checked.
 * Throws where it is damaged, cut short, needs a dictionary, or is more than `maxBytes`.
 *
 * Source: LZ4 frame format 1.6.4 and block format (lz4/doc/lz4_Frame_format.md, lz4_Block_format.md). What follows the frame
 * is not looked at.
 */
export function unpackLz4(frame: Uint8Array, maxBytes: number): Uint8Array {
  const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
  const word = (at: number) => {
    if (at + 4 > frame.length) throw new Error('cut short');
    return view.getUint32(at, true);
  };
  if (word(0) !== MAGIC) throw new Error('no LZ4 frame');
  const flags = frame[4];
  const blockBytes = 1 << (8 + 2 * ((frame[5] >> 4) & 7));
  if (flags >> 6 !== VERSION || blockBytes < 1 << 16) throw new Error('wrong LZ4 frame header');
  if (flags & FLAG.dictionary) throw new Error('needs a dictionary');
  const headerEnd = flags & FLAG.contentBytes ? 14 : 6;
  if (frame[headerEnd] !== ((xxh32(frame.subarray(4, headerEnd)) >>> 8) & 255)) {
    throw new Error('wrong checksum of the LZ4 frame header');
  }
  let from = headerEnd + 1;
  let length = 0;
  let whole = new Uint8Array(0);
  for (let block = word(from); block !== 0; block = word(from)) {
    const packed = frame.subarray(from + 4, from + 4 + (block & ~STORED));
    from += 4 + (block & ~STORED);
    if (from > frame.length) throw new Error('cut short');
    if (flags & FLAG.blockChecksum) {
      if (word(from) !== xxh32(packed)) throw new Error('wrong checksum of an LZ4 block');
      from += 4;
    }
    const most = length + (block & STORED ? packed.length : blockBytes);
    if (most > whole.length) whole = withRoom(whole, length, Math.max(most, 2 * length));
    if (block & STORED) whole.set(packed, length);
    length = block & STORED ? most : unpackBlock(packed, whole, length, most);
    if (length > maxBytes) throw new Error(`over ${maxBytes} bytes unpacked`);
  }
  const content = whole.subarray(0, length);
  if (flags & FLAG.contentChecksum && word(from + 4) !== xxh32(content)) {
    throw new Error('wrong checksum of an LZ4 frame');
  }
  return content;
}

function withRoom(bytes: Uint8Array, length: number, room: number): Uint8Array<ArrayBuffer> {
  const larger = new Uint8Array(room);
  larger.set(bytes.subarray(0, length));
  return larger;
}

/**
 * Unpacks a block's sequences (literals, then a match of what came before) into `whole` from `start` to at most `most`;
 * returns where it ended. The last sequence has literals only.
 */
function unpackBlock(block: Uint8Array, whole: Uint8Array, start: number, most: number): number {
  const end = block.length;
  let from = 0;
  let to = start;
  while (from < end) {
    const token = block[from++];
    let literals = token >> 4;
    if (literals === 15) {
      let more = 255;
      while (more === 255 && from < end) {
        more = block[from++];
        literals += more;
      }
    }
    if (from + literals > end || to + literals > most) throw new Error('corrupted LZ4 block');
    // A call costs more than a few bytes do.
    if (literals > 32) {
      whole.set(block.subarray(from, from + literals), to);
      to += literals;
      from += literals;
    } else {
      for (const stop = from + literals; from < stop; ) whole[to++] = block[from++];
    }
    if (from === end) return to;
    if (from + 2 > end) throw new Error('corrupted LZ4 block');
    const offset = block[from] | (block[from + 1] << 8);
    from += 2;
    let match = (token & 15) + MIN_MATCH;
    if (match === 15 + MIN_MATCH) {
      let more = 255;
      while (more === 255 && from < end) {
        more = block[from++];
        match += more;
      }
    }
    if (offset === 0 || offset > to || to + match > most) throw new Error('corrupted LZ4 block');
    if (match > 32 && offset >= match) {
      whole.copyWithin(to, to - offset, to - offset + match);
      to += match;
    } else {
      // A match may reach into what it makes itself, so byte by byte.
      for (const stop = to + match; to < stop; to++) whole[to] = whole[to - offset];
    }
  }
  throw new Error('corrupted LZ4 block');
}
