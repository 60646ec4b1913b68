import { expect, test } from 'vitest';
import { jsonl } from '../../../traces/formats/jsonl.ts';
import { imported } from '../imported.ts';

const SAMPLE = `{"time_ns": 12, "addr": "0x7f001040", "size": 8, "op": "W", "tid": 3, "note": "a, 12345678901234567890: b"}
{"time_ns": 13, "addr": 18446744073709551615, "size": 1, "op": 0, "tid": 4294967295, "note": null}
`;

test('numbers of 64 bits are exact, quoted or not', async () => {
  const { rows, metadata, tally } = await imported(jsonl, SAMPLE);
  expect(rows).toEqual(['12 7f001040 8 S 3', '13 ffffffffffffffff 1 L 4294967295']);
  expect(metadata).toMatchObject({ timeUnit: 'ns', level: 'access' });
  expect(tally.notes).toEqual(['Not used: note.']);
});

test.each([
  ['{"addr": 1\n', /line 1: JSON/],
  ['[1]\n', /line 1: JSON/],
  ['{"addr": {"a": 1}}\n', /line 1: JSON/],
  ['{"a": 1}\n', /line 1: keys/],
  ['{"addr": 1}\n{"adr": 1}\n', /line 2: address \(got ""/],
  ['{"addr": 1}\n{"addr": 1, "tid": 2}\n', /line 2: key \(got "tid".*first object too, on line 1/],
  ['{"addr": 1.5}\n', /line 1: address/],
  ['{"addr": -1}\n', /line 1: address/],
  ['{"addr": 18446744073709551616}\n', /line 1: address/],
  ['{"addr": 1, "op": null}\n', /line 1: op/],
])('refuses %j', async (text, message) => {
  await expect(imported(jsonl, text)).rejects.toThrow(message);
});
