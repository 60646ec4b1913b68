import { boot, type Kernel, type Settings, startTask } from '../kernel/kernel.ts';
import type { KernelVersion } from '../kernel-version.ts';
import type { Topology } from '../topology.ts';
import { type Answer, answerText } from './answer.ts';
import type { ScriptState } from './command.ts';
import { agrees } from './compare.ts';
import type { ScriptLine } from './read-script.ts';

/** A line that was run: what it came to, and whether that agrees with the result written (null: none is). */
export type LineResult = Readonly<{
  number: number;
  text: string;
  got: string;
  expected: string | null;
  agrees: boolean | null;
}>;

/** A script that was run: its file, its text, and what each of its commands came to. */
export type ScriptRun = Readonly<{ file: string; source: string; results: readonly LineResult[] }>;

/** The share of a node that is left when it counts as full. */
const NEARLY_FULL = 0.05;

/**
 * Runs a script on a kernel booted for it: in a process called `init` of root's on the first CPU, in the root cgroup, with
 * the default policy. `file` names the script in errors. Throws where an argument makes no sense, or a process that has
 * ended is to do something; calls that fail are results.
 */
export function runScript(
  file: string,
  lines: readonly ScriptLine[],
  machine: Readonly<{ topology: Topology; version: KernelVersion; settings: Settings }>,
): LineResult[] {
  const kernel = boot(machine.topology, machine.version, machine.settings);
  const state: ScriptState = { kernel, task: startTask(kernel, 'init') };
  return lines.map((line) => {
    const { number, text, expected } = line;
    const got = answerText(answerTo(`${file}: line ${number}`, line, state));
    const same = expected === null ? null : agrees(got, expected, nodeFull(kernel));
    return { number, text, got, expected, agrees: same };
  });
}

/** True where a node has next to nothing left, so that it matters how much of it the kernel itself has taken. */
function nodeFull({ memory }: Kernel): boolean {
  return [...memory.values()].some(({ free, atBoot }) => free < atBoot * NEARLY_FULL);
}

function answerTo(where: string, { text, command, args }: ScriptLine, state: ScriptState): Answer {
  if (state.task.exited && !command.anywhere) {
    throw new Error(
      `${where}: process ${state.task.name} has ended (got ${text}, expected task NAME)`,
    );
  }
  try {
    return command.run(state, args);
  } catch (error) {
    throw new Error(`${where}: ${(error as Error).message}`, { cause: error });
  }
}
