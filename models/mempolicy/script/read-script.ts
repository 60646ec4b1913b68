import { callCommands } from './call-commands.ts';
import type { Command, Commands } from './command.ts';
import { proposalCommands } from './proposal-commands.ts';
import { worldCommands } from './world-commands.ts';

/** Every command of the language, by name. */
export const COMMANDS: Commands = { ...callCommands, ...worldCommands, ...proposalCommands };

/** A line of a script: its command with arguments, and the result written behind `=>`, if one is. */
export type ScriptLine = Readonly<{
  /** Counted from 1. */
  number: number;
  text: string;
  command: Command;
  args: readonly string[];
  expected: string | null;
}>;

/** Control characters but for white space, and what is no UTF-8: none of them is in a script. */
const NOT_TEXT = /(?!\s)\p{Cc}|\ufffd/u;

/**
 * The lines of a script; empty ones and those that begin with `#` are left out. `file` names it in errors. Throws at a
 * line that is no command, or has too few or too many arguments.
 */
export function readScript(file: string, source: string): ScriptLine[] {
  if (NOT_TEXT.test(source)) throw new Error(`${file}: not a script (got bytes that are no text)`);
  return source.split(/\r?\n/).flatMap((whole, i) => {
    const line = whole.trim();
    return line === '' || line.startsWith('#')
      ? []
      : [readLine(`${file}: line ${i + 1}`, line, i + 1)];
  });
}

function readLine(where: string, line: string, number: number): ScriptLine {
  const arrow = line.indexOf('=>');
  const text = (arrow < 0 ? line : line.slice(0, arrow)).trim().replace(/\s+/g, ' ');
  const [name, ...args] = text.split(' ');
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (command === undefined) {
    const known = 'expected one of docs/policy-scripts.md, such as mmap, touch or set_mempolicy';
    throw new Error(
      `${where}: unknown command (got ${JSON.stringify(name.slice(0, 40))}, ${known})`,
    );
  }
  const { usage, least, most } = command;
  if (args.length < least || args.length > most) {
    throw new Error(
      `${where}: wrong number of arguments (got ${JSON.stringify(text)}, expected ${name} ${usage})`,
    );
  }
  const expected =
    arrow < 0
      ? null
      : line
          .slice(arrow + 2)
          .trim()
          .replace(/\s+/g, ' ');
  return { number, text, command, args, expected };
}
