import { Command } from 'commander';
import { print } from '../traces/print.ts';
import type { Machine } from './memory/machine.ts';
import { presets } from './memory/presets.ts';
import { readMachine, readMachineFile } from './memory/read-machine.ts';

/** How machines become text; provided from the right. */
export type MachineCommandParts = Readonly<{
  listText: (machines: Iterable<Machine>) => string;
  machineText: (machine: Machine) => string;
}>;

/** The `machine` command: list, show, check. */
export function machineCommand(parts: MachineCommandParts): Command {
  const machine = new Command('machine').description('built-in machines and machine files');

  machine
    .command('list')
    .description('the built-in machines')
    .option('--json', 'print one JSON document')
    .action(async ({ json = false }: { json?: boolean }) => {
      await print(json, [...presets.keys()], () => parts.listText(presets.values()));
    });

  machine
    .command('show')
    .description('a machine and where its numbers come from; --json prints a file to start from')
    .argument('<machine>', 'preset or machine file')
    .option('--json', 'print the machine file')
    .action(async (name: string, { json = false }: { json?: boolean }) => {
      const shown = readMachine(name);
      await print(json, shown, () => parts.machineText(shown));
    });

  machine
    .command('check')
    .description('say whether a machine file is valid, and if not, where and why')
    .argument('<file>')
    .action(async (file: string) => {
      const { name, nodes } = readMachineFile(file);
      await print(
        false,
        undefined,
        () => `${file}: machine ${name} with ${nodes.length} nodes is valid`,
      );
    });

  return machine;
}
