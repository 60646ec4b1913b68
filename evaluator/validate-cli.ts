import { Command } from 'commander';
import { print } from '../traces/print.ts';
import { writeWholeFiles } from '../traces/whole-file.ts';
import { type Validation, validate } from './validation/validate.ts';

/** How a validation becomes text and a chart; provided from the right. */
export type ValidateCommandParts = Readonly<{
  validationText: (validation: Validation, written: readonly string[]) => string;
  validationSvg: (validation: Validation) => Promise<string>;
}>;

/** The `validate` command: what was published, and what the model makes of it. */
export function validateCommand(parts: ValidateCommandParts): Command {
  return new Command('validate')
    .description(
      'predict published bandwidths from inputs that do not hold the answer (docs/validation.md)',
    )
    .option('--svg <file>', 'write a chart of the errors, too')
    .option('--json', 'print one JSON document')
    .action(async ({ svg, json = false }: { svg?: string; json?: boolean }) => {
      const validation = validate();
      if (svg !== undefined)
        await writeWholeFiles(new Map([[svg, await parts.validationSvg(validation)]]));
      const written = svg === undefined ? [] : [svg];
      await print(json, validation, () => parts.validationText(validation, written));
      const outside = validation.groups.filter((g) => !g.within);
      if (outside.length > 0)
        throw new Error(
          `validate: outside its bound (got ${outside.map((g) => g.title).join('; ')})`,
        );
    });
}
