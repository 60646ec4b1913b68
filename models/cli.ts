import { readFileSync, statSync } from 'node:fs';
import { Command } from 'commander';
import { print } from '../traces/print.ts';
import { writeWholeFiles } from '../traces/whole-file.ts';
import { type CalibrateParts, machineCalibrateCommand } from './calibrate-cli.ts';
import { type MachineImportParts, machineImportCommand } from './import-cli.ts';
import { type Implausible, implausible } from './memory/implausible.ts';
import { counted } from './memory/import/counted.ts';
import type { Machine } from './memory/machine.ts';
import { presets } from './memory/presets.ts';
import { readMachine, readMachineFile } from './memory/read-machine.ts';
import type { Discipline } from './mempolicy/discipline.ts';
import { kernelVersion } from './mempolicy/kernel-version.ts';
import { readScript } from './mempolicy/script/read-script.ts';
import { runScript, type ScriptRun } from './mempolicy/script/run-script.ts';
import type { WeightHome } from './mempolicy/weight-home.ts';
import { disciplineOption, kernelOption, weightHomeOption } from './policy-cli-options.ts';
import { topologyOf } from './topology-of.ts';

/** How machines become text; provided from the right. */
export type MachineCommandParts = MachineImportParts &
  CalibrateParts &
  Readonly<{
    listText: (machines: Iterable<Machine>) => string;
    machineText: (machine: Machine) => string;
    machineSvg: (machine: Machine) => Promise<string>;
    implausibleText: (file: string, flags: readonly Implausible[]) => string;
  }>;

/** The `machine` command: list, show, check, import. */
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
    .option('--svg <file>', 'write a chart of its latency against bandwidth, too')
    .action(async (name: string, { json = false, svg }: { json?: boolean; svg?: string }) => {
      const shown = readMachine(name);
      if (svg !== undefined) await writeWholeFiles(new Map([[svg, await parts.machineSvg(shown)]]));
      const wrote = svg === undefined ? '' : `\n\nWrote ${svg}.`;
      await print(json, shown, () => `${parts.machineText(shown)}${wrote}`);
    });

  machine
    .command('check')
    .description('say whether a machine file is valid, and if not, where and why')
    .argument('<file>')
    .action(async (file: string) => {
      const checked = readMachineFile(file);
      const { name, nodes } = checked;
      const warnings = implausible(checked);
      const valid = `${file}: machine ${name} with ${counted(nodes.length, 'node')} is valid`;
      await print(false, undefined, () =>
        warnings.length === 0 ? valid : `${valid}\n${parts.implausibleText(file, warnings)}`,
      );
    });

  return machine.addCommand(machineImportCommand(parts)).addCommand(machineCalibrateCommand(parts));
}

/** How scripts that were run become text; provided from the right. */
export type PolicyCommandParts = Readonly<{
  answeredText: (runs: readonly ScriptRun[]) => string;
  checkedText: (runs: readonly ScriptRun[]) => string;
}>;

type RunArguments = {
  machine: string;
  kernel: string;
  weightHome: WeightHome;
  discipline: Discipline;
  extendInterleave?: boolean;
  check?: boolean;
  json?: boolean;
};

/** The `policy` command: run scripts of memory-policy calls on a simulated kernel. */
export function policyCommand(parts: PolicyCommandParts): Command {
  const policy = new Command('policy').description(
    'what a Linux kernel answers to memory-policy calls, and where it puts pages',
  );
  policy
    .command('run')
    .description(
      'run scripts of memory-policy calls, each on a freshly booted kernel (docs/policy-scripts.md)',
    )
    .argument('<script...>', 'script files')
    .requiredOption('-m, --machine <machine>', 'preset (see: machine list) or machine file')
    .addOption(kernelOption('the kernel that answers'))
    .option('--check', 'compare with the results written in the scripts, print what differs')
    .addOption(weightHomeOption())
    .addOption(disciplineOption())
    .option('--extend-interleave', "let MPOL_INTERLEAVE take a policy's own weights, too")
    .option('--json', 'print one JSON document')
    .action(async (files: string[], options: RunArguments) => {
      const runs = files.map((file) => runFile(file, options));
      const { check = false, json = false } = options;
      if (check) requireResults(runs);
      const text = check ? parts.checkedText : parts.answeredText;
      const plain = runs.map(({ file, results }) => ({ file, results }));
      await print(json, plain, () => text(runs));
      if (check) throwDifferences(runs);
    });
  return policy;
}

function runFile(file: string, options: RunArguments): ScriptRun {
  if (statSync(file).isDirectory()) throw new Error(`${file}: is a directory (expected a script)`);
  const source = readFileSync(file, 'utf8');
  const lines = readScript(file, source);
  if (lines.length === 0) throw new Error(`${file}: no commands (expected a script)`);
  const { weightHome, discipline, extendInterleave = false } = options;
  return {
    file,
    source,
    results: runScript(file, lines, {
      topology: topologyOf(readMachine(options.machine)),
      version: kernelVersion(options.kernel),
      settings: { weightHome, discipline, extendInterleave },
    }),
  };
}

function requireResults(runs: readonly ScriptRun[]): void {
  for (const { file, results } of runs) {
    if (results.every((line) => line.expected === null)) {
      throw new Error(`${file}: nothing to check (got no results, expected some behind =>)`);
    }
  }
}

function throwDifferences(runs: readonly ScriptRun[]): void {
  const all = runs.flatMap(({ results }) => results).filter((line) => line.agrees !== null);
  const differing = all.filter((line) => !line.agrees).length;
  if (differing > 0) throw new Error(`${differing} of ${all.length} results differ`);
}
