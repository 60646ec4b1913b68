import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { autoWeights } from '../../../models/mempolicy/auto-weights.ts';
import { maskedWeights } from '../../../models/mempolicy/masked-weights.ts';
import { placeByAddress } from '../../../models/mempolicy/place-pages.ts';
import {
  gcdOf,
  parseWeights,
  reduced,
  reducedVectors,
  vectorCount,
  weightsText,
} from '../../../models/mempolicy/weights.ts';

describe('weights', () => {
  test('are read as written', () => {
    expect(parseWeights('9:1', 2)).toEqual([9, 1]);
    expect(parseWeights('0:0:255', 3)).toEqual([0, 0, 255]);
  });

  test.each([
    ['0:0', 2, 'weights 0:0: no node (got all zero'],
    ['300:1', 2, 'weights 300:1: out of range (got 300, expected 0 to 255)'],
    ['a:b', 2, 'weights: not weights (got "a:b", expected whole numbers such as 9:1)'],
    ['1:1:1', 2, 'weights 1:1:1: wrong number (got 3, expected 2, one for each node)'],
    ['9', 2, 'got 1, expected 2'],
    ['9:', 2, 'got "9:"'],
    ['1.5:1', 2, 'got "1.5:1"'],
    ['-1:1', 2, 'got "-1:1"'],
    ['', 2, 'got ""'],
  ])('refuse %s for %i nodes', (text, nodes, message) => {
    expect(() => parseWeights(text, nodes)).toThrow(message);
  });

  test('every reduced vector of a total, once', () => {
    const all = (nodes: number, total: number) =>
      [...reducedVectors(nodes, total)].map(weightsText);
    expect(all(2, 1)).toEqual(['1:0', '0:1']);
    expect(all(2, 4)).toEqual(['3:1', '1:3']);
    expect(all(3, 2)).toEqual(['1:1:0', '1:0:1', '0:1:1']);
    const upTo32 = Array.from({ length: 32 }, (_, i) => all(3, i + 1)).flat();
    expect(new Set(upTo32).size).toBe(upTo32.length);
    expect(upTo32.length).toBeLessThan(vectorCount(3, 32));
    // Brute force over the cube, weights to 12.
    let reducedOnes = 0;
    for (let a = 0; a <= 12; a++) {
      for (let b = 0; b <= 12 - a; b++) {
        for (let c = 0; c <= 12 - a - b; c++) if (gcdOf([a, b, c]) === 1) reducedOnes++;
      }
    }
    expect(Array.from({ length: 12 }, (_, i) => all(3, i + 1)).flat().length).toBe(reducedOnes);
  });

  test('never above 255', () => {
    expect([...reducedVectors(2, 256)].every((w) => Math.max(...w) <= 255)).toBe(true);
    expect([...reducedVectors(2, 511)].length).toBe(0);
  });
});

describe('weighted interleave by address', () => {
  test("walks the nodes as the kernel's weighted_interleave_nid does", () => {
    const walk = (ilx: number, weights: readonly number[]) => {
      let target = ilx % weights.reduce((sum, w) => sum + w, 0);
      let node = 0;
      while (target >= weights[node]) target -= weights[node++];
      return node;
    };
    fc.assert(
      fc.property(
        fc
          .array(fc.integer({ min: 0, max: 255 }), { minLength: 1, maxLength: 8 })
          .filter((w) => w.some((x) => x > 0)),
        fc.array(fc.integer({ min: 0, max: 2 ** 52 - 1 }), { minLength: 1, maxLength: 50 }),
        (weights, pages) => {
          const placed = placeByAddress(Float64Array.from(pages), weights);
          expect([...placed]).toEqual(pages.map((page) => walk(page, weights)));
        },
      ),
    );
  });

  test("places 65,793 pages at 5:1 as the patch's own selftest counts them", () => {
    const pages = Float64Array.from({ length: 65_793 }, (_, i) => i);
    const placed = placeByAddress(pages, [5, 1]);
    const onFirst = placed.reduce((count, node) => count + (node === 0 ? 1 : 0), 0);
    expect([onFirst, placed.length - onFirst]).toEqual([54_828, 10_965]);
  });

  test('leaves a node of weight 0 out', () => {
    expect([...placeByAddress(Float64Array.from([0, 1, 2, 3]), [2, 0, 1])]).toEqual([0, 0, 2, 0]);
  });
});

describe('auto weights', () => {
  // The worked table of two static rules: bandwidths in GB/s, and what the kernel's rule makes of them.
  test.each([
    [[307200, 65536], '26:5'],
    [[307200, 307200, 65536, 65536], '13:13:2:2'],
    [[300, 60], '26:5'],
    [[256, 64], '25:6'],
    [[307, 27], '29:2'],
    [[220, 35], '27:4'],
    [[560, 205], '23:8'],
    [[300, 300, 60, 60], '13:13:2:2'],
    [[250, 30, 30, 30], '23:2:2:2'],
    [[1000, 1], '31:1'],
  ])('%j makes %s', (bandwidths, weights) => {
    expect(weightsText(autoWeights(bandwidths))).toBe(weights);
  });
});

describe('one table for several vectors', () => {
  test.each([
    [
      [
        [4, 0, 1, 0],
        [0, 4, 0, 1],
      ],
      [4, 4, 1, 1],
    ],
    [
      [
        [2, 1, 0],
        [0, 3, 1],
      ],
      [6, 3, 1],
    ],
    [
      [
        [2, 1, 0, 0],
        [0, 0, 1, 1],
        [0, 3, 0, 2],
      ],
      [6, 3, 2, 2],
    ],
    [
      [
        [3, 1],
        [1, 3],
      ],
      undefined,
    ],
    [
      [
        [255, 1, 0],
        [0, 255, 1],
      ],
      undefined,
    ],
    [[[0, 5]], [0, 1]],
  ])('%j comes from %j', (vectors, table) => {
    expect(maskedWeights(vectors)).toEqual(table);
  });

  test('gives each its own when its nodes are named', () => {
    const vector = fc
      .array(fc.integer({ min: 0, max: 4 }), { minLength: 4, maxLength: 4 })
      .filter((w) => w.some((x) => x > 0));
    fc.assert(
      fc.property(fc.array(vector, { minLength: 1, maxLength: 3 }), (vectors) => {
        const table = maskedWeights(vectors);
        for (const own of table === undefined ? [] : vectors) {
          const masked = table?.map((w, k) => (own[k] > 0 ? w : 0)) ?? [];
          expect(reduced(masked)).toEqual(reduced(own));
        }
      }),
    );
  });
});
