import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Machine } from '../../../models/memory/machine.ts';
import { presets } from '../../../models/memory/presets.ts';
import { mbind } from '../../../models/mempolicy/calls/mbind.ts';
import {
  discardMemory,
  mapMemory,
  unmapMemory,
} from '../../../models/mempolicy/calls/memory-mapping.ts';
import { pageStatus } from '../../../models/mempolicy/calls/move-pages.ts';
import { exitTask } from '../../../models/mempolicy/calls/process.ts';
import { setMempolicy } from '../../../models/mempolicy/calls/set-mempolicy.ts';
import { writeWeight } from '../../../models/mempolicy/calls/sysfs.ts';
import type { Discipline } from '../../../models/mempolicy/discipline.ts';
import {
  boot,
  type Kernel,
  startTask,
  type Task,
} from '../../../models/mempolicy/kernel/kernel.ts';
import { touchPage } from '../../../models/mempolicy/kernel/page-fault.ts';
import { kernelVersion } from '../../../models/mempolicy/kernel-version.ts';
import { placeMapping } from '../../../models/mempolicy/place-mapping.ts';
import { placePages } from '../../../models/mempolicy/place-pages.ts';
import { policyCycle } from '../../../models/mempolicy/policy-cycle.ts';
import { topologyOf } from '../../../models/topology-of.ts';

const topology = topologyOf(presets.get('four-node') as Machine);
const PAGE = 4096;
const ORDER = 9;

function booted(discipline: Discipline = 'address'): { kernel: Kernel; task: Task } {
  const settings = { weightHome: 'global', discipline, extendInterleave: false } as const;
  const kernel = boot(topology, kernelVersion('6.18'), settings);
  return { kernel, task: startTask(kernel, 'init') };
}

/** The node of every page of a range, by the simulated kernel. */
function nodesOf(kernel: Kernel, task: Task, start: number, pages: number): number[] {
  return Array.from({ length: pages }, (_, i) => pageStatus(kernel, task, (start + i) * PAGE));
}

const free = ({ memory }: Kernel) => [...memory.values()].map((node) => node.free);

const weights = fc.tuple(...Array.from({ length: 4 }, () => fc.integer({ min: 1, max: 255 })));
type UserPolicy = { mode: number; flags: number; mask: number };
/** Policies are as the user gives them: modes without nodes get none. */
const policy = fc.record({
  mode: fc.integer({ min: 0, max: 6 }),
  flags: fc.constantFrom(0, 0x4000, 0x8000),
  mask: fc.integer({ min: 1, max: 15 }),
});
function argumentsOf({ mode, flags, mask }: UserPolicy): [number, bigint | null, number] {
  return mode === 0 || mode === 4 ? [mode, null, 0] : [mode | flags, BigInt(mask), 64];
}

describe('fast placement is the simulated kernel, page by page', () => {
  test('for any policy of task or mapping, any weights, mapping and order', () => {
    fc.assert(
      fc.property(
        weights,
        policy,
        fc.option(policy),
        fc.integer({ min: 0x100000, max: 0x7_ffff_0000 }),
        fc.integer({ min: 1, max: 3000 }),
        fc.boolean(),
        fc.constantFrom(0, 1, 2, 3),
        (weighed, ofTask, ofVma, start, pages, huge, cpu) => {
          const { kernel, task } = booted();
          task.cpu = cpu;
          for (const [node, weight] of weighed.entries()) {
            expect(writeWeight(kernel, String(node), String(weight))).toBe(0);
          }
          kernel.thp = huge ? 'always' : 'never';
          expect(setMempolicy(kernel, task, ...argumentsOf(ofTask))).toBe(0);
          expect(mapMemory(kernel, task, start * PAGE, pages, { huge })).toBe(0);
          if (ofVma !== null) {
            const range = [start * PAGE, pages * PAGE] as const;
            expect(mbind(kernel, task, ...range, ...argumentsOf(ofVma), 0)).toBe(0);
          }
          const vma = task.mm.lookup(start);
          const cycle = policyCycle(kernel, task, vma?.policy ?? task.mempolicy);
          for (let page = start; page < start + pages; page++) touchPage(kernel, task, page);
          const mapping = { start, end: start + pages, pgoff: start };
          const placed = placeMapping(mapping, cycle, huge ? ORDER : 0);
          expect([...placed]).toEqual(nodesOf(kernel, task, start, pages));
          if (huge) return;
          const indices = Float64Array.from({ length: pages }, (_, i) => start + i);
          expect([...placePages(indices, cycle)]).toEqual([...placed]);
        },
      ),
      { numRuns: 150 },
    );
  });

  test('for several mappings touched in any order, under the discipline of first touch', () => {
    fc.assert(
      fc.property(
        weights,
        fc.integer({ min: 1, max: 15 }),
        fc.uniqueArray(fc.integer({ min: 0, max: 5000 }), { minLength: 1, maxLength: 300 }),
        (weighed, mask, touched) => {
          const { kernel, task } = booted('first-touch');
          for (const [node, weight] of weighed.entries())
            writeWeight(kernel, String(node), String(weight));
          setMempolicy(kernel, task, 6, BigInt(mask), 64);
          for (const at of [0, 2000, 4000])
            mapMemory(kernel, task, at * PAGE, 2000, { huge: false });
          for (const page of touched) touchPage(kernel, task, page);
          const ordinals = Float64Array.from(touched, (_, i) => i);
          const placed = placePages(ordinals, policyCycle(kernel, task, task.mempolicy));
          expect(touched.map((page) => pageStatus(kernel, task, page * PAGE))).toEqual([...placed]);
        },
      ),
    );
  });
});

describe('the simulated kernel', () => {
  const PAGES = 4096;
  const range = {
    at: fc.integer({ min: 0, max: PAGES }),
    pages: fc.integer({ min: 1, max: 1500 }),
  };
  const step = (name: string, weight: number, more: object = {}) => ({
    weight,
    arbitrary: fc.record({ do: fc.constant(name), ...range, ...more }) as fc.Arbitrary<Step>,
  });
  type Step = {
    do: string;
    at: number;
    pages: number;
    huge?: boolean;
    policy?: UserPolicy;
    flags?: number;
  };
  const action = fc.oneof(
    step('map', 1, { huge: fc.boolean() }),
    step('unmap', 1),
    step('discard', 6),
    step('touch', 8),
    step('bind', 12, { policy, flags: fc.constantFrom(0, 2, 4) }),
  );

  function act(kernel: Kernel, task: Task, step: Step): void {
    const address = step.at * PAGE;
    if (step.do === 'map')
      mapMemory(kernel, task, address, step.pages, { huge: step.huge ?? false });
    if (step.do === 'unmap') unmapMemory(kernel, task, address, step.pages);
    if (step.do === 'discard') discardMemory(kernel, task, address, step.pages);
    if (step.do === 'touch') {
      for (let page = step.at; page < step.at + step.pages; page++) touchPage(kernel, task, page);
    }
    if (step.do === 'bind' && step.policy !== undefined) {
      mbind(kernel, task, address, step.pages * PAGE, ...argumentsOf(step.policy), step.flags ?? 0);
    }
  }

  test('loses no page, whatever is mapped, touched, moved, discarded and unmapped', () => {
    fc.assert(
      fc.property(fc.array(action, { minLength: 15, maxLength: 30, size: 'max' }), (steps) => {
        const { kernel, task } = booted();
        const atBoot = free(kernel);
        kernel.thp = 'always';
        mapMemory(kernel, task, 0, PAGES, { huge: true });
        for (const step of steps) {
          act(kernel, task, step);
          // What nodes have given is what is mapped on them, but for the tables.
          const mapped = new Map<number, number>();
          for (const vma of task.mm.all()) {
            for (const node of nodesOf(kernel, task, vma.start, vma.end - vma.start)) {
              if (node >= 0) mapped.set(node, (mapped.get(node) ?? 0) + 1);
            }
          }
          const given = free(kernel).reduce((sum, now, k) => sum + atBoot[k] - now, 0);
          const pages = [...mapped.values()].reduce((sum, n) => sum + n, 0);
          const TABLES_AT_MOST = 16;
          expect(given - pages).toBeGreaterThanOrEqual(0);
          expect(given - pages).toBeLessThanOrEqual(TABLES_AT_MOST);
          if (step.do !== 'touch') continue;
          for (const [node, n] of mapped) {
            const from = atBoot[node] - free(kernel)[node];
            expect(from).toBeGreaterThanOrEqual(n);
          }
        }
        const vmas = task.mm.all();
        for (const [i, vma] of vmas.entries()) {
          expect(vma.end).toBeGreaterThan(vma.start);
          if (i > 0) expect(vma.start).toBeGreaterThanOrEqual(vmas[i - 1].end);
          expect(vma.pgoff).toBe(vma.start);
        }
        exitTask(kernel, task);
        expect(free(kernel)).toEqual(atBoot);
      }),
      { numRuns: 100 },
    );
  });

  test('unmapping gives back the tables of all levels, however far apart the pages are', () => {
    const { kernel, task } = booted();
    const atBoot = free(kernel);
    const GIB = 2 ** 30 / PAGE;
    mapMemory(kernel, task, 600 * GIB * PAGE, 5 * GIB, { huge: false });
    for (let i = 0; i < 5; i++) touchPage(kernel, task, (600 + i) * GIB);
    const given = free(kernel).reduce((sum, now, k) => sum + atBoot[k] - now, 0);
    // A page, its table and the one above for each GiB, and one table above them all.
    expect(given).toBe(5 * 3 + 1);
    unmapMemory(kernel, task, 600 * GIB * PAGE, 5 * GIB);
    expect(free(kernel)).toEqual(atBoot);
  });

  test('moving all pages to a policy leaves each on a node the policy allows', () => {
    fc.assert(
      fc.property(policy, weights, fc.integer({ min: 1, max: 15 }), (moved, weighed, before) => {
        const { kernel, task } = booted();
        for (const [node, weight] of weighed.entries())
          writeWeight(kernel, String(node), String(weight));
        setMempolicy(kernel, task, 3, BigInt(before), 64);
        mapMemory(kernel, task, 0, 64, { huge: false });
        for (let page = 0; page < 64; page++) touchPage(kernel, task, page);
        expect(mbind(kernel, task, 0, 64 * PAGE, ...argumentsOf({ ...moved, flags: 0 }), 2)).toBe(
          0,
        );
        const vma = task.mm.lookup(0);
        const allowed = new Set(policyCycle(kernel, task, vma?.policy ?? task.mempolicy));
        const stays = moved.mode === 0 || moved.mode === 4 ? 0 : moved.mask;
        for (const node of nodesOf(kernel, task, 0, 64)) {
          expect(allowed.has(node) || ((stays >> node) & 1) === 1).toBe(true);
        }
      }),
    );
  });
});
