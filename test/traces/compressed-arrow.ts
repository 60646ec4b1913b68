import {
  CompressionType as FlechetteType,
  tableFromIPC as readWithFlechette,
  setCompressionCodec,
  tableToIPC as writeWithFlechette,
} from '@uwdata/flechette';
import {
  CompressionType,
  compressionRegistry,
  RecordBatchFileWriter,
  tableFromIPC,
} from 'apache-arrow';
import { packedBy } from './packed.ts';

/** The packing tool that makes the frames of each of Arrow's ways to compress buffers. */
export const CODECS = ['lz4', 'zstd'] as const;
export const WRITERS = ['apache-arrow', 'flechette'] as const;

const TYPES = {
  lz4: [CompressionType.LZ4_FRAME, FlechetteType.LZ4_FRAME],
  zstd: [CompressionType.ZSTD, FlechetteType.ZSTD],
} as const;

/** An Arrow file with its buffers compressed by another writer; null where the packing tool is not there. */
export function compressedArrow(
  file: Buffer,
  codec: (typeof CODECS)[number],
  writer: (typeof WRITERS)[number],
): Uint8Array | null {
  if (packedBy(codec, [], Buffer.from('x')) === null) return null;
  const encode = (bytes: Uint8Array) => packedBy(codec, [], Buffer.from(bytes)) as Uint8Array;
  const [arrow, flechette] = TYPES[codec];
  if (writer === 'flechette') {
    setCompressionCodec(flechette, { encode, decode: (bytes) => bytes });
    const table = readWithFlechette(file, { useBigInt: true });
    return writeWithFlechette(table, { format: 'file', codec: flechette });
  }
  const reading = compressionRegistry.get(arrow);
  compressionRegistry.set(arrow, { encode });
  const out = new RecordBatchFileWriter({ compressionType: arrow });
  const bytes = out.writeAll(tableFromIPC(file)).finish().toUint8Array(true);
  // Reading starts without a codec, as in a process that has written nothing.
  compressionRegistry.set(arrow, reading ?? {});
  return bytes;
}
