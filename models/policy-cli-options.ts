import { Option } from 'commander';
import { DISCIPLINES } from './mempolicy/discipline.ts';
import { DEFAULT_KERNEL, KERNEL_VERSIONS } from './mempolicy/kernel-version.ts';
import { WEIGHT_HOMES } from './mempolicy/weight-home.ts';

/** `--kernel`: one of the kernels modelled. */
export function kernelOption(description: string): Option {
  return new Option('--kernel <version>', description)
    .choices([...KERNEL_VERSIONS.keys()])
    .default(DEFAULT_KERNEL);
}

/** `--weight-home`. */
export function weightHomeOption(): Option {
  return new Option('--weight-home <home>', 'where interleave weights live')
    .choices(WEIGHT_HOMES)
    .default('global');
}

/** `--discipline`. */
export function disciplineOption(): Option {
  return new Option('--discipline <discipline>', 'how interleaving counts pages')
    .choices(DISCIPLINES)
    .default('address');
}
