import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { looksLikeLackey, readLackey } from './formats/lackey.ts';
import type { Trace } from './trace.ts';

/** How a format is read: does the head of a file look like it, and the trace in a file's bytes. */
type Format = Readonly<{
  recognise: (head: Buffer) => boolean;
  read: (file: string, bytes: AsyncIterable<Buffer>) => Promise<Trace>;
}>;

/** Every format there is an importer for, by the name `--format` takes. */
export const FORMATS: ReadonlyMap<string, Format> = new Map([
  [
    'lackey',
    {
      recognise: looksLikeLackey,
      read: async (file: string, bytes: AsyncIterable<Buffer>) =>
        (await readLackey(file, bytes)).trace,
    },
  ],
]);

const HEAD_BYTES = 4096;

/**
 * Opens another tool's trace; the format is recognised by content where it is not given.
 * Throws where there is no such file, or its format is none we know.
 */
export async function importTrace(file: string, formatName?: string): Promise<Trace> {
  const names = [...FORMATS.keys()].join(', ');
  const name = formatName ?? (await recognised(file));
  const format = name === undefined ? undefined : FORMATS.get(name);
  if (format === undefined) {
    throw new Error(`${file}: format (got ${name ?? 'unrecognised content'}, expected ${names})`);
  }
  return format.read(file, createReadStream(file, { highWaterMark: 1 << 20 }));
}

async function recognised(file: string): Promise<string | undefined> {
  const handle = await open(file);
  try {
    const head = Buffer.alloc(HEAD_BYTES);
    const { bytesRead } = await handle.read(head, 0, HEAD_BYTES, 0);
    if (bytesRead === 0) throw new Error(`${file}: empty file (expected a trace)`);
    for (const [name, format] of FORMATS) {
      if (format.recognise(head.subarray(0, bytesRead))) return name;
    }
    return undefined;
  } finally {
    await handle.close();
  }
}
