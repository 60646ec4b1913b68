import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  firstNode,
  fold,
  MAX_NUMNODES,
  maskOf,
  nextNodeIn,
  nodeIsset,
  nodelistText,
  nodesOf,
  onto,
  parseNodelist,
  remap,
} from '../../../models/mempolicy/nodemask.ts';

const mask = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });

describe('node masks', () => {
  test('are sets of nodes', () => {
    fc.assert(
      fc.property(mask, (m) => {
        expect(maskOf(nodesOf(m))).toBe(m);
      }),
    );
    expect(nodesOf(0b1011n)).toEqual([0, 1, 3]);
    expect([nodeIsset(3, 0b1011n), nodeIsset(2, 0b1011n), nodeIsset(-1, 1n)]).toEqual([
      true,
      false,
      false,
    ]);
    expect([firstNode(0b1010n), firstNode(0n)]).toEqual([1, MAX_NUMNODES]);
    expect([nextNodeIn(1, 0b1011n), nextNodeIn(3, 0b1011n), nextNodeIn(63, 0b10n)]).toEqual([
      3, 0, 1,
    ]);
  });

  // The examples in lib/bitmap.c, at bitmap_onto and bitmap_remap.
  test('fold, map onto and remap as the kernel does', () => {
    expect(
      nodesOf(onto(maskOf([1, 3, 5]), maskOf([30, 31, 32, 33, 34, 35, 36, 37, 38, 39]))),
    ).toEqual([31, 33, 35]);
    expect(
      nodesOf(remap(maskOf([1, 5, 7]), maskOf([4, 5, 6, 7]), maskOf([12, 13, 14, 15]))),
    ).toEqual([1, 13, 15]);
    expect(nodesOf(fold(maskOf([1, 3, 5, 9]), 4))).toEqual([1, 3]);
    expect(remap(0b111n, 0b111n, 0n)).toBe(0b111n);
  });

  test('are printed and read as lists', () => {
    fc.assert(
      fc.property(mask, (m) => {
        if (m > 0n) expect(parseNodelist(nodelistText(m))).toBe(m);
      }),
    );
    expect(nodelistText(0b101111n)).toBe('0-3,5');
    for (const none of ['', 'a', '3-1', '64', '1,', '-1', '1-', '0-99'])
      expect(parseNodelist(none)).toBeUndefined();
  });
});
