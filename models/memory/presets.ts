import { createRequire } from 'node:module';
import { type Machine, machineSchema } from './machine.ts';

const require = createRequire(import.meta.url);

/** Machines that come with numaweave, by name; one file each in presets/. */
export const presets: ReadonlyMap<string, Machine> = new Map(
  [
    'spr-1cxl',
    'spr-2cxl',
    'spr-4cxl',
    'genoa-4cxl',
    'three-tier',
    'hbm-9480',
    'spr-8460y',
    'spr-8480-highmem',
    'clx-1s',
    'clx-2s-upi',
    'four-node',
  ].map((name) => [name, machineSchema.parse(require(`./presets/${name}.json`))]),
);
