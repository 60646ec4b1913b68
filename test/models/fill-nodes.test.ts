import { describe, expect, test } from 'vitest';
import type { Machine } from '../../models/memory/machine.ts';
import { presets } from '../../models/memory/presets.ts';
import { fillNodes } from '../../models/mempolicy/fill-nodes.ts';
import { zonelists } from '../../models/mempolicy/zonelist.ts';
import { topologyOf } from '../../models/topology-of.ts';

/** Pages as a string of the nodes they want, or lie on: `0012`. */
const pages = (text: string) => Uint8Array.from(text, Number);
const text = (nodes: Uint8Array) => [...nodes].join('');

describe('nodes that fill up', () => {
  const two = [
    [0, 1],
    [1, 0],
  ];

  test('hold what fits; the rest goes along the zonelist in first-touch order', () => {
    const { nodes, pages: placed } = fillNodes([pages('000100')], [1], [3, 4], two);
    expect(text(nodes[0])).toBe('000111');
    expect(placed).toBe(6);
  });

  test('change nothing while there is room', () => {
    expect(text(fillNodes([pages('0110')], [5], [10, 10], two).nodes[0])).toBe('0110');
  });

  test('take the pages of all copies of a group, or none', () => {
    // Node 0 holds one page of four copies; a rest of three stays free for the group of one copy.
    const { nodes } = fillNodes([pages('00'), pages('00')], [4, 1], [7, 9], two);
    expect(nodes.map(text)).toEqual(['01', '00']);
  });

  test('groups are in step: a page of each in turn', () => {
    const { nodes } = fillNodes([pages('000'), pages('000')], [1, 1], [3, 3], two);
    expect(nodes.map(text)).toEqual(['001', '011']);
  });

  test('nodes of weight 0 are fallen back to as well, in the order of the machine', () => {
    const order = zonelists(topologyOf(presets.get('four-node') as Machine));
    expect(order[0]).toEqual([0, 2, 1, 3]);
    const { nodes } = fillNodes([pages('0000000')], [1], [2, 2, 2, 2], order);
    expect(text(nodes[0])).toBe('0022113');
  });

  test('say how far they came where nothing holds a page', () => {
    expect(fillNodes([pages('0000')], [1], [2, 1], two).pages).toBe(3);
    expect(fillNodes([pages('0000')], [2], [3, 3], two).pages).toBe(2);
  });
});
