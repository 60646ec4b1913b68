/**
 * JSON lines: one flat object a line and access, with the keys that a table's columns have (`formats/csv.ts`).
 *
 * `{"time_ns": 12, "addr": "0x7f001040", "size": 8, "op": "W", "tid": 3}`. Numbers are read as written, so 64-bit addresses
 * are exact, with or without quotes. The first object says which keys are used: every later one must have them, and no
 * other that means something. Keys that mean nothing are not used, which a note says of those in the first.
 */

import { type AccessColumns, AccessRows, accessColumns, meaningOf } from '../access-columns.ts';
import { importText } from '../import-text.ts';
import { emptyTally, type Importer } from '../importer.ts';
import { lineError } from '../line-error.ts';
import { firstRecord } from '../text-lines.ts';

/** Strings, which stay, and numbers, which get quotes: JSON.parse would round them to 53 bits. */
const STRING_OR_NUMBER = /"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;

export const jsonl: Importer = {
  name: 'jsonl',
  title: 'accesses as JSON lines',
  takes: ['samplePeriod', 'level'],
  recognise: (head) => {
    const fields = objectOf(firstRecord(head));
    return fields !== undefined && accessColumns([...fields.keys()]) !== undefined;
  },
  read: (file, bytes, { samplePeriod, level = 'access' }) => {
    const tally = emptyTally();
    let table: { names: readonly string[]; columns: AccessColumns; rows: AccessRows } | undefined;
    let firstAt = 0;
    return importText(file, bytes, tally, {
      rowsPerLine: 1,
      read: (line, number, builder) => {
        const fields = objectOf(line);
        if (fields === undefined) throw lineError(file, number, 'JSON', line, 'one flat object');
        if (table === undefined) {
          const names = [...fields.keys()];
          const columns = accessColumns(names);
          if (columns === undefined) throw lineError(file, number, 'keys', line, 'an address');
          firstAt = number;
          table = { names, columns, rows: new AccessRows(file, columns) };
        }
        const { names, rows } = table;
        const late = [...fields.keys()].find((key) => meaningOf(key) && !names.includes(key));
        if (late !== undefined) {
          throw lineError(
            file,
            number,
            'key',
            late,
            `it in the first object too, on line ${firstAt}`,
          );
        }
        rows.push(
          number,
          names.map((name) => fields.get(name)),
          builder,
        );
        return true;
      },
      end: () => table?.rows.note(tally, samplePeriod),
      metadata: () => ({
        level,
        timeUnit: table?.columns.timeUnit ?? 'accesses',
        pageBytes: 4096,
        samplePeriod: samplePeriod ?? 1,
        source: 'JSON lines',
        ...(table?.columns.physical ? { physical: true } : {}),
      }),
    });
  },
};

/** The object of a line, its values as they are written; undefined where it is none, or not flat. */
function objectOf(line: string): Map<string, string> | undefined {
  if (!/^\s*\{/.test(line)) return undefined;
  const quoted = line.replace(STRING_OR_NUMBER, (text) => (text[0] === '"' ? text : `"${text}"`));
  let parsed: unknown;
  try {
    parsed = JSON.parse(quoted);
  } catch {
    return undefined;
  }
  const fields = new Map<string, string>();
  for (const [key, value] of Object.entries(parsed as object)) {
    if (typeof value === 'object' && value !== null) return undefined;
    fields.set(key, String(value));
  }
  return fields;
}
