import { createRequire } from 'node:module';
import { type Machine, machineSchema } from './machine.ts';

const require = createRequire(import.meta.url);

/** Machines that come with numaweave, by name; one file each in presets/. */
export const presets: ReadonlyMap<string, Machine> = new Map(
  ['spr-1cxl', 'genoa-4cxl', 'four-node'].map((name) => [
    name,
    machineSchema.parse(require(`./presets/${name}.json`)),
  ]),
);
