import { crc32 } from 'node:zlib';
import { type Entry, openPromise, type ZipFile } from 'yauzl';

/** What drmemtrace calls the pieces of a trace. */
const CHUNK = /^chunk\.(\d+)$/;

/**
 * The bytes of a zip file of one file, or of drmemtrace's pieces of one (`chunk.0000`, `chunk.0001`, …) after each other.
 * Throws where it holds anything else, a piece is missing, or it is damaged.
 *
 * Source: DynamoRIO, clients/drcachesim/reader/zipfile_file_reader.cpp.
 */
export async function* unzipped(file: string): AsyncGenerator<Buffer> {
  const zip = await openPromise(file, { autoClose: false, lazyEntries: true });
  try {
    for (const entry of await piecesOf(zip)) yield* contentOf(zip, entry);
  } finally {
    zip.close();
  }
}

/** The files to read, in order: the only one, or all chunks by number. */
async function piecesOf(zip: ZipFile): Promise<Entry[]> {
  const entries: Entry[] = [];
  for await (const entry of zip.eachEntry()) {
    if (!entry.fileName.endsWith('/')) entries.push(entry);
  }
  if (entries.length === 1) return entries;
  const chunks = entries.filter(({ fileName }) => CHUNK.test(fileName));
  if (chunks.length === 0) {
    throw new Error(`got ${entries.length} files, expected one, or chunk.0000 and so on`);
  }
  const numberOf = ({ fileName }: Entry) => Number(CHUNK.exec(fileName)?.[1]);
  chunks.sort((a, b) => numberOf(a) - numberOf(b));
  for (const [i, chunk] of chunks.entries()) {
    if (numberOf(chunk) !== i) {
      throw new Error(`got ${chunk.fileName} as piece ${i}, expected one of that number`);
    }
  }
  return chunks;
}

async function* contentOf(zip: ZipFile, entry: Entry): AsyncGenerator<Buffer> {
  if (!entry.canDecodeFileData()) {
    throw new Error(`${entry.fileName}: packed in a way we do not read (expected deflate)`);
  }
  let checksum = 0;
  for await (const bytes of await zip.openReadStreamPromise(entry)) {
    checksum = crc32(bytes, checksum);
    yield bytes;
  }
  if (checksum !== entry.crc32) throw new Error(`${entry.fileName}: wrong checksum`);
}
