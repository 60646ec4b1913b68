import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Machine } from '../../models/memory/machine.ts';
import { presets } from '../../models/memory/presets.ts';
import { mapMemory } from '../../models/mempolicy/calls/memory-mapping.ts';
import { pageStatus } from '../../models/mempolicy/calls/move-pages.ts';
import { setMempolicy } from '../../models/mempolicy/calls/set-mempolicy.ts';
import { writeWeight } from '../../models/mempolicy/calls/sysfs.ts';
import { fillNodes } from '../../models/mempolicy/fill-nodes.ts';
import { boot, startTask } from '../../models/mempolicy/kernel/kernel.ts';
import { touchPage } from '../../models/mempolicy/kernel/page-fault.ts';
import { kernelVersion } from '../../models/mempolicy/kernel-version.ts';
import { placePages } from '../../models/mempolicy/place-pages.ts';
import { policyCycle } from '../../models/mempolicy/policy-cycle.ts';
import type { Topology } from '../../models/mempolicy/topology.ts';
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

  test('fill as those of the simulated kernel do, page by page', () => {
    const LEAF = 512;
    const small = fc.record({
      sizes: fc.array(fc.integer({ min: 40, max: 400 }), { minLength: 4, maxLength: 4 }),
      weights: fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 4, maxLength: 4 }),
      far: fc.array(fc.integer({ min: 11, max: 60 }), { minLength: 6, maxLength: 6 }),
      order: fc.shuffledSubarray(
        Array.from({ length: LEAF - 1 }, (_, i) => i + 1),
        { minLength: 100 },
      ),
    });
    let missed = 0;
    fc.assert(
      fc.property(small, ({ sizes, weights, far: [a, b, c, d, e, f], order }) => {
        const topology: Topology = {
          pageBytes: 4096,
          nodes: sizes.map((capacityPages, id) => ({
            id,
            capacityPages,
            reservedPages: 0,
            cpus: id < 2 ? [id] : [],
            tier: 0,
          })),
          distances: [
            [10, a, b, c],
            [a, 10, d, e],
            [b, d, 10, f],
            [c, e, f, 10],
          ],
        };
        const settings = {
          weightHome: 'global',
          discipline: 'address',
          extendInterleave: false,
        } as const;
        const kernel = boot(topology, kernelVersion('6.18'), settings);
        const task = startTask(kernel, 'init');
        for (const [node, weight] of weights.entries())
          writeWeight(kernel, String(node), String(weight));
        mapMemory(kernel, task, 0, LEAF, { huge: false });
        // The first page brings the page tables along, which no other page needs any more.
        touchPage(kernel, task, 0);
        setMempolicy(kernel, task, 6, 0b1111n, 64);
        const usable = [...kernel.memory.values()].map(({ free, low }) => Math.max(0, free - low));
        const touched = order.slice(
          0,
          usable.reduce((sum, n) => sum + n, 0),
        );
        const wanted = placePages(
          Float64Array.from(touched),
          policyCycle(kernel, task, task.mempolicy),
        );
        const filled = fillNodes([wanted], [1], usable, zonelists(topology));
        for (const page of touched) touchPage(kernel, task, page);
        const nodes = touched.map((page) => pageStatus(kernel, task, page * 4096));
        expect([...filled.nodes[0]]).toEqual(nodes);
        missed += nodes.filter((node, i) => node !== wanted[i]).length;
      }),
    );
    expect(missed).toBeGreaterThan(100);
  });
});
