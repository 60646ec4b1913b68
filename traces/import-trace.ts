import { lackey } from './formats/lackey.ts';
import type { Imported, Importer, ImportOptions } from './importer.ts';
import { unpack } from './unpack.ts';

/** Every format there is an importer for, in the order in which they are tried. */
export const IMPORTERS: readonly Importer[] = [lackey];

/**
 * Opens another tool's trace, packed or not; the format is recognised by content where it is not given,
 * and named in what is returned.
 * Throws where there is no such file, or its format is none we know.
 */
export async function importTrace(
  file: string,
  format?: string,
  options: ImportOptions = {},
): Promise<Imported & Readonly<{ format: string }>> {
  const { head, bytes, close } = await unpack(file);
  const importer = IMPORTERS.find(({ name, recognise }) =>
    format === undefined ? recognise(head) : name === format,
  );
  if (importer === undefined) {
    await close();
    const names = IMPORTERS.map(({ name }) => name).join(', ');
    throw new Error(`${file}: format (got ${format ?? 'unrecognised content'}, expected ${names})`);
  }
  return { format: importer.name, ...(await importer.read(file, bytes, options)) };
}
