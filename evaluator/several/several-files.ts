import { join } from 'node:path';
import { parseJson } from '../../traces/parse-json.ts';
import { writeWholeFiles } from '../../traces/whole-file.ts';
import { pieces, sweepContents } from '../sweep-contents.ts';
import type { SweepResult } from '../sweep-result.ts';
import { type SeveralResult, severalResultSchema } from './result.ts';
import type { SeveralResults } from './several-result.ts';

/** Several traces' sweep as JSON text, in pieces: indented, but one vector a line, so that files compare line by line. */
export function* severalJson({ vectors, ...rest }: SeveralResult): Generator<string> {
  yield `${JSON.stringify(rest, null, 2).slice(0, -2)},\n  "vectors": [\n`;
  for (const [i, vector] of vectors.entries())
    yield `    ${JSON.stringify(vector)}${i === vectors.length - 1 ? '' : ','}\n`;
  yield '  ]\n}\n';
}

/** Reads several.json back from JSON text; `file` names it in errors. Throws where it is not one. */
export function parseSeveral(file: string, text: string): SeveralResult {
  return parseJson(file, text, severalResultSchema);
}

/**
 * Writes several.json, and each trace's own sweep.json, sweep.arrow and report.html in its sub-folder: all of them whole, or
 * none. Returns their paths. Throws what `writeWholeFiles` throws.
 */
export async function writeSeveral(
  folder: string,
  { result, own }: SeveralResults,
  reportHtml: (result: SweepResult) => Promise<string>,
): Promise<string[]> {
  const files = new Map<string, AsyncIterable<Uint8Array> | string>([
    [join(folder, 'several.json'), pieces(severalJson(result))],
  ]);
  for (const [i, sweep] of own.entries()) {
    const sub = join(folder, result.traces[i].folder ?? `${i}`);
    for (const [path, content] of await sweepContents(sub, sweep, reportHtml))
      files.set(path, content);
  }
  await writeWholeFiles(files);
  return [...files.keys()];
}
