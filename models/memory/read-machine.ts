import { existsSync, readFileSync, statSync } from 'node:fs';
import { parseJson } from '../../traces/parse-json.ts';
import { type Machine, machineSchema } from './machine.ts';
import { presets } from './presets.ts';

/** The machine a JSON text describes; `file` names it in errors. Throws where it is not one, saying where and why. */
export function parseMachine(file: string, text: string): Machine {
  return parseJson(file, text, machineSchema);
}

/**
 * A machine by the name of a preset or by its file. Throws where there is neither, and where the file is no machine.
 */
export function readMachine(nameOrFile: string): Machine {
  const preset = presets.get(nameOrFile);
  if (preset !== undefined) return preset;
  if (!existsSync(nameOrFile)) {
    const names = [...presets.keys()].join(', ');
    throw new Error(
      `machine: unknown (got ${JSON.stringify(nameOrFile)}, expected a file or one of ${names})`,
    );
  }
  return readMachineFile(nameOrFile);
}

/** The machine in a file. Throws where there is no such file, and where it is no machine, saying where and why. */
export function readMachineFile(file: string): Machine {
  if (statSync(file).isDirectory())
    throw new Error(`${file}: is a directory (expected a machine file)`);
  return parseMachine(file, readFileSync(file, 'utf8'));
}
