import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

/** Prints a command's result on stdout: as one JSON document, or as text for people; a newline ends it. */
export async function print(asJson: boolean, result: unknown, text: () => string): Promise<void> {
  await printPieces([`${asJson ? JSON.stringify(result, null, 2) : text()}\n`]);
}

/** Prints pieces of text on stdout as fast as its reader takes them. */
export async function printPieces(pieces: Iterable<string>): Promise<void> {
  await pipeline(Readable.from(pieces), process.stdout, { end: false });
}
