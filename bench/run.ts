/**
 * How fast the stages are, as ratios: against the floor of reading the same columns, and against the naive form.
 * `npm run bench`; `npm run bench -- demand` for one of them. Seeded; nothing here is a test.
 */

import { spawnSync } from 'node:child_process';
import { createReadStream, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { cachesPerCopy } from '../models/memory/caches-per-copy.ts';
import { readMachine } from '../models/memory/read-machine.ts';
import { interleaveCycle } from '../models/mempolicy/interleave.ts';
import { placeMapping } from '../models/mempolicy/place-mapping.ts';
import { placePages } from '../models/mempolicy/place-pages.ts';
import { type CacheGeometry, cacheFilter } from '../traces/cache-filter.ts';
import { demandOfArrow } from '../traces/demand-of-arrow.ts';
import { readLackey } from '../traces/formats/lackey.ts';
import { importTrace } from '../traces/import-trace.ts';
import { PageTable } from '../traces/page-table.ts';
import { readArrow } from '../traces/read-arrow.ts';
import { readTrace } from '../traces/read-trace.ts';
import { synthRandom } from '../traces/synth/random.ts';
import type { Trace, TraceBatch } from '../traces/trace.ts';
import { traceMetadata } from '../traces/trace-schema.ts';
import { writeTrace } from '../traces/write-trace.ts';
import { compare, RUNS } from './compare.ts';
import { closedLoopBench, queueBench } from './memory-models.ts';
import { naivePageMap, sumColumns } from './naive-page-map.ts';
import { walkWeights, writeNodes } from './naive-placement.ts';
import { sweepBench } from './sweep.ts';

const ACCESSES = 32_000_000;
const SAMPLE_TIMES = 28;
const SAMPLE_ACCESSES = 1_159_544;
const machine = readMachine('spr-1cxl');
const units = { caches: [], lineBytes: 64, pageBytes: 4096 };
const folder = mkdtempSync(join(tmpdir(), 'numaweave-bench-'));
const wide = join(folder, 'wide.arrow');
const narrow = join(folder, 'narrow.arrow');
const sample = 'samples/shuf.arrow.gz';

const demandOf = (file: string, threads: number) =>
  readArrow(file, (source) => demandOfArrow(file, source, { ...units, threads }));

/** The bundled recording so many times over, one after another: long enough to measure. */
async function repeatedSample(times: number): Promise<Trace> {
  const { metadata, close } = await readArrow(sample, (source) => ({
    metadata: traceMetadata(source.schema, sample),
    close: source.close,
  }));
  await close();
  async function* batches() {
    let before = 0;
    for (let n = 0; n < times; n++) {
      let last = before;
      for await (const batch of (await readTrace(sample)).batches) {
        const time = batch.time.map((word, i) => (i % 2 === 0 ? word + before : word));
        last = time[2 * batch.length - 2];
        yield { ...batch, time };
      }
      before = last;
    }
  }
  return { metadata, batches: batches() };
}

async function demandBench(): Promise<void> {
  const pages = 2 ** 20;
  await writeTrace(narrow, await repeatedSample(SAMPLE_TIMES));
  await writeTrace(
    wide,
    synthRandom({ pages, accesses: ACCESSES, seed: 1, level: 'memory', readShare: 0.7 }),
  );
  for (const [file, what, accesses] of [
    [narrow, `the bundled recording, ${SAMPLE_TIMES} times over`, SAMPLE_TIMES * SAMPLE_ACCESSES],
    [wide, 'uniformly random over 4 GiB', ACCESSES],
  ] as const) {
    await compare(`demand of a trace: ${what}`, 'accesses', accesses, {
      'floor: decode, check and add up the columns': async () => sumColumns(await readTrace(file)),
      'demand, one thread': () => demandOf(file, 1),
      'demand, two threads': () => demandOf(file, 2),
      'naive: a Map with BigInt keys, pages only': async () => naivePageMap(await readTrace(file)),
    });
  }
}

/** What valgrind sees of sorting a few thousand lines, with and without instruction fetches; none without valgrind. */
async function recordedSort(): Promise<{ title: string; trace: Trace }[]> {
  const [lines, log] = [join(folder, 'lines.txt'), join(folder, 'sort.log')];
  writeFileSync(lines, Array.from({ length: 4000 }, (_, i) => `${(i * 7919) % 4001}\n`).join(''));
  const lackey = ['--tool=lackey', '--trace-mem=yes', `--log-file=${log}`];
  const env = { PATH: process.env.PATH };
  if (spawnSync('valgrind', [...lackey, 'sort', '-o', '/dev/null', lines], { env }).status !== 0) {
    process.stdout.write('\nno valgrind: the cache filter on a recorded trace is left out\n');
    return [];
  }
  const read = async (fetches: boolean) =>
    (await readLackey(log, createReadStream(log), { fetches })).trace;
  return [
    { title: 'sort of 4,000 lines, with its instruction fetches', trace: await read(true) },
    { title: 'sort of 4,000 lines, data only', trace: await read(false) },
  ];
}

async function cacheBench(): Promise<void> {
  const random = synthRandom({
    pages: 2 ** 12,
    accesses: 1 << 20,
    seed: 1,
    level: 'access',
    readShare: 0.7,
  });
  const traces = [
    ...(await recordedSort()),
    { title: 'uniformly random over 16 MiB (its worst case)', trace: random },
  ];
  const first: CacheGeometry = { bytes: 32768, ways: 8, lineBytes: 64 };
  const two: CacheGeometry[] = [
    { ...first, holds: 'instructions' },
    { ...first, holds: 'data' },
    { bytes: 8388608, ways: 16, lineBytes: 64 },
  ];
  for (const { title, trace } of traces) {
    const batches: TraceBatch[] = [];
    for await (const batch of trace.batches) batches.push(batch);
    const references = batches.reduce((sum, { length }) => sum + length, 0);
    async function* again() {
      yield* batches;
    }
    const through = (levels: readonly CacheGeometry[]) => () => {
      const linesOf = cacheFilter(levels, new PageTable(), 4096);
      for (const batch of batches) linesOf(batch);
    };
    await compare(`cache filter, ${title}`, 'references', references, {
      'add up the columns': () => sumColumns({ ...trace, batches: again() }),
      'I1, D1 of 32 KiB and a last level of 8 MiB': through(two),
      'the levels of one of 56 copies on spr-1cxl': through(cachesPerCopy(machine, 0, 56)),
    });
  }
}

/** A log of 64 MiB with the mixture of a recorded sort: in 32 instructions 10 loads and 6 stores, half of them on the stack. */
function lackeyLog(): Buffer {
  const text = Buffer.alloc(64 << 20);
  let at = 0;
  for (let i = 0; at < text.length - 256; i++) {
    at += text.write(
      `I  ${(0x401_0000 + ((i * 5) & 0xffff)).toString(16).padStart(8, '0')},5\n`,
      at,
    );
    if (i % 2 > 0) continue;
    const kind = i % 32 < 20 ? 'L' : 'S';
    const place =
      i % 4 < 2 ? 0x1f_fff0_0000 + ((i * 8) & 0xffff) : 0x4a0_0000 + ((i * 13) & 0xf_ffff);
    at += text.write(` ${kind} ${place.toString(16).padStart(8, '0')},8\n`, at);
  }
  return text.subarray(0, at);
}

async function lackeyBench(): Promise<void> {
  const text = lackeyLog();
  const log = join(folder, 'lackey.log');
  writeFileSync(log, text);
  async function* pieces() {
    for (let at = 0; at < text.length; at += 1 << 20) yield text.subarray(at, at + (1 << 20));
  }
  const parsed = async (fetches: boolean) =>
    sumColumns((await readLackey('log', pieces(), { fetches })).trace);
  const imported = async (fetches: boolean) => {
    const { trace } = await importTrace(log, 'lackey', { fetches });
    await writeTrace(join(folder, 'lackey.arrow'), trace);
  };
  const { trace } = await readLackey('log', pieces(), { fetches: true });
  const rows: TraceBatch[] = [];
  for await (const batch of trace.batches) rows.push(batch);
  async function* again() {
    yield* rows;
  }
  await compare('lackey text, against finding its newlines', 'bytes', text.length, {
    'find the newlines': () => {
      let count = 0;
      for (let at = text.indexOf(10); at >= 0; at = text.indexOf(10, at + 1)) count++;
      return count;
    },
    'parse, and add up the columns': () => parsed(false),
    'parse with instruction fetches, likewise': () => parsed(true),
    'file to trace file': () => imported(false),
    'file to trace file, with instruction fetches': () => imported(true),
    'of that, writing the trace file': () =>
      writeTrace(join(folder, 'lackey.arrow'), { ...trace, batches: again() }),
  });
}

async function placementBench(): Promise<void> {
  const pages = 100_000_000;
  const start = 0x7_f000_0000;
  const nodes = new Uint8Array(pages);
  const groups = [9, 1].map((weight, node) => ({ weight, nodes: [node] }));
  const cycle = interleaveCycle(groups);
  const inOrder = Float64Array.from(nodes, (_, i) => start + i);
  // A multiplicative walk visits every page once, none next to the one before.
  const scattered = Float64Array.from(nodes, (_, i) => start + ((i * 61_803_399) % pages));
  await compare(
    'placing 100 million pages by address, against writing their nodes',
    'pages',
    pages,
    {
      'write the node array, nothing else': () => writeNodes(nodes),
      'one mapping': () =>
        placeMapping({ start, end: start + pages, pgoff: start }, cycle, 0, nodes),
      'a list of pages, in order': () => placePages(inOrder, cycle, nodes),
      'a list of pages, scattered': () => placePages(scattered, cycle, nodes),
      "the kernel's walk over the weights, page by page": () =>
        walkWeights(scattered, groups, nodes),
    },
  );
}

const benches = {
  demand: demandBench,
  caches: cacheBench,
  lackey: lackeyBench,
  place: placementBench,
  loop: closedLoopBench,
  queue: queueBench,
  sweep: sweepBench,
};
const wanted = process.argv.slice(2);
try {
  process.stdout.write(
    `${cpus()[0].model}, ${cpus().length} cores, Node ${process.versions.node}; medians of ${RUNS} runs\n`,
  );
  for (const [name, bench] of Object.entries(benches)) {
    if (wanted.length === 0 || wanted.includes(name)) await bench();
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
