import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { expect, test } from 'vitest';

/** The line the folders spell: imports point left only. */
const LINE = ['traces', 'models', 'evaluator', 'reports', '.'];

function sources(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => join(folder, name));
}

const files = [...LINE.slice(0, -1).flatMap(sources), 'cli.ts', 'index.ts'];

function importsOf(file: string): string[] {
  const text = readFileSync(file, 'utf8');
  const named = [...text.matchAll(/(?:from|import)\s*\(?\s*'(\.[^']+)'/g)].map((m) => m[1]);
  return named.map((name) => normalize(join(dirname(file), name)));
}

function placeOf(file: string): number {
  const top = file.includes('/') ? file.split('/')[0] : '.';
  return LINE.indexOf(top);
}

test('imports point left, from reports to traces, and never to tests or benchmarks', () => {
  const wrong = files.flatMap((file) =>
    importsOf(file)
      .filter((target) => placeOf(target) < 0 || placeOf(target) > placeOf(file))
      .map((target) => `${file} imports ${target}`),
  );
  expect(wrong).toEqual([]);
  expect(files.flatMap(importsOf).length).toBeGreaterThan(100);
});

test('the two halves of models never import each other', () => {
  const across = files.flatMap((file) =>
    importsOf(file).filter(
      (target) =>
        (file.startsWith('models/mempolicy/') && target.startsWith('models/memory/')) ||
        (file.startsWith('models/memory/') && target.startsWith('models/mempolicy/')),
    ),
  );
  expect(across).toEqual([]);
});
