import { z } from 'zod';
import { parseJson } from '../../../traces/parse-json.ts';

type Field = { field: string; data?: string | null | undefined; children?: Field[] | undefined };

const field: z.ZodType<Field> = z.lazy(() =>
  z.looseObject({
    field: z.string(),
    data: z.string().nullish(),
    children: z.array(field).optional(),
  }),
);

/** The fields of `lscpu -J` by their names without the colon, those inside others too; `-` and nothing are left out. */
export function lscpuFields(file: string, text: string): ReadonlyMap<string, string> {
  const { lscpu } = parseJson(file, text, z.looseObject({ lscpu: z.array(field) }));
  const fields = new Map<string, string>();
  const add = (list: readonly Field[]) => {
    for (const { field: name, data, children } of list) {
      const key = name.replace(/:$/, '').trim();
      if (data !== undefined && data !== null && data !== '-' && !fields.has(key))
        fields.set(key, data.trim());
      add(children ?? []);
    }
  };
  add(lscpu);
  return fields;
}

/** A cache of `lscpu`: bytes of all its instances, or of one where it does not count them. */
export type LscpuCache = Readonly<{ bytes: number; instances?: number; each: boolean }>;

/**
 * A cache by its name: `1.5 MiB (32 instances)` from util-linux 2.37 on, `1.5 MiB` for all of 2.34 to 2.36, `48K` for each
 * before; bytes with `-B`. Nothing where there is no such cache, or it is said in another way.
 */
export function lscpuCache(
  fields: ReadonlyMap<string, string>,
  name: string,
): LscpuCache | undefined {
  const text = fields.get(name) ?? fields.get(`${name} cache`);
  const [, figure, unit = '', binary, counted] =
    /^([\d.]+)\s*([KMG]?)(iB)?(?:\s*\((\d+) instances?\))?$/.exec(text ?? '') ?? [];
  const bytes = Number(figure) * 1024 ** ' KMG'.indexOf(unit || ' ');
  if (!(bytes > 0)) return undefined;
  const instances = Number(counted);
  return {
    bytes,
    ...(instances > 0 ? { instances } : {}),
    each: counted === undefined && unit !== '' && binary === undefined,
  };
}
