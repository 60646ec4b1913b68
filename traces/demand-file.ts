import { Field, type RecordBatch, Schema, Uint8, Uint32, Uint64 } from 'apache-arrow';
import { z } from 'zod';
import type { Demand, DemandMetadata } from './demand.ts';
import { PageTable } from './page-table.ts';
import { parseJson } from './parse-json.ts';
import { type ArrowSource, words } from './read-arrow.ts';
import { sharedBytes, sharedFloats, sharedWords } from './shared-columns.ts';
import { fieldText, vmaList } from './trace-schema.ts';
import { writeWholeFiles } from './whole-file.ts';
import { arrowFile, recordBatch } from './write-arrow.ts';

const DEMAND_VERSION = '1';
const BATCH_ENTRIES = 1 << 20;

const cacheGeometry = z.strictObject({
  bytes: z.int().positive(),
  ways: z.int().positive(),
  lineBytes: z.int().positive(),
  holds: z.enum(['data', 'instructions', 'both']).optional(),
  inclusive: z.boolean().optional(),
  instances: z.int().positive().optional(),
});

const demandMetadata = z.strictObject({
  pageBytes: z.int().positive(),
  lineBytes: z.int().positive(),
  samplePeriod: z.int().positive(),
  sampleLength: z.int().positive().optional(),
  timeUnit: z.enum(['ns', 'cycles', 'instructions', 'accesses']),
  accesses: z.int().nonnegative(),
  loads: z.int().nonnegative(),
  stores: z.int().nonnegative(),
  threads: z.int().positive(),
  outstanding: z.int().positive().optional(),
  caches: z.array(cacheGeometry).optional(),
  source: z.string(),
  command: z.string().optional(),
  pinned: z
    .array(z.strictObject({ socket: z.int().nonnegative(), threads: z.int().nonnegative() }))
    .min(1)
    .optional(),
  physical: z.boolean().optional(),
  vmas: vmaList.optional(),
});

const FIELDS = [
  new Field('epoch', new Uint32(), false),
  new Field('page', new Uint64(), false),
  new Field('reads', new Uint32(), false),
  new Field('writes', new Uint32(), false),
];
/** With pinned threads: the socket they run on. */
const SOCKET = new Field('socket', new Uint8(), false);

/** True where an Arrow file's schema says that it holds a demand. */
export function isDemand(schema: Schema): boolean {
  return schema.metadata.has('numaweave.demand');
}

/**
 * Writes a demand as an Arrow file of rows (epoch, page number, lines read, lines written), ordered by epoch and, in
 * an epoch, by the page's first touch: so the first-touch order of all pages is the order in which they first appear.
 */
export async function writeDemand(path: string, demand: Demand): Promise<void> {
  const schema = new Schema(
    demand.socket === undefined ? FIELDS : [...FIELDS, SOCKET],
    new Map([
      ['numaweave.demand', DEMAND_VERSION],
      ['metadata', JSON.stringify(demand.metadata)],
      ['epoch_time', JSON.stringify([...demand.epochTime])],
    ]),
  );
  await writeWholeFiles(new Map([[path, arrowFile(schema, demandBatches(schema, demand))]]));
}

function* demandBatches(schema: Schema, demand: Demand): Generator<RecordBatch> {
  const { pages, page, epochStart, socket } = demand;
  let current = 0;
  for (let from = 0; from < page.length; from += BATCH_ENTRIES) {
    const to = Math.min(page.length, from + BATCH_ENTRIES);
    const epoch = new Uint32Array(to - from);
    const number = new Uint32Array((to - from) * 2);
    for (let i = from; i < to; i++) {
      while (i >= epochStart[current + 1]) current++;
      epoch[i - from] = current;
      number[2 * (i - from)] = pages[page[i]] % 0x1_0000_0000;
      number[2 * (i - from) + 1] = pages[page[i]] / 0x1_0000_0000;
    }
    const columns = [
      epoch,
      new BigUint64Array(number.buffer),
      demand.reads.slice(from, to),
      demand.writes.slice(from, to),
      ...(socket === undefined ? [] : [socket.slice(from, to)]),
    ];
    yield recordBatch(schema, to - from, columns);
  }
}

function parsedMetadata(
  file: string,
  schema: Schema,
): { metadata: DemandMetadata; epochTime: number[] } {
  const version = schema.metadata.get('numaweave.demand');
  if (version !== DEMAND_VERSION) {
    throw new Error(`${file}: demand version (got ${version}, expected ${DEMAND_VERSION})`);
  }
  const text = (key: string) => schema.metadata.get(key) ?? '';
  const metadata = parseJson(`${file}: metadata`, text('metadata'), demandMetadata);
  const fields = metadata.pinned === undefined ? FIELDS : [...FIELDS, SOCKET];
  for (const [index, field] of fields.entries()) {
    const got = schema.fields[index];
    if (got?.name !== field.name || String(got.type) !== String(field.type)) {
      throw new Error(
        `${file}: demand column ${index + 1} (got ${fieldText(got)}, expected ${field.name}: ${field.type})`,
      );
    }
  }
  return {
    metadata: metadata as DemandMetadata,
    epochTime: parseJson(`${file}: epoch_time`, text('epoch_time'), z.array(z.number())),
  };
}

/** Reads the demand in an Arrow source already opened. Throws where it is damaged. */
export async function demandFromArrow(file: string, source: ArrowSource): Promise<Demand> {
  const { metadata, epochTime } = parsedMetadata(file, source.schema);
  const pages = new PageTable();
  const columns = {
    page: [] as Uint32Array[],
    reads: [] as Uint32Array[],
    writes: [] as Uint32Array[],
  };
  const { pinned } = metadata;
  const sockets: Uint8Array[] = [];
  const epochStart = new Uint32Array(epochTime.length + 1);
  let row = 0;
  let epoch = 0;
  for await (const batch of source.batches) {
    const epochs = batch.data.children[0].values as Uint32Array;
    const number = words(batch, 1);
    const page = new Uint32Array(batch.numRows);
    for (let i = 0; i < batch.numRows; i++, row++) {
      if (epochs[i] < epoch || epochs[i] >= epochTime.length) {
        const expected = `${epoch} to ${epochTime.length - 1}`;
        throw new Error(`${file}: row ${row}: epoch (got ${epochs[i]}, expected ${expected})`);
      }
      while (epoch < epochs[i]) epochStart[++epoch] = row;
      page[i] = pages.ordinal(number[2 * i], number[2 * i + 1]);
    }
    columns.page.push(page);
    columns.reads.push((batch.data.children[2].values as Uint32Array).slice(0, batch.numRows));
    columns.writes.push((batch.data.children[3].values as Uint32Array).slice(0, batch.numRows));
    if (pinned === undefined) continue;
    const on = (batch.data.children[4].values as Uint8Array).slice(0, batch.numRows);
    const wrong = on.findIndex((socket) => socket >= pinned.length);
    if (wrong >= 0) {
      const got = `${file}: row ${row - batch.numRows + wrong}: socket (got ${on[wrong]}`;
      throw new Error(`${got}, expected below ${pinned.length})`);
    }
    sockets.push(on);
  }
  if (row === 0) throw new Error(`${file}: no demand (expected at least one row)`);
  while (epoch < epochTime.length) epochStart[++epoch] = row;
  return Object.freeze({
    metadata,
    pages: pages.numbers(sharedFloats(pages.count)),
    epochStart: sharedWords(epochStart),
    epochTime: sharedFloats(epochTime),
    page: joined(columns.page, row),
    reads: joined(columns.reads, row),
    writes: joined(columns.writes, row),
    ...(pinned === undefined ? {} : { socket: sharedBytes(Buffer.concat(sockets)) }),
  });
}

function joined(parts: readonly Uint32Array[], length: number): Uint32Array {
  const whole = sharedWords(length);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
