import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { demandFromArrow, writeDemand } from '../../traces/demand-file.ts';
import { demandOfArrow } from '../../traces/demand-of-arrow.ts';
import { readArrow } from '../../traces/read-arrow.ts';
import { readTrace } from '../../traces/read-trace.ts';
import { synthRandom } from '../../traces/synth/random.ts';
import { writeTrace } from '../../traces/write-trace.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { CODECS, compressedArrow, WRITERS } from './compressed-arrow.ts';
import { packedBy, zipOf } from './packed.ts';
import { rowsOf, sampleTrace } from './sample-trace.ts';

const folder = temporaryFolder();
const plain = join(folder, 'plain.arrow');
// Sizes and threads compress to nothing, low bits of the address hardly, so some buffers stay as they are.
await writeTrace(
  plain,
  sampleTrace(
    Array.from({ length: 5000 }, (_, i) => ({ address: Math.imul(i + 1, 0x9e3779b1) >>> 0 })),
    { source: 'by hand' },
    1300,
  ),
);
const PLAIN = readFileSync(plain);
const trace = await readTrace(plain);
const WANT = { metadata: trace.metadata, rows: await rowsOf(trace) };

async function read(name: string, bytes: Uint8Array) {
  const file = join(folder, name);
  writeFileSync(file, bytes);
  const trace = await readTrace(file);
  return { metadata: trace.metadata, rows: await rowsOf(trace) };
}

for (const codec of CODECS) {
  for (const writer of WRITERS) {
    const bytes = compressedArrow(PLAIN, codec, writer);

    describe(`an Arrow file whose buffers ${writer} compressed with ${codec}`, () => {
      test.skipIf(bytes === null)('is the same trace', async () => {
        expect(bytes?.length).toBeLessThan(PLAIN.length * 0.7);
        expect(await read('compressed.arrow', bytes as Uint8Array)).toEqual(WANT);
      });

      test.skipIf(bytes === null)('is refused by name where a buffer is damaged', async () => {
        const magic = codec === 'lz4' ? [4, 0x22, 0x4d, 0x18] : [0x28, 0xb5, 0x2f, 0xfd];
        const frame = Buffer.from(bytes as Uint8Array).indexOf(Buffer.from(magic));
        for (const at of [frame, frame + 5, frame + 40]) {
          const damaged = Uint8Array.from(bytes as Uint8Array);
          damaged[at] ^= 0xff;
          await expect(read('damaged.arrow', damaged), `at ${at}`).rejects.toThrow(
            /^\S+damaged\.arrow: damaged Arrow file, cut short or overwritten \([^\n]+\)$/,
          );
        }
      });
    });
  }
}

describe('a packed Arrow file', () => {
  for (const [name, bytes] of [
    ['trace.arrow.gz', gzipSync(PLAIN)],
    ['trace.arrow.xz', packedBy('xz', [], PLAIN)],
    ['trace.arrow.zst', packedBy('zstd', [], PLAIN)],
    ['trace.zip', zipOf([['trace.arrow', PLAIN]])],
  ] as const) {
    test.skipIf(bytes === null)(`is the same trace: ${name}`, async () => {
      expect(await read(name, bytes as Buffer)).toEqual(WANT);
    });

    test.skipIf(bytes === null)(`is refused by name where it is cut short: ${name}`, async () => {
      const cut = (bytes as Buffer).subarray(0, (bytes as Buffer).length >> 1);
      await expect(read(name, cut)).rejects.toThrow(/: damaged \w+ file \(/);
    });
  }
});

describe('a long trace with compressed buffers', () => {
  const units = { caches: [], lineBytes: 64, pageBytes: 4096 };
  const demandBytes = async (file: string, threads: number) => {
    const demand = await readArrow(file, (source) =>
      demandOfArrow(file, source, { ...units, threads }),
    );
    const out = join(folder, 'out.demand.arrow');
    await writeDemand(out, demand);
    return readFileSync(out);
  };
  const long = join(folder, 'long.arrow');

  for (const codec of CODECS) {
    test.skipIf(packedBy(codec, [], PLAIN) === null)(
      `has the same demand on two threads: ${codec}`,
      async () => {
        await writeTrace(
          long,
          synthRandom({
            pages: 500,
            accesses: 4_100_000,
            seed: 5,
            level: 'memory',
            readShare: 0.6,
          }),
        );
        const want = await demandBytes(long, 1);
        const file = join(folder, `long.${codec}.arrow`);
        const bytes = compressedArrow(readFileSync(long), codec, 'apache-arrow');
        writeFileSync(file, bytes as Uint8Array);
        expect((await demandBytes(file, 2)).equals(want)).toBe(true);
        const demandFile = join(folder, 'compressed.demand.arrow');
        writeFileSync(demandFile, compressedArrow(want, codec, 'flechette') as Uint8Array);
        const back = await readArrow(demandFile, (source) => demandFromArrow(demandFile, source));
        await writeDemand(demandFile, back);
        expect(readFileSync(demandFile).equals(want)).toBe(true);
      },
    );
  }
});
