import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { unpack } from '../../traces/unpack.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { packedBy, zipOf } from './packed.ts';

const folder = temporaryFolder();

/** Lines that pack as traces do: much alike, never the same. */
const TEXT = Buffer.from(
  Array.from({ length: 20_000 }, (_, i) => ` L ${(i * 40_503).toString(16)},8\n`).join(''),
);
const HALF = TEXT.length >> 1;

async function unpacked(name: string, bytes: Uint8Array) {
  const file = join(folder, name);
  writeFileSync(file, bytes);
  const { packing, bytes: chunks } = await unpack(file);
  const parts: Buffer[] = [];
  for await (const chunk of chunks) parts.push(chunk);
  return { packing, content: Buffer.concat(parts) };
}

/** The text as two files after each other, each packed by itself. */
function inTwo(pack: (bytes: Buffer) => Buffer | null): Buffer | null {
  const [first, second] = [pack(TEXT.subarray(0, HALF)), pack(TEXT.subarray(HALF))];
  return first && second && Buffer.concat([first, second]);
}

const xz = (...options: string[]) => packedBy('xz', options, TEXT);
const zstd = (...options: string[]) => packedBy('zstd', options, TEXT);
const skippable = Buffer.from([0x50, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 1, 2, 3]);
const small = zstd();
const chunks = (order: readonly number[]) =>
  order.map((i): [string, Buffer] => [
    `chunk.000${i}`,
    TEXT.subarray(i * 100_000, i === 2 ? TEXT.length : (i + 1) * 100_000),
  ]);

const PACKED: readonly (readonly [name: string, packing: string, bytes: Buffer | null])[] = [
  ['gzip', 'gzip', gzipSync(TEXT)],
  ['gzip of two members', 'gzip', inTwo((bytes) => gzipSync(bytes))],
  ['gzip padded with zeros', 'gzip', Buffer.concat([gzipSync(TEXT), Buffer.alloc(512)])],
  ['xz', 'xz', xz()],
  ['xz in blocks, made on two threads', 'xz', xz('-T2', '--block-size=50000')],
  ['xz of two streams', 'xz', inTwo((bytes) => packedBy('xz', ['--check=sha256'], bytes))],
  ['xz -9e', 'xz', xz('-9e')],
  ['zstd', 'zstd', small],
  ['zstd of two frames', 'zstd', inTwo((bytes) => packedBy('zstd', ['-19'], bytes))],
  ['zstd without checksum or length', 'zstd', zstd('--no-check', '--no-content-size')],
  ['zstd after a frame to skip', 'zstd', small && Buffer.concat([skippable, small])],
  ['zip', 'zip', zipOf([['trace.txt', TEXT]])],
  [
    'zip in a folder',
    'zip',
    zipOf([
      ['run/', Buffer.alloc(0)],
      ['run/trace.txt', TEXT],
    ]),
  ],
  ['zip of chunks, in any order', 'zip', zipOf(chunks([1, 0, 2]))],
  ['zip of stored chunks', 'zip', zipOf(chunks([0, 1, 2]), { stored: true })],
  ['zip with 64-bit fields', 'zip', zipOf(chunks([0, 1, 2]), { zip64: true })],
];

describe('a packed file is recognised and unpacked', () => {
  for (const [name, packing, bytes] of PACKED) {
    test.skipIf(bytes === null)(name, async () => {
      const got = await unpacked(`whole.${packing}`, bytes as Buffer);
      expect(got.packing).toBe(packing);
      expect(got.content.equals(TEXT)).toBe(true);
    });
  }

  test('and any other is left as it is', async () => {
    expect(await unpacked('plain.txt', TEXT)).toEqual({ packing: undefined, content: TEXT });
  });
});

describe('a packed file is refused by name', () => {
  const WHOLE = PACKED.filter(([name]) => ['gzip', 'xz', 'zstd', 'zip'].includes(name));

  for (const [name, packing, bytes] of WHOLE) {
    test.skipIf(bytes === null)(`${name}, wherever it is cut short`, async () => {
      const whole = bytes as Buffer;
      for (const length of [20, 100, whole.length >> 1, whole.length - 5, whole.length - 1]) {
        await expect(
          unpacked(`cut.${packing}`, whole.subarray(0, length)),
          `cut at ${length}`,
        ).rejects.toThrow(
          new RegExp(`^\\S+cut\\.${packing}: damaged ${packing} file \\([^\\n]+\\)$`),
        );
      }
    });

    test.skipIf(bytes === null)(`${name} with something after its end`, async () => {
      const more = Buffer.concat([bytes as Buffer, Buffer.from('and more')]);
      await expect(unpacked(`more.${packing}`, more)).rejects.toThrow(`damaged ${packing} file (`);
    });

    test.skipIf(bytes === null)(`${name} with a bit flipped in its middle`, async () => {
      const flipped = Buffer.from(bytes as Buffer);
      flipped[flipped.length >> 1] ^= 4;
      await expect(unpacked(`flip.${packing}`, flipped)).rejects.toThrow(
        `damaged ${packing} file (`,
      );
    });
  }

  test('a zip file that lacks a chunk, or holds several other files', async () => {
    await expect(unpacked('lacks.zip', zipOf(chunks([0, 2])))).rejects.toThrow(
      'lacks.zip: damaged zip file (got chunk.0002 as piece 1, expected one of that number)',
    );
    const two = zipOf([
      ['a', TEXT],
      ['b', TEXT],
    ]);
    await expect(unpacked('two.zip', two)).rejects.toThrow('(got 2 files, expected one, or chunk.');
  });

  test('nothing at all, packed or not', async () => {
    await expect(unpacked('empty', Buffer.alloc(0))).rejects.toThrow('empty: empty file');
    await expect(unpacked('empty.gz', gzipSync(''))).rejects.toThrow('empty gzip file');
  });
});

test.skipIf(small === null)('a frame ends where what is asked of zstd at a time does', async () => {
  const text = Buffer.alloc(1 << 20, 'as it was. ');
  const bytes = packedBy('zstd', [], text) as Buffer;
  expect((await unpacked('even.zst', bytes)).content.equals(text)).toBe(true);
});

test('several packed files unpack at once', async () => {
  for (const [name, packing, bytes] of PACKED) {
    if (bytes !== null) writeFileSync(join(folder, `${name}.${packing}`), bytes);
  }
  const opened = await Promise.all(
    PACKED.filter(([, , bytes]) => bytes !== null).map(([name, packing]) =>
      unpack(join(folder, `${name}.${packing}`)),
    ),
  );
  const lengths = await Promise.all(
    opened.map(async ({ bytes }) => {
      let length = 0;
      for await (const chunk of bytes) length += chunk.length;
      return length;
    }),
  );
  expect(lengths).toEqual(opened.map(() => TEXT.length));
});
