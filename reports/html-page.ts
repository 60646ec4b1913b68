import { htmlEscape } from 'escape-goat';
import type { TopLevelSpec } from 'vega-lite';
import { VERSION } from '../traces/version.ts';
import { unbroken } from './quantity.ts';
import { STYLE } from './report-style.ts';

/** Widths the charts are drawn at, in pixels; the page shows the one that fits. */
export const WIDE = 820;
const NARROW = 350;

/** HTML that is safe to put into a page as it is. */
export type Html = string;

/** A page that loads nothing: its title, and its parts in order. */
export function htmlPage(title: string, parts: readonly Html[], version: string = VERSION): Html {
  return [
    '<!doctype html>',
    '<html lang="en">',
    '<head>',
    '<meta charset="utf-8">',
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    '<link rel="icon" href="data:,">',
    htmlEscape`<title>${title}</title>`,
    `<style>${STYLE}</style>`,
    '</head>',
    '<body>',
    ...parts,
    htmlEscape`<footer><p>numaweave ${version}</p></footer>`,
    '</body>',
    '</html>',
    '',
  ].join('\n');
}

/** A chart for wide and for narrow windows, `label` for those who do not see it, and a caption. */
export async function figure(
  spec: (width: number) => TopLevelSpec,
  caption: string,
  label: string,
): Promise<Html> {
  const { svgOf } = await import('./svg.ts');
  const drawn = async (name: string, width: number) =>
    `<div class="${name}" role="img" aria-label="${htmlEscape(label)}">${await svgOf(spec(width))}</div>`;
  const both = [await drawn('wide', WIDE), await drawn('narrow', NARROW)].join('');
  return `<figure>${both}${htmlEscape`<figcaption>${unbroken(caption)}</figcaption>`}</figure>`;
}

/** A table; the row `chosen` stands out. */
export function table(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  chosen = -1,
): Html {
  const cells = (tag: string, row: readonly string[]) =>
    row.map((cell) => `<${tag}>${htmlEscape(unbroken(cell))}</${tag}>`).join('');
  const body = rows
    .map((row, i) => `<tr${i === chosen ? ' class="chosen"' : ''}>${cells('td', row)}</tr>`)
    .join('\n');
  return `<div class="scroll"><table><thead><tr>${cells('th', head)}</tr></thead><tbody>\n${body}\n</tbody></table></div>`;
}

/** A list of sentences. */
export function list(items: readonly string[]): Html {
  return `<ul>${items.map((item) => htmlEscape`<li>${item}</li>`).join('')}</ul>`;
}

/** Names and what they stand for, one below the other. */
export function definitions(rows: readonly (readonly [string, string])[]): Html {
  return `<dl>\n${rows.map(([name, text]) => htmlEscape`<dt>${name}</dt><dd>${text}</dd>`).join('\n')}\n</dl>`;
}
