import type { Implausible } from '../models/memory/implausible.ts';
import type { ImportedMachine } from '../models/memory/import/import-machine.ts';
import { countOf } from './quantity.ts';
import { paragraph } from './text-table.ts';

/** What was read from a source, what was assumed beside it, and what looks wrong, for a terminal. */
export function machineImportText(file: string, imported: ImportedMachine): string {
  const { machine, read, assumed, doubts, flags, weights } = imported;
  const made =
    `Wrote ${file}: machine ${machine.name}, ${countOf(machine.sockets.length, 'socket')}, ` +
    `${countOf(machine.nodes.length, 'node')}, ${countOf(machine.paths.length, 'path')}.`;
  const list = (title: string, items: readonly string[]) =>
    items.length === 0 ? [] : ['', title, ...items.map(listItem)];
  const kernel =
    weights === undefined
      ? []
      : [
          `The kernel's weights (not part of the machine): ` +
            weights.nodes.map(({ id, weight }) => `node ${id} ${weight}`).join(', ') +
            (weights.auto === undefined
              ? ''
              : weights.auto
                ? ', made by itself'
                : ', set by hand') +
            '.',
        ];
  return [
    paragraph(made),
    ...read.map((text) => paragraph(`Read: ${text}`)),
    ...kernel.map((text) => paragraph(text)),
    ...list(
      'Assumed:',
      assumed.map(({ sentence, places }) => `${placesText(places)}: ${sentence}`),
    ),
    ...list('Looks wrong:', [...doubts, ...flags.map(flagText)]),
  ].join('\n');
}

/** An item of a list, the lines after its first indented as its text is. */
function listItem(text: string): string {
  return paragraph(text, 4).replace('    ', '  - ');
}

/** Warnings on a machine file that is valid: what in it cannot be true. */
export function implausibleText(file: string, flags: readonly Implausible[]): string {
  return flags.map((flag) => paragraph(`${file}: warning: ${flagText(flag)}`)).join('\n');
}

function flagText({ path, got, expected, why }: Implausible): string {
  return `${path}: ${why} (got ${got}, expected ${expected})`;
}

/** Places of one assumption: those that differ in their numbers only are named once, with how many they are. */
function placesText(places: readonly string[]): string {
  const groups = new Map<string, string[]>();
  for (const place of places) {
    const shape = place.replace(/\[\d+\]/g, '[]');
    groups.set(shape, [...(groups.get(shape) ?? []), place]);
  }
  return [...groups]
    .map(([shape, same]) => (same.length === 1 ? same[0] : `${shape} (${same.length} of them)`))
    .join(', ');
}
