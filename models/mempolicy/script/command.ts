import type { Kernel, Task } from '../kernel/kernel.ts';
import type { Answer } from './answer.ts';

/** Where a script is: its kernel, and the process whose turn it is. */
export type ScriptState = { readonly kernel: Kernel; task: Task };

/**
 * A command: its arguments as help shows them, how many there may be, whether it needs no process to do it (`anywhere`),
 * and what it does.
 */
export type Command = Readonly<{
  usage: string;
  least: number;
  most: number;
  anywhere?: true;
  run: (state: ScriptState, args: readonly string[]) => Answer;
}>;

/** Commands by name. */
export type Commands = Readonly<Record<string, Command>>;
