import { type DataType, Field, Schema, Uint8, Uint16, Uint32, Uint64 } from 'apache-arrow';
import { z } from 'zod';
import { parseJson } from './parse-json.ts';
import type { TracedVma, TraceMetadata } from './trace.ts';

/** Version of the trace format, written as `numaweave.version` and checked on reading. */
const TRACE_VERSION = '1';

const COLUMNS: readonly (readonly [string, DataType])[] = [
  ['time', new Uint64()],
  ['address', new Uint64()],
  ['size', new Uint16()],
  ['op', new Uint8()],
  ['thread', new Uint32()],
];

const integerText = z
  .string()
  .regex(/^[1-9][0-9]{0,8}$/, 'expected a whole number from 1 to 999999999')
  .transform(Number);

const metadataText = z.object({
  'numaweave.version': z.literal(TRACE_VERSION),
  level: z.enum(['access', 'memory']),
  time_unit: z.enum(['ns', 'cycles', 'instructions', 'accesses']),
  page_bytes: integerText.refine(
    (n) => n >= 4096 && n <= 2 ** 30 && Number.isInteger(Math.log2(n)),
    'expected a power of two from 4096 to 1073741824',
  ),
  sample_period: integerText,
  sample_length: integerText.optional(),
  outstanding: integerText.optional(),
  source: z.string(),
  command: z.string().optional(),
  address_space: z.enum(['virtual', 'physical']).optional(),
  vmas: z.string().optional(),
});

const address = z.int().nonnegative();
/** Mappings as JSON has them. */
export const vmaList = z.array(
  z.strictObject({
    start: address,
    end: address,
    pgoff: address,
    kind: z.enum(['anonymous', 'heap', 'stack', 'file', 'shared', 'special']),
    huge: z.boolean(),
  }),
);

/** The Arrow schema of a trace file with this metadata; docs/trace-format.md describes it. */
export function traceSchema(metadata: TraceMetadata): Schema {
  const text = new Map([
    ['numaweave.version', TRACE_VERSION],
    ['level', metadata.level],
    ['time_unit', metadata.timeUnit],
    ['page_bytes', String(metadata.pageBytes)],
    ['sample_period', String(metadata.samplePeriod)],
    ['source', metadata.source],
  ]);
  if (metadata.sampleLength !== undefined) text.set('sample_length', String(metadata.sampleLength));
  if (metadata.outstanding !== undefined) text.set('outstanding', String(metadata.outstanding));
  if (metadata.command !== undefined) text.set('command', metadata.command);
  if (metadata.physical === true) text.set('address_space', 'physical');
  if (metadata.vmas !== undefined) text.set('vmas', JSON.stringify(metadata.vmas));
  return new Schema(
    COLUMNS.map(([name, type]) => new Field(name, type, false)),
    text,
  );
}

/** A column and its type for errors, on one line even where a damaged name holds line breaks. */
export function fieldText(field: Field | undefined): string {
  if (field === undefined) return 'no column';
  // A damaged file may have a column without a name, which the type does not know of.
  const name = String(field.name).slice(0, 40);
  return `${JSON.stringify(name).slice(1, -1)}: ${field.type}`;
}

/** The metadata of a trace file's schema. Throws where a column or an entry is missing or not as the format has it. */
export function traceMetadata(schema: Schema, file: string): TraceMetadata {
  for (const [index, [name, type]] of COLUMNS.entries()) {
    const field = schema.fields[index];
    if (field?.name !== name || String(field.type) !== String(type)) {
      throw new Error(
        `${file}: not a trace: column ${index + 1} (got ${fieldText(field)}, expected ${name}: ${type})`,
      );
    }
  }
  if (schema.fields.length > COLUMNS.length) {
    const extra = fieldText(schema.fields[COLUMNS.length]);
    throw new Error(
      `${file}: not a trace: column ${COLUMNS.length + 1} (got ${extra}, expected none)`,
    );
  }
  const parsed = metadataText.safeParse(Object.fromEntries(schema.metadata));
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    const key = String(issue?.path[0]);
    const text = schema.metadata.get(key);
    const got = text === undefined ? 'nothing' : JSON.stringify(text.slice(0, 40));
    throw new Error(`${file}: metadata ${key}: ${issue?.message} (got ${got})`);
  }
  const m = parsed.data;
  return {
    level: m.level,
    timeUnit: m.time_unit,
    pageBytes: m.page_bytes,
    samplePeriod: m.sample_period,
    source: m.source,
    ...(m.sample_length === undefined ? {} : { sampleLength: m.sample_length }),
    ...(m.outstanding === undefined ? {} : { outstanding: m.outstanding }),
    ...(m.command === undefined ? {} : { command: m.command }),
    ...(m.address_space === 'physical' ? { physical: true } : {}),
    ...(m.vmas === undefined ? {} : { vmas: tracedVmas(file, m.vmas) }),
  };
}

/** The mappings in the metadata's text, checked: none empty, in order, none over another. */
function tracedVmas(file: string, text: string): readonly TracedVma[] {
  const vmas = parseJson(`${file}: metadata vmas`, text, vmaList);
  let last = 0;
  for (const [i, { start, end }] of vmas.entries()) {
    if (start < last || end <= start) {
      const got = `0x${start.toString(16)} to 0x${end.toString(16)}`;
      throw new Error(
        `${file}: metadata vmas: [${i}] (got ${got}, expected an end above the start, and a start from 0x${last.toString(16)})`,
      );
    }
    last = end;
  }
  return vmas;
}
