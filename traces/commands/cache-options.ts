import { InvalidArgumentError } from 'commander';
import type { CacheGeometry } from '../cache-filter.ts';

const HOLDS = { I: 'instructions', D: 'data', L: 'both' } as const;

/** A parser for `I1=32768,8,64`, one word a level: bytes, ways, line bytes; `,inclusive` may follow. */
export function cacheLevel(text: string, before: readonly CacheGeometry[] = []): CacheGeometry[] {
  const parts = /^([IDL])[0-9A-Z]*=(\d+),(\d+),(\d+)(,inclusive)?$/.exec(text);
  if (parts === null) {
    throw new InvalidArgumentError(
      `(got ${JSON.stringify(text)}, expected NAME=BYTES,WAYS,LINE[,inclusive], the name beginning with I, D or L)`,
    );
  }
  const [bytes, ways, lineBytes] = parts.slice(2, 5).map(Number);
  if (lineBytes < 16 || lineBytes > 1024 || !Number.isInteger(Math.log2(lineBytes))) {
    throw new InvalidArgumentError(
      `(got a line of ${lineBytes} bytes in ${text}, expected a power of two from 16 to 1024)`,
    );
  }
  if (ways < 1 || bytes < ways * lineBytes || bytes > 2 ** 32) {
    throw new InvalidArgumentError(
      `(got ${bytes} bytes in ${text}, expected one way at least and from ${ways * lineBytes} bytes to 4 GiB)`,
    );
  }
  const level = { bytes, ways, lineBytes, holds: HOLDS[parts[1] as 'I' | 'D' | 'L'] };
  return [...before, parts[5] === undefined ? level : { ...level, inclusive: true }];
}

/** Levels for so many cores: each has its own but the last, which all share. */
export function forCores(levels: readonly CacheGeometry[], cores: number): CacheGeometry[] {
  return levels.map((level, i) =>
    cores > 1 && i < levels.length - 1 ? { ...level, instances: cores } : level,
  );
}

/** The levels I1, D1 and LL, in this order. Throws where there are others, or cachegrind would refuse them. */
export function cachegrindLevels(levels: readonly CacheGeometry[]): CacheGeometry[] {
  const three = (['instructions', 'data', 'both'] as const).flatMap((kind) =>
    levels.filter(({ holds }) => holds === kind),
  );
  const kinds = new Set(levels.map(({ holds }) => holds));
  if (levels.length !== 3 || kinds.size !== 3) {
    throw new Error(`--cachegrind: levels (got ${levels.length}, expected one each of I1, D1, LL)`);
  }
  for (const { bytes, ways, lineBytes, inclusive } of three) {
    if (inclusive)
      throw new Error('--cachegrind: inclusive level (expected none, as cachegrind has none)');
    const sets = Math.floor(bytes / (ways * lineBytes));
    if (!Number.isInteger(Math.log2(sets))) {
      throw new Error(
        `--cachegrind: sets (got ${sets} in ${bytes} bytes of ${ways} ways, expected a power of two, as cachegrind does)`,
      );
    }
  }
  return three;
}
