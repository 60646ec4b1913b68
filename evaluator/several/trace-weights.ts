import { basename } from 'node:path';

/**
 * How much each of these files counts, from options `FILE=W`; 1 where none is for it. FILE is the file as given, or its base
 * name. Throws where the text is no such option, where W is no number above 0, where FILE is none of the files or several,
 * and where a file has two.
 */
export function traceWeights(options: readonly string[], files: readonly string[]): number[] {
  const weights = files.map(() => Number.NaN);
  for (const text of options) {
    const [, name, number] = /^(.+)=([^=]*)$/.exec(text) ?? [];
    if (name === undefined)
      throw new Error(`--weight: no weight (got ${JSON.stringify(text)}, expected FILE=W)`);
    const weight = Number(number);
    if (number.trim() === '' || !(weight > 0 && weight < Number.POSITIVE_INFINITY))
      throw new Error(`--weight ${name}: weight (got "${number}", expected a number above 0)`);
    const file = placeOf(name, files);
    if (!Number.isNaN(weights[file]))
      throw new Error(`--weight ${name}: twice (got ${weights[file]} and ${weight}, expected one)`);
    weights[file] = weight;
  }
  return weights.map((weight) => (Number.isNaN(weight) ? 1 : weight));
}

function placeOf(name: string, files: readonly string[]): number {
  const places = [...files.keys()];
  const exact = places.filter((i) => files[i] === name);
  const named = exact.length > 0 ? exact : places.filter((i) => basename(files[i]) === name);
  if (named.length === 1) return named[0];
  if (named.length > 1) {
    throw new Error(
      `--weight ${name}: ambiguous (got ${named.map((i) => files[i]).join(', ')}, expected one file)`,
    );
  }
  throw new Error(`--weight ${name}: no such trace (got ${name}, expected ${files.join(', ')})`);
}

/** A folder for each file: its base name, made unique with `-2`, `-3` and so on where several are called alike. */
export function traceFolders(files: readonly string[]): string[] {
  const names = files.map((file) => basename(file) || 'trace');
  const folders: string[] = [];
  const taken = (folder: string) => folders.includes(folder) || folder === 'several.json';
  for (const name of names) {
    let folder = name;
    for (let i = 2; taken(folder) || (i > 2 && names.includes(folder)); i++)
      folder = `${name}-${i}`;
    folders.push(folder);
  }
  return folders;
}
