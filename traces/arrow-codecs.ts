/**
 * Codecs of compressed record batches: importing this file makes LZ4 and ZSTD ones readable (Apache Arrow columnar format,
 * "Compression"). Ours are written uncompressed.
 */

import { CompressionType, compressionRegistry } from 'apache-arrow';
import { decompress as decodeZstd } from 'fzstd';
import { decompress as decodeLz4 } from 'lz4js';

compressionRegistry.set(CompressionType.ZSTD, { decode: (packed) => aligned(decodeZstd(packed)) });
compressionRegistry.set(CompressionType.LZ4_FRAME, {
  decode: (packed) => aligned(decodeLz4(packed)),
});

/** The bytes at a place where 64-bit integers may lie. */
function aligned(bytes: Uint8Array): Uint8Array {
  return bytes.byteOffset % 8 === 0 ? bytes : bytes.slice();
}
