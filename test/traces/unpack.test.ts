import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import {
  CompressionType,
  compressionRegistry,
  RecordBatchFileWriter,
  tableFromIPC,
} from 'apache-arrow';
import { compress as encodeLz4 } from 'lz4js';
import { describe, expect, test } from 'vitest';
import { readTrace } from '../../traces/read-trace.ts';
import { synthRandom } from '../../traces/synth/random.ts';
import { unpack } from '../../traces/unpack.ts';
import { writeTrace } from '../../traces/write-trace.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { rowsOf } from './sample-trace.ts';

const folder = temporaryFolder();
const at = (name: string) => join(folder, name);

/** Long enough for several blocks of each packer, and for several reads. */
const TEXT = Buffer.from(Array.from({ length: 400_000 }, (_, i) => `${i * 7919}\n`).join(''));

function tool(name: string, args: readonly string[], input: Uint8Array = TEXT): Buffer | undefined {
  const { status, stdout } = spawnSync(name, args, { input, maxBuffer: 1 << 28 });
  return status === 0 ? stdout : undefined;
}

/** The text packed by each tool there is, in one piece and in the ways that make several. */
function packed(): Map<string, Buffer> {
  const xz = tool('xz', ['-c']);
  const blocks = tool('xz', ['-c', '-T2', '--block-size=100KiB']);
  const zstd = tool('zstd', ['-c', '-q']);
  const half = TEXT.length >> 1;
  const halves = (name: string, args: readonly string[]) => {
    const parts = [TEXT.subarray(0, half), TEXT.subarray(half)].map((t) => tool(name, args, t));
    return parts.every((p) => p !== undefined) ? Buffer.concat(parts as Buffer[]) : undefined;
  };
  writeFileSync(at('plain.txt'), TEXT);
  const made = new Map<string, Buffer | undefined>([
    ['gzip', gzipSync(TEXT)],
    [
      'gzip of two members',
      Buffer.concat([TEXT.subarray(0, half), TEXT.subarray(half)].map((t) => gzipSync(t))),
    ],
    ['xz', xz],
    ['xz of many blocks', blocks],
    ['xz of two streams', halves('xz', ['-c'])],
    ['zstd', zstd],
    ['zstd of two frames', halves('zstd', ['-c', '-q'])],
  ]);
  return new Map([...made].filter((entry): entry is [string, Buffer] => entry[1] !== undefined));
}

async function unpacked(bytes: Uint8Array): Promise<Buffer> {
  const file = at('packed');
  writeFileSync(file, bytes);
  const pieces: Buffer[] = [];
  const opened = await unpack(file);
  for await (const piece of opened.bytes) pieces.push(piece);
  const all = Buffer.concat(pieces);
  expect(opened.head).toEqual(all.subarray(0, 1 << 16));
  return all;
}

describe('a packed file', () => {
  const all = packed();

  test.each([...all])('%s: gives back every byte', async (_, bytes) => {
    expect((await unpacked(bytes)).equals(TEXT)).toBe(true);
  });

  test.each([...all])(
    '%s: cut short, overwritten or followed by rubbish is an error',
    async (_, bytes) => {
      const spoilt = Buffer.from(bytes);
      spoilt.fill(0xa5, bytes.length >> 1, (bytes.length >> 1) + 16);
      for (const damaged of [
        bytes.subarray(0, bytes.length - 3),
        bytes.subarray(0, bytes.length >> 1),
        spoilt,
      ]) {
        await expect(unpacked(damaged)).rejects.toThrow(
          /packed: damaged (gzip|xz|zstd) file \(.+\)$/,
        );
      }
    },
  );

  test('zip: its entries by name, stored or deflated; a wrong sum is an error', async () => {
    for (const [name, from] of [
      ['chunk.0001', 1000],
      ['chunk.0000', 0],
    ] as const) {
      writeFileSync(at(name), TEXT.subarray(from, from === 0 ? 1000 : undefined));
      for (const [zip, level] of [
        ['deflated.zip', '-6'],
        ['stored.zip', '-0'],
      ])
        spawnSync('zip', ['-q', level, zip, name], { cwd: folder });
    }
    const stored = tool('cat', [at('stored.zip')]);
    if (stored === undefined) {
      expect(spawnSync('zip', ['-v']).status).not.toBe(0);
      return;
    }
    for (const zip of ['deflated.zip', 'stored.zip'])
      expect((await unpacked(readFileSync(at(zip)))).equals(TEXT)).toBe(true);
    stored[2000] ^= 1;
    await expect(unpacked(stored)).rejects.toThrow('damaged zip file (chunk.0001: corrupt data)');
    await expect(unpacked(stored.subarray(0, 5000))).rejects.toThrow(/damaged zip file/);
  });
});

describe('a compressed Arrow file', () => {
  const encoders = {
    LZ4_FRAME: (bytes: Uint8Array) => encodeLz4(bytes),
    ZSTD: (bytes: Uint8Array) => tool('zstd', ['-c', '-q'], bytes) as Uint8Array,
  };

  test.each(['LZ4_FRAME', 'ZSTD'] as const)('%s: reads as the plain one', async (name) => {
    if (name === 'ZSTD' && tool('zstd', ['--version'], Buffer.alloc(0)) === undefined) {
      expect(name).toBe('ZSTD');
      return;
    }
    const type = CompressionType[name];
    const plain = at('plain.arrow');
    await writeTrace(
      plain,
      synthRandom({ pages: 50, accesses: 3000, seed: 1, level: 'memory', readShare: 0.5 }),
    );
    const before = compressionRegistry.get(type);
    compressionRegistry.set(type, { ...before, encode: encoders[name] });
    const writer = new RecordBatchFileWriter({ compressionType: type });
    const table = tableFromIPC(readFileSync(plain));
    for (const batch of table.batches) writer.write(batch);
    writer.close();
    const bytes = writer.toUint8Array(true);
    const file = at(`${name}.arrow`);
    writeFileSync(file, bytes);
    expect(bytes.length).toBeLessThan(readFileSync(plain).length * 0.9);
    expect(await rowsOf(await readTrace(file))).toEqual(await rowsOf(await readTrace(plain)));
    const spoilt = Buffer.from(bytes);
    spoilt.fill(0x5a, 600, 640);
    writeFileSync(file, spoilt);
    await expect(readTrace(file).then(rowsOf)).rejects.toThrow(
      /arrow: (damaged Arrow file|row \d+:)/,
    );
  });
});
