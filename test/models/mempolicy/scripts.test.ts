import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { Machine } from '../../../models/memory/machine.ts';
import { presets } from '../../../models/memory/presets.ts';
import { DISCIPLINES, type Discipline } from '../../../models/mempolicy/discipline.ts';
import { kernelVersion } from '../../../models/mempolicy/kernel-version.ts';
import { readScript } from '../../../models/mempolicy/script/read-script.ts';
import { type LineResult, runScript } from '../../../models/mempolicy/script/run-script.ts';
import { topologyOf } from '../../../models/topology-of.ts';

const HERE = 'test/models/mempolicy';
const topology = topologyOf(presets.get('four-node') as Machine);

function run(file: string, kernel: string, discipline: Discipline = 'address'): LineResult[] {
  return runScript(file, readScript(file, readFileSync(file, 'utf8')), {
    topology,
    version: kernelVersion(kernel),
    settings: { weightHome: 'global', discipline, extendInterleave: false },
  });
}

const differing = (results: readonly LineResult[]) =>
  results.filter((line) => line.agrees === false);

describe.each(['6.12', '6.18', '7.3'])('Linux %s', (kernel) => {
  const folder = `${HERE}/transcripts/linux-${kernel}`;
  const files = readdirSync(folder);

  test.each(files)('answers every line of %s as the real one did', (name) => {
    const results = run(`${folder}/${name}`, kernel);
    expect(differing(results)).toEqual([]);
    expect(results.length).toBeGreaterThan(5);
    expect(results.every((line) => line.expected !== null)).toBe(true);
  });

  test('is not another kernel', () => {
    const others = ['6.12', '6.18', '7.3'].filter((other) => other !== kernel);
    for (const other of others) {
      const results = files.flatMap((name) => run(`${folder}/${name}`, other));
      expect(differing(results).length).toBeGreaterThan(0);
    }
  });
});

describe('scripts with results worked out by hand', () => {
  test.each(readdirSync(`${HERE}/scripts`))('%s', (name) => {
    const file = `${HERE}/scripts/${name}`;
    const [head] = readFileSync(file, 'utf8').split('\n');
    const [, kernel] = /--kernel (\S+)/.exec(head) ?? [];
    const discipline = DISCIPLINES.find((d) => head.includes(`--discipline ${d}`));
    const results = run(file, kernel, discipline);
    expect(differing(results)).toEqual([]);
    expect(results.every((line) => line.expected !== null)).toBe(true);
  });
});
