import { CompressionType, compressionRegistry } from 'apache-arrow';
import { unpackLz4 } from './lz4-frame.ts';
import { loadZstd } from './zstd.ts';

/** A column's share of a record batch: 128 Mi rows of eight bytes. A damaged length must not ask for more. */
const MAX_BUFFER_BYTES = 1 << 30;

/**
 * Has the Arrow library read buffers compressed this way, in this thread. Each is sized by its own frame, not by the length
 * that stands before it: there apache-arrow up to 21.2 writes the compressed length (apache/arrow-js, pull request 470).
 */
export async function loadArrowCodec(compression: CompressionType): Promise<void> {
  if (compressionRegistry.get(compression)?.decode !== undefined) return;
  if (compression === CompressionType.ZSTD) {
    const zstd = await loadZstd();
    const decode = (packed: Uint8Array) => zstd.bytes(packed, MAX_BUFFER_BYTES);
    compressionRegistry.set(compression, { decode });
  } else {
    const decode = (packed: Uint8Array) => unpackLz4(packed, MAX_BUFFER_BYTES);
    compressionRegistry.set(compression, { decode });
  }
}
