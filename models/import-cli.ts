import { existsSync, realpathSync } from 'node:fs';
import { Argument, Command, Option } from 'commander';
import { anyNumber, wholeNumber } from '../traces/cli-options.ts';
import { print } from '../traces/print.ts';
import { checkOutput, writeWholeFiles } from '../traces/whole-file.ts';
import {
  type ImportedMachine,
  importMachine,
  type MachineOverrides,
} from './memory/import/import-machine.ts';
import { SOURCES } from './memory/import/read-source.ts';
import { readMachine } from './memory/read-machine.ts';

/** How an imported machine becomes text; provided from the right. */
export type MachineImportParts = Readonly<{
  machineImportText: (file: string, imported: ImportedMachine) => string;
}>;

type ImportArguments = MachineOverrides & {
  out: string;
  onto?: string;
  ghz?: number;
  node?: number;
  socket?: number;
  addNs?: number;
  json?: boolean;
};

/** `machine import`: what other tools and the kernel say of a machine, into a machine file. */
export function machineImportCommand({ machineImportText }: MachineImportParts): Command {
  const count = (flags: string, text: string) =>
    new Option(flags, text).argParser(wholeNumber(1, 65_536));
  const clock = (flags: string, text: string) =>
    new Option(flags, text).argParser(anyNumber(0.1, 10));
  return new Command('import')
    .description(
      'make a machine file of what the kernel or a benchmark says (docs/machine-import.md)',
    )
    .addArgument(new Argument('<kind>', 'what PATH is').choices(SOURCES.map(({ name }) => name)))
    .argument('<path>', 'file or folder to read')
    .requiredOption('-o, --out <file>', 'machine file to write')
    .option(
      '--onto <machine>',
      'preset or machine file to change: the source replaces what it knows',
    )
    .option('--name <name>', "the machine's name")
    .addOption(count('--cores <n>', 'cores a socket'))
    .addOption(count('--threads <n>', 'hardware threads a socket, of all its cores'))
    .addOption(clock('--clock-ghz <ghz>', 'clock of the cores, GHz'))
    .addOption(count('--line-fill-buffers <n>', 'reads one core keeps in flight'))
    .addOption(
      new Option(
        '--lanes <n>',
        'PCIe 5.0 lanes of a CXL device, to tell what it cannot do',
      ).argParser(wholeNumber(1, 16)),
    )
    .addOption(
      clock('--ghz <ghz>', 'mess: clock of files in cycles, GHz (default: as a file beside says)'),
    )
    .addOption(
      new Option('--node <n>', 'mess: the node that was measured (default: 0)').argParser(
        wholeNumber(0, 1023),
      ),
    )
    .addOption(
      new Option(
        '--socket <n>',
        "mess: the socket it was measured from (default: the node's)",
      ).argParser(wholeNumber(0, 1023)),
    )
    .addOption(
      new Option(
        '--add-ns <ns>',
        "mess: added to every latency, the CPU's part of a simulated device",
      ).argParser(anyNumber(0, 1000)),
    )
    .option('--json', 'print one JSON document: the machine, what was assumed, what looks wrong')
    .addHelpText('after', kindsHelp())
    .action(async (kind: string, path: string, given: ImportArguments) => {
      const { out, onto, json = false, ghz, node, socket, addNs, ...overrides } = given;
      refuseSame(path, checkOutput(out));
      const options = {
        ...(onto === undefined ? {} : { onto: readMachine(onto) }),
        ghz,
        node,
        socket,
        addNs,
      };
      const imported = importMachine(kind, path, options, overrides);
      await writeWholeFiles(new Map([[out, `${JSON.stringify(imported.machine, null, 2)}\n`]]));
      await print(json, { file: out, ...imported }, () => machineImportText(out, imported));
    });
}

function refuseSame(input: string, output: string): void {
  if (existsSync(input) && existsSync(output) && realpathSync(input) === realpathSync(output))
    throw new Error(`${output}: would overwrite what is read (expected another file to write)`);
}

function kindsHelp(): string {
  const width = Math.max(...SOURCES.map(({ name }) => name.length));
  const lines = SOURCES.map(({ name, title }) => `  ${name.padEnd(width)}  ${title}`);
  return `\nKinds:\n${lines.join('\n')}`;
}
