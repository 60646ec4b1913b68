import Table from 'cli-table3';
import wrapAnsi from 'wrap-ansi';
import { unbroken } from './quantity.ts';

/** Columns of a terminal we write for. */
const COLUMNS = 80;

/** Prose broken into lines a terminal shows whole, all of them indented by so many spaces. */
export function paragraph(text: string, indent = 0): string {
  const lines = wrapAnsi(unbroken(text), COLUMNS - indent)
    .replaceAll('\u00a0', ' ')
    .split('\n');
  return lines.map((line) => ' '.repeat(indent) + line).join('\n');
}

/** How a column is called, whether its cells line up on the right, as numbers do, and how wide their lines may be. */
export type Column = Readonly<{ name: string; right?: boolean; columns?: number }>;

const BLANK = {
  top: '',
  'top-mid': '',
  'top-left': '',
  'top-right': '',
  bottom: '',
  'bottom-mid': '',
  'bottom-left': '',
  'bottom-right': '',
  left: '',
  'left-mid': '',
  mid: '',
  'mid-mid': '',
  right: '',
  'right-mid': '',
  middle: '  ',
};

/** A plain table for a terminal: a line a row, two spaces between columns, no rules and no colour. */
export function textTable(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
): string {
  const table = new Table({
    head: columns.map((c) => c.name),
    colAligns: columns.map((c) => (c.right ? 'right' : 'left')),
    chars: BLANK,
    style: { 'padding-left': 0, 'padding-right': 0, head: [], border: [], compact: true },
  });
  const folded = (cell: string, { columns: width }: Column) =>
    width === undefined ? cell : wrapAnsi(cell, width);
  table.push(...rows.map((row) => row.map((cell, i) => folded(cell, columns[i]))));
  return table
    .toString()
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n');
}
