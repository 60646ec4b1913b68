import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import { parseSweep } from '../evaluator/sweep-files.ts';
import { print } from '../traces/print.ts';
import { writeWholeFiles } from '../traces/whole-file.ts';
import { reportHtml } from './report.ts';

/** The `report` command: write report.html again from a folder's sweep.json. */
export function reportCommand(): Command {
  return new Command('report')
    .description("write report.html again from a sweep's sweep.json")
    .argument('<folder...>', 'folders a sweep has written')
    .action(async (folders: string[]) => {
      for (const folder of folders) {
        const json = join(folder, 'sweep.json');
        const page = join(folder, 'report.html');
        await writeWholeFiles(
          new Map([[page, await reportHtml(parseSweep(json, readFileSync(json, 'utf8')))]]),
        );
        await print(false, undefined, () => `Wrote ${page}.`);
      }
    });
}
