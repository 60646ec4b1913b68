import { readFileSync } from 'node:fs';
import { type Table, tableFromIPC } from '@uwdata/flechette';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { expect } from 'vitest';
import { parseSweep, sweepArrow, sweepJson } from '../../evaluator/sweep-files.ts';
import type { SweepResult } from '../../evaluator/sweep-result.ts';

/** Checks that a sweep reads back from sweep.json as it was and obeys the schema; returns sweep.arrow, as long as it. */
export function writtenAndRead(result: SweepResult): Table {
  const text = [...sweepJson(result)].join('');
  expect(parseSweep('sweep.json', text)).toEqual(result);
  const valid = new Ajv2020().compile(JSON.parse(readFileSync('docs/sweep.schema.json', 'utf8')));
  valid(JSON.parse(text));
  expect(valid.errors ?? []).toEqual([]);
  const table = tableFromIPC(sweepArrow(result));
  expect(table.numRows).toBe(result.evaluations.length);
  return table;
}
