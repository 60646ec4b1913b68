/**
 * Tables of accesses with a header line: fields between commas, semicolons or tabs, in double quotes or not (RFC 4180).
 *
 * Columns are found by name, in any order and case (`traces/access-columns.ts` has the names): a time (`time` and `time_ns`
 * in ns, `time_us`, `time_s` in seconds, `cycles`, `instructions`; without one accesses are numbered), an address
 * (`address`, `addr`, `vaddr`; `paddr` is physical), `size` or `bytes`, `op`, `type` or `rw`, `thread` or `tid`.
 * Only the address must be there. Other columns are not used, which a note says.
 *
 * Lines are split here rather than by a CSV library: no value of these columns can hold a line end, and one line is one
 * record with its number in errors.
 */

import { AccessRows, accessColumns, meaningOf } from '../access-columns.ts';
import { importText } from '../import-text.ts';
import { emptyTally, type Importer } from '../importer.ts';
import { lineError } from '../line-error.ts';
import { firstRecord } from '../text-lines.ts';
import type { TimeUnit } from '../trace.ts';

const SEPARATORS = [',', ';', '\t'];

export const csv: Importer = {
  name: 'csv',
  title: 'a table of accesses with a header line (CSV)',
  takes: ['samplePeriod', 'level'],
  recognise: (head) => header(firstRecord(head)) !== undefined,
  read: (file, bytes, { samplePeriod, level = 'access' }) => {
    const tally = emptyTally();
    let table: (ReturnType<typeof header> & { rows: AccessRows }) | undefined;
    return importText(file, bytes, tally, {
      rowsPerLine: 1,
      read: (line, number, builder) => {
        if (table === undefined) {
          const found = header(line);
          if (found === undefined) {
            throw lineError(file, number, 'header', line, 'column names, an address among them');
          }
          table = { ...found, rows: new AccessRows(file, found.columns) };
          return false;
        }
        const values = fieldsOf(line, table.separator);
        if (values === undefined) throw lineError(file, number, 'quotes', line, 'pairs of them');
        if (values.length !== table.names.length) {
          const got = `${values.length} of them`;
          throw lineError(file, number, 'fields', got, `${table.names.length} as in the header`);
        }
        table.rows.push(number, values, builder);
        return true;
      },
      end: () => table?.rows.note(tally, samplePeriod),
      metadata: () => ({
        level,
        timeUnit: (table?.columns.timeUnit ?? 'accesses') satisfies TimeUnit,
        pageBytes: 4096,
        samplePeriod: samplePeriod ?? 1,
        source: 'CSV',
        ...(table?.columns.physical ? { physical: true } : {}),
      }),
    });
  },
};

/** The header's names, and what separates them; undefined where none of them is an address. */
function header(line: string) {
  for (const separator of SEPARATORS) {
    const names = fieldsOf(line, separator)?.map((name) => name.trim());
    const columns = names && accessColumns(names);
    // A lone word must be a name outright, so that no text of one word is taken for a table.
    if (names && columns && (names.length > 1 || meaningOf(line.trim()) !== undefined)) {
      return { separator, names, columns };
    }
  }
  return undefined;
}

/** The fields of a line; undefined where a quote is not closed, or text follows one. */
function fieldsOf(line: string, separator: string): string[] | undefined {
  if (!line.includes('"')) return line.split(separator);
  const fields: string[] = [];
  for (let at = 0; at <= line.length; ) {
    let end = line.indexOf(separator, at);
    if (end < 0) end = line.length;
    if (line[at] !== '"') {
      fields.push(line.slice(at, end));
      at = end + 1;
      continue;
    }
    let close = line.indexOf('"', at + 1);
    while (close >= 0 && line[close + 1] === '"') close = line.indexOf('"', close + 2);
    if (close < 0 || (close + 1 < line.length && line[close + 1] !== separator)) return undefined;
    fields.push(line.slice(at + 1, close).replaceAll('""', '"'));
    at = close + 2;
  }
  return fields;
}
