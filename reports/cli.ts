import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import { parseSweep } from '../evaluator/sweep-files.ts';
import { print } from '../traces/print.ts';
import { writeWholeFiles } from '../traces/whole-file.ts';
import { WIDE } from './html-page.ts';
import { nodeChart } from './node-chart.ts';
import { reportHtml } from './report.ts';
import { throughputChart } from './throughput-chart.ts';

/** The `report` command: write report.html again from a folder's sweep.json. */
export function reportCommand(): Command {
  return new Command('report')
    .description("write report.html again from a sweep's sweep.json")
    .argument('<folder...>', 'folders a sweep has written')
    .option('--svg', 'write the charts as throughput.svg and nodes.svg too')
    .action(async (folders: string[], { svg = false }: { svg?: boolean }) => {
      for (const folder of folders) {
        const json = join(folder, 'sweep.json');
        const result = parseSweep(json, readFileSync(json, 'utf8'));
        const files = new Map([[join(folder, 'report.html'), await reportHtml(result)]]);
        if (svg) {
          const { svgFile } = await import('./svg.ts');
          files.set(join(folder, 'throughput.svg'), await svgFile(throughputChart(result, WIDE)));
          files.set(join(folder, 'nodes.svg'), await svgFile(nodeChart(result, WIDE)));
        }
        await writeWholeFiles(files);
        await print(false, undefined, () => `Wrote ${[...files.keys()].join(', ')}.`);
      }
    });
}
