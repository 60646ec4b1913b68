import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readMachine } from '../../../models/memory/read-machine.ts';
import {
  interleaveCycle,
  interleaveNid,
  type WeightGroup,
} from '../../../models/mempolicy/interleave.ts';
import {
  bootWeightTables,
  parseWeight,
  storeAuto,
  storeWeight,
} from '../../../models/mempolicy/kernel/weight-tables.ts';
import { kernelVersion } from '../../../models/mempolicy/kernel-version.ts';
import { placePages } from '../../../models/mempolicy/place-pages.ts';
import { weighedNodes, weightGroups } from '../../../models/mempolicy/weight-home.ts';
import { topologyOf } from '../../../models/topology-of.ts';

const groups = fc
  .array(
    fc.record({ weight: fc.integer({ min: 0, max: 9 }), size: fc.integer({ min: 1, max: 3 }) }),
    {
      minLength: 1,
      maxLength: 4,
    },
  )
  .filter((sizes) => sizes.some(({ weight }) => weight > 0))
  .map((sizes): WeightGroup[] => {
    let next = 0;
    return sizes.map(({ weight, size }) => ({
      weight,
      nodes: Array.from({ length: size }, () => next++),
    }));
  });

describe('interleaving', () => {
  test('a cycle is what indices give until they repeat', () => {
    fc.assert(
      fc.property(groups, fc.integer({ min: 0, max: 2 ** 45 }), (made, ilx) => {
        const cycle = interleaveCycle(made);
        expect(cycle[ilx % cycle.length]).toBe(interleaveNid(made, ilx));
      }),
    );
  });

  test('every group gets its weight of each round, its nodes taking turns', () => {
    fc.assert(
      fc.property(groups, (made) => {
        const cycle = interleaveCycle(made);
        const total = made.reduce((sum, g) => sum + g.weight, 0);
        for (const { weight, nodes } of made) {
          const turns = [...cycle].filter((node) => nodes.includes(node));
          expect(turns).toHaveLength((weight * cycle.length) / total);
          expect(turns).toEqual(turns.map((_, i) => nodes[i % nodes.length]));
        }
      }),
    );
  });

  test('pages of any number find their place, up to the last bits of an address', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 255 }), { minLength: 1, maxLength: 8 }),
        fc.array(fc.integer({ min: 0, max: 2 ** 52 - 1 }), { minLength: 1, maxLength: 30 }),
        (weights, pages) => {
          const cycle = interleaveCycle(weights.map((weight, node) => ({ weight, nodes: [node] })));
          const near = pages.flatMap((page) => [page, page - (page % cycle.length)]);
          const placed = placePages(Float64Array.from(near), cycle);
          expect([...placed]).toEqual(near.map((page) => cycle[page % cycle.length]));
        },
      ),
      { numRuns: 300 },
    );
  });
});

describe('weight homes', () => {
  const nodes = [0, 1, 2, 3, 4];
  const tiers = [0, 0, 1, 2, 1];
  test.each([
    ['global', [[0], [1], [2], [3], [4]]],
    ['memtier', [[0, 1], [2, 4], [3]]],
    [
      'ratio',
      [
        [0, 1],
        [2, 3, 4],
      ],
    ],
  ] as const)('%s weighs %j', (home, expected) => {
    expect(weighedNodes(home, nodes, tiers)).toEqual(expected);
  });

  test('nodes of one tier alone have nothing to share a ratio with', () => {
    expect(weighedNodes('ratio', [2, 3], [1, 2], 0)).toEqual([[2, 3]]);
    expect(weightGroups('memtier', [4, 1], [0, 1, 2], [0, 0, 1])).toEqual([
      { weight: 4, nodes: [0, 1] },
      { weight: 1, nodes: [2] },
    ]);
  });
});

describe('the weights of a kernel', () => {
  const topology = topologyOf(readMachine('four-node'));

  test.each([
    ['16', 16],
    ['0x10', 16],
    ['010', 8],
    ['0', 0],
    ['+5', 5],
    ['255', 255],
    ['256', undefined],
    ['08', undefined],
    ['-1', undefined],
    ['1.5', undefined],
    ['', undefined],
    ['0x', undefined],
  ])('%j is the weight %j', (text, weight) => {
    expect(parseWeight(text)).toBe(weight);
  });

  test('follow firmware until one is written, and again when told to', () => {
    const version = kernelVersion('6.18');
    const tables = bootWeightTables(topology, version);
    expect([...tables.iw_table]).toEqual([
      [0, 13],
      [1, 13],
      [2, 2],
      [3, 2],
    ]);
    expect(storeWeight(tables, 0, '5', version)).toBe(0);
    expect([tables.iw_table.get(0), tables.mode_auto]).toEqual([5, false]);
    expect(storeWeight(tables, 0, '0', version)).toBe('EINVAL');
    for (const off of ['N', 'false', '0', 'off']) expect(storeAuto(tables, off)).toBe(0);
    expect(tables.iw_table.get(0)).toBe(5);
    for (const on of ['1', 'true', 'Yes', 'on']) expect(storeAuto(tables, on)).toBe(0);
    expect([tables.iw_table.get(0), tables.mode_auto]).toEqual([13, true]);
    for (const wrong of ['2', 'o', '', 'maybe']) expect(storeAuto(tables, wrong)).toBe('EINVAL');
  });

  test('know nothing to follow where firmware says nothing, or before 6.16', () => {
    const silent = {
      ...topology,
      nodes: topology.nodes.map(({ bandwidthMbps: _, ...node }) => node),
    };
    const tables = bootWeightTables(silent, kernelVersion('7.3'));
    expect([...tables.iw_table]).toEqual([]);
    expect(storeAuto(tables, '1')).toBe('ENODEV');
    const old = bootWeightTables(topology, kernelVersion('6.12'));
    expect([old.mode_auto, [...old.iw_table]]).toEqual([false, []]);
    expect(storeWeight(old, 0, '0', kernelVersion('6.12'))).toBe(0);
  });

  test('kernels there are no transcripts of are refused', () => {
    expect(() => kernelVersion('5.4')).toThrow(
      'kernel: unknown (got "5.4", expected one of 6.12, 6.18, 7.3)',
    );
  });
});
