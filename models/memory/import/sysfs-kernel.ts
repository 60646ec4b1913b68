import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { KernelWeights } from './facts.ts';
import { idList } from './id-list.ts';
import { smallFile } from './text-file.ts';

/** The place of each node's memory tier, fastest first. */
export function tiersOf(sys: string): ReadonlyMap<number, number> {
  const folder = join(sys, 'devices/virtual/memory_tiering');
  if (!existsSync(folder)) return new Map();
  const tiers = readdirSync(folder)
    .map((name) => Number(/^memory_tier(\d+)$/.exec(name)?.[1] ?? Number.NaN))
    .filter((tier) => !Number.isNaN(tier))
    .sort((a, b) => a - b);
  const lists = tiers.map((tier) =>
    idList(smallFile(join(folder, `memory_tier${tier}`, 'nodelist')) ?? ''),
  );
  const used = lists.filter((ids) => ids !== undefined && ids.length > 0) as number[][];
  return new Map(used.flatMap((ids, tier) => ids.map((id): [number, number] => [id, tier])));
}

/**
 * The weights of weighted interleaving. `auto` was called `__auto_type` in Linux 6.18, where a macro took its name.
 */
export function weightsOf(sys: string): KernelWeights | undefined {
  const folder = join(sys, 'kernel/mm/mempolicy/weighted_interleave');
  if (!existsSync(folder)) return undefined;
  const nodes = readdirSync(folder)
    .map((name) => /^node(\d{1,4})$/.exec(name)?.[1])
    .filter((id) => id !== undefined)
    .map((id) => ({ id: Number(id), weight: Number(smallFile(join(folder, `node${id}`))) }))
    .filter(({ weight }) => Number.isInteger(weight))
    .sort((a, b) => a.id - b.id);
  if (nodes.length === 0) return undefined;
  const auto = smallFile(join(folder, 'auto')) ?? smallFile(join(folder, '__auto_type'));
  return { nodes, ...(auto === undefined ? {} : { auto: /^(true|1|y)$/i.test(auto) }) };
}
