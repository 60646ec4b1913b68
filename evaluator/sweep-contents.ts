import { join } from 'node:path';
import { sweepArrow, sweepJson } from './sweep-files.ts';
import type { SweepResult } from './sweep-result.ts';

/** What a file will hold, made while it is written. */
type Content = AsyncIterable<Uint8Array> | string;

/** The three files of a sweep in a folder, by path, for `writeWholeFiles`. */
export async function sweepContents(
  folder: string,
  result: SweepResult,
  reportHtml: (result: SweepResult) => Promise<string>,
): Promise<Map<string, Content>> {
  async function* arrow() {
    yield sweepArrow(result);
  }
  return new Map<string, Content>([
    [join(folder, 'sweep.json'), pieces(sweepJson(result))],
    [join(folder, 'sweep.arrow'), arrow()],
    [join(folder, 'report.html'), await reportHtml(result)],
  ]);
}

/** Text in pieces as bytes. */
export async function* pieces(texts: Iterable<string>): AsyncIterable<Uint8Array> {
  for (const piece of texts) yield Buffer.from(piece);
}
