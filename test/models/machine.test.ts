import { describe, expect, test } from 'vitest';
import { cachesOfCopies, cachesPerCopy } from '../../models/memory/caches-per-copy.ts';
import { presets } from '../../models/memory/presets.ts';
import { parseMachine, readMachine } from '../../models/memory/read-machine.ts';

type Json = { [key: string]: Json } & unknown;

/** The first preset as JSON text, changed by `change`. */
function changed(change: (machine: Record<string, never>) => void): string {
  const copy = structuredClone(presets.get('spr-1cxl')) as unknown as Record<string, never>;
  change(copy);
  return JSON.stringify(copy);
}

/** The places of all numbers in a machine: `sockets[0].cores`. */
function numbersIn(value: unknown, place = ''): string[] {
  if (typeof value === 'number') return [place];
  if (Array.isArray(value)) return value.flatMap((inner, i) => numbersIn(inner, `${place}[${i}]`));
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value as Json).flatMap(([key, inner]) =>
    numbersIn(inner, place === '' ? key : `${place}.${key}`),
  );
}

describe('presets', () => {
  test.each([...presets.entries()])('%s says where every number is from', (name, machine) => {
    expect(machine.name).toBe(name);
    const { source, ...rest } = machine;
    // Which node or socket something is, and which share a bandwidth is for, are names, not measurements.
    const naming = /(\.id|\.socket|\.node|\.tier|\.read_share|\.shared_by_cores)$/;
    const unsaid = numbersIn(rest).filter(
      (place) =>
        !naming.test(place) &&
        !Object.keys(source as object).some((said) => place.startsWith(said)),
    );
    expect(unsaid).toEqual([]);
    expect(Object.values(source as object).every((text) => text.length > 5)).toBe(true);
  });

  test('are found by name; anything else must be a file', () => {
    expect(readMachine('genoa-4cxl').nodes.length).toBe(5);
    expect(() => readMachine('nope')).toThrow(
      `machine: unknown (got "nope", expected a file or one of ${[...presets.keys()].join(', ')})`,
    );
  });
});

describe('a machine file is refused', () => {
  test.each<[string, string, string]>([
    ['that is not JSON', '{', 'm.json: not JSON'],
    [
      'with an unknown key',
      changed((m) => Object.assign(m, { colour: 1 })),
      'm.json: unrecognized key: "colour"',
    ],
    [
      'with an unknown key inside',
      changed((m) => Object.assign(m.nodes[0], { size: 1 })),
      'm.json: nodes[0]: unrecognized key: "size"',
    ],
    [
      'with a value out of range',
      changed((m) => Object.assign(m.nodes[1], { capacity_bytes: -5 })),
      'm.json: nodes[1].capacity_bytes: too small: expected number to be >0 (got -5)',
    ],
    [
      'with a kind there is none of',
      changed((m) => Object.assign(m.nodes[1], { kind: 'optane' })),
      'm.json: nodes[1].kind: invalid option: expected one of "dram"|"cxl"|"hbm" (got "optane")',
    ],
    [
      'whose last cache level is for data only',
      changed((m) => Object.assign(m.caches[3], { holds: 'data' })),
      'm.json: caches[3].holds: expected both, as the last level (got "data")',
    ],
    [
      'without paths',
      changed((m) => delete m.paths),
      'm.json: paths: invalid input: expected array, received undefined',
    ],
    [
      'with a path to nowhere',
      changed((m) => Object.assign(m.paths[1], { node: 7 })),
      'paths[1].node: expected one of 0, 1 (got 7)',
    ],
    [
      'with a node out of reach',
      changed((m) => Object.assign(m, { paths: [m.paths[0]] })),
      'paths: no path from socket 0 to node 1',
    ],
    [
      'with nodes out of order',
      changed((m) => Object.assign(m.nodes[1], { id: 0 })),
      'nodes[1].id: expected more than 0',
    ],
    [
      'with a link there is none of',
      changed((m) => Object.assign(m.paths[0], { via: ['x'] })),
      'paths[0].via[0]: no link',
    ],
    [
      'with fewer threads than cores',
      changed((m) => Object.assign(m.sockets[0], { threads: 8 })),
      'sockets[0].threads: expected at least the 56 cores (got 8)',
    ],
  ])('%s', (_, text, message) => {
    expect(() => parseMachine('m.json', text)).toThrow(message);
  });
});

describe('caches of one copy', () => {
  const machine = readMachine('spr-1cxl');
  test('private ones whole, the shared one divided', () => {
    const bytes = (copies: number) => cachesPerCopy(machine, 0, copies).map((c) => c.bytes);
    expect(bytes(1)).toEqual([32768, 49152, 2097152, 110100480]);
    expect(bytes(56)).toEqual([32768, 49152, 2097152, 1966080]);
    expect(bytes(112)).toEqual([16384, 24576, 1048576, 983040]);
  });
  test('of a copy with several cores: as many of a level as those cores have', () => {
    const instances = (copies: number) =>
      cachesPerCopy(machine, 0, copies).map((c) => c.instances ?? 1);
    expect(instances(1)).toEqual([56, 56, 56, 1]);
    expect(instances(14)).toEqual([4, 4, 4, 1]);
    expect(instances(56)).toEqual([1, 1, 1, 1]);
    const genoa = readMachine('genoa-4cxl');
    expect(cachesPerCopy(genoa, 0, 2).map((c) => c.instances)).toEqual([48, 48, 48, 6]);
  });
  test('of several sockets: those of the busiest, the one with the most copies a core', () => {
    const { sockets, ...rest } = readMachine('four-node');
    const uneven = { ...rest, sockets: [sockets[0], { ...sockets[1], cores: 1 }] };
    expect(cachesOfCopies(uneven, 4)).toEqual(cachesPerCopy(uneven, 1, 2));
    expect(cachesOfCopies(uneven, 1)).toEqual(cachesPerCopy(uneven, 0, 1));
    expect(cachesOfCopies(machine, 56)).toEqual(cachesPerCopy(machine, 0, 56));
  });
  test('a level shared by 8 of 96 cores is divided among the copies on those', () => {
    const genoa = readMachine('genoa-4cxl');
    expect(cachesPerCopy(genoa, 0, 12)[3].bytes).toBe(33554432);
    expect(cachesPerCopy(genoa, 0, 96)[3].bytes).toBe(33554432 / 8);
  });
});
