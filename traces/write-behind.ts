import { type FileHandle, open } from 'node:fs/promises';

/** Bytes gathered before they are written at once: most of a record batch, so that it is written while the next is made. */
const GATHERED_BYTES = 1 << 24;

/**
 * Writes a file out of pieces, each run of them in the background while the next are made; a piece is not to change any
 * more once it was handed over. Throws what the source or the file system throws, with no write under way.
 */
export async function writeBehind(path: string, source: AsyncIterable<Uint8Array>): Promise<void> {
  const file = await open(path, 'w');
  let writing: Promise<void> = Promise.resolve();
  try {
    let gathered: Uint8Array[] = [];
    let bytes = 0;
    for await (const piece of source) {
      gathered.push(piece);
      bytes += piece.byteLength;
      if (bytes < GATHERED_BYTES) continue;
      await writing;
      writing = writeAll(file, gathered);
      // Its failure is met at the next await of it; until then it is not to count as unhandled.
      writing.catch(() => {});
      gathered = [];
      bytes = 0;
    }
    await writing;
    await writeAll(file, gathered);
  } finally {
    await writing.catch(() => {});
    await file.close();
  }
}

/** Writes all of these pieces, however many bytes the system takes at a time. */
async function writeAll(file: FileHandle, pieces: readonly Uint8Array[]): Promise<void> {
  let left = pieces.filter(({ byteLength }) => byteLength > 0);
  while (left.length > 0) {
    let { bytesWritten } = await file.writev(left);
    const next = left.findIndex(({ byteLength }) => {
      if (bytesWritten < byteLength) return true;
      bytesWritten -= byteLength;
      return false;
    });
    left = next < 0 ? [] : [left[next].subarray(bytesWritten), ...left.slice(next + 1)];
  }
}
