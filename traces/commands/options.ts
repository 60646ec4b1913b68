import { existsSync, realpathSync } from 'node:fs';
import { Option } from 'commander';
import { wholeNumber } from '../cli-options.ts';

/** `--out FILE`, which must be given. */
export const out = () => new Option('-o, --out <file>', 'file to write').makeOptionMandatory();

/** `--machine M`, whose caches filter the trace. */
export const machine = () =>
  new Option('-m, --machine <machine>', 'preset or machine file whose caches filter the trace');

/** `--copies N`, which share the machine's caches. */
export const copies = () =>
  new Option('--copies <n>', 'copies that share the caches (default: one for each core)').argParser(
    wholeNumber(1, 65536),
  );

/** Throws where a command would write over the file it reads. */
export function refuseSame(input: string, output: string): void {
  if (existsSync(output) && existsSync(input) && realpathSync(input) === realpathSync(output)) {
    throw new Error(`${output}: is the input (expected another file to write)`);
  }
}
