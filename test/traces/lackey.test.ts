import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { lackey, readLackey } from '../../traces/formats/lackey.ts';
import { rowsOf } from './sample-trace.ts';

const LOG = `==7== Lackey, an example Valgrind tool
==7== Command: sort -r f.txt
==7==
I  0401ab70,3
 S 1fff000778,8
I  0401ab73,5
I  0401b770,1
 L ffff80001fff0770,32
 M 04033e06,1
==7==
==7== Exit code:       0
`;

async function* pieces(text: string, size: number): AsyncGenerator<Buffer> {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function parsed(text: string, size = 1 << 16) {
  const { trace, tally } = await readLackey('log', pieces(text, size));
  return { metadata: trace.metadata, rows: await rowsOf(trace), tally };
}

describe('a lackey log', () => {
  test('becomes accesses timed by the instructions so far; a modify is a load and a store', async () => {
    const { rows, tally, metadata } = await parsed(LOG);
    expect(rows.map((r) => [r.time, r.address, r.size, r.op])).toEqual([
      [1, 0x1fff000778n, 8, 1],
      [3, 0xffff80001fff0770n, 32, 0],
      [3, 0x4033e06n, 1, 0],
      [3, 0x4033e06n, 1, 1],
    ]);
    expect(tally).toMatchObject({
      lines: 11,
      instructions: 3,
      loads: 1,
      stores: 1,
      modifies: 1,
      messages: 5,
    });
    expect(tally.lines).toBe(
      tally.instructions + tally.loads + tally.stores + tally.modifies + tally.messages,
    );
    expect(tally.finished).toBe(true);
    expect(metadata).toMatchObject({
      level: 'access',
      timeUnit: 'instructions',
      command: 'sort -r f.txt',
    });
  });

  test('reads the same in pieces of any size, with CRLF, and without its last newline', async () => {
    const { rows } = await parsed(LOG);
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 60 }), async (size) => {
        expect((await parsed(LOG, size)).rows).toEqual(rows);
        expect((await parsed(LOG.replaceAll('\n', '\r\n').trimEnd(), size)).rows).toEqual(rows);
      }),
    );
  });

  test('gives every record as it stands, in whichever form it is written', async () => {
    const record = fc.record({
      kind: fc.constantFrom('I ', ' L', ' S', ' M'),
      address: fc
        .bigInt({ min: 0n, max: 2n ** 64n - 1n })
        .chain((whole) =>
          fc.nat({ max: 63 }).map((shift) => (whole >> BigInt(shift)).toString(16)),
        ),
      digits: fc.constantFrom(1, 8, 16),
      size: fc.integer({ min: 1, max: 65535 }),
      upper: fc.boolean(),
      end: fc.constantFrom('\n', '\r\n', ' \n', '\n\n'),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(record, { minLength: 1, maxLength: 30 }), async (records) => {
        const lines = records.map(({ kind, address, digits, size, upper, end }) => {
          const shown = address.padStart(digits, '0');
          return `${kind} ${upper ? shown.toUpperCase() : shown},${size}${end}`;
        });
        const expected: [number, bigint, number, number][] = [];
        let time = 0;
        for (const { kind, address, size } of records) {
          if (kind === 'I ') time++;
          for (const op of { 'I ': [2], ' L': [0], ' S': [1], ' M': [0, 1] }[kind] ?? [])
            expected.push([time, BigInt(`0x${address}`), size, op]);
        }
        const log = `${lines.join('')} L 00001000,8\n`;
        const { trace, tally } = await readLackey('log', pieces(log, 1 << 16), { fetches: true });
        const rows = await rowsOf(trace);
        expect(rows.map((r) => [r.time, r.address, r.size, r.op])).toEqual([
          ...expected,
          [time, 0x1000n, 8, 0],
        ]);
        expect(tally.records).toBe(records.length + 1);
        expect(tally.rows).toBe(rows.length);
      }),
    );
  });

  test.each([
    ['no such line', 'hello\n', /log: line 1: not a lackey record \(got "hello"/],
    ['address without size', ' L 1fff000778\n', /line 1: not a lackey record/],
    ['size zero', ' L 1fff000778,0\n', /line 1/],
    ['size too large', ' L 1fff000778,70000\n', /line 1/],
    ['address too long', ' L 11112222333344445,8\n', /line 1/],
    ['unknown kind', 'I  1,1\n X 1fff000778,8\n', /line 2/],
    ['an instruction without size', `I  0401ab70\nI  0401ab70,3\n`, /line 1: not a lackey record/],
    ['a digit that is none', `I  0401ab7g,3\n${'I  0401ab70,3\n'.repeat(3)}`, /line 1/],
    ['a bad line among good ones', `${' L 0401ab70,3\n'.repeat(9)} L 0401ab70;3\n`, /line 10/],
    ['letters in the size', ' S 1fff000778,8x\n', /line 1/],
    ['no accesses', '==7== Lackey\nI  1,1\n', /log: no accesses \(got 2 lines/],
    ['nothing', '', /log: no accesses \(got 0 lines/],
  ])('refuses %s', async (_, text, message) => {
    await expect(parsed(text)).rejects.toThrow(message);
  });

  test('is recognised by its head, and other text is not', () => {
    expect(lackey.recognise(Buffer.from(LOG))).toBe(true);
    expect(lackey.recognise(Buffer.from(' L 1fff000778,8\n'))).toBe(true);
    expect(lackey.recognise(Buffer.from('0x1000 READ 3\n'))).toBe(false);
  });
});
