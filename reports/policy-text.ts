import type { ScriptRun } from '../models/mempolicy/script/run-script.ts';
import { countOf } from './quantity.ts';

/** Scripts with the results of each command written behind it: comments and all, so that they can be run again. */
export function answeredText(runs: readonly ScriptRun[]): string {
  return runs
    .map(({ source, results }) => {
      const byLine = new Map(results.map((line) => [line.number, line]));
      return source
        .trimEnd()
        .split(/\r?\n/)
        .map((whole, i) => {
          const line = byLine.get(i + 1);
          return line === undefined ? whole : `${line.text} => ${line.got}`;
        })
        .join('\n');
    })
    .join('\n\n');
}

/** What differs from the results written, line by line, and how many agree in each script. */
export function checkedText(runs: readonly ScriptRun[]): string {
  return runs
    .flatMap(({ file, results }) => {
      const differing = results.filter((line) => line.agrees === false);
      const agreeing = results.filter((line) => line.agrees === true).length;
      const unwritten = results.filter((line) => line.agrees === null).length;
      return [
        ...differing.flatMap(({ number, text, got, expected }) => [
          `${file}: line ${number}: ${text}`,
          `  got      ${got}`,
          `  expected ${expected}`,
        ]),
        `${file}: ${countOf(agreeing, 'result')} ${agreeing === 1 ? 'agrees' : 'agree'}, ${differing.length} ` +
          `differ${unwritten === 0 ? '' : `; ${countOf(unwritten, 'command')} without a result`}`,
      ];
    })
    .join('\n');
}
