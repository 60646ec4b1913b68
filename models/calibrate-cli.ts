import { readFileSync, statSync } from 'node:fs';
import { Command } from 'commander';
import { anyNumber, wholeNumber } from '../traces/cli-options.ts';
import { print } from '../traces/print.ts';
import { checkOutput, writeWholeFiles } from '../traces/whole-file.ts';
import { readPoints } from './calibration-points.ts';
import { type Calibration, calibrate } from './memory/calibrate.ts';
import { readMachine } from './memory/read-machine.ts';

/** How a calibration becomes text; provided from the right. */
export type CalibrateParts = Readonly<{
  calibrationText: (calibration: Calibration, written: readonly string[]) => string;
}>;

type CalibrateArguments = {
  points: string;
  out?: string;
  socket?: number;
  error?: number;
  json?: boolean;
};

/** `machine calibrate`: a machine's parameters, fitted to measured bandwidths. */
export function machineCalibrateCommand({ calibrationText }: CalibrateParts): Command {
  return new Command('calibrate')
    .description(
      'fit reads in flight, queueing and bandwidths of a machine to measured bandwidths (docs/machine-files.md)',
    )
    .argument('<machine>', 'preset or machine file')
    .requiredOption(
      '--points <file>',
      'CSV of measured bandwidths with the header weights,read_share,gbps: a line 9:1,0.5,205.8 is 205.8 GB/s, half reads, at 9:1',
    )
    .option('-o, --out <file>', 'machine file to write')
    .option('--socket <n>', 'the socket they were measured from (default: 0)', wholeNumber(0, 1023))
    .option(
      '--error <percent>',
      'error of a measurement, standard deviation in % (default: 1)',
      anyNumber(0.01, 50),
    )
    .option('--json', 'print one JSON document')
    .action(
      async (
        name: string,
        { points: file, out, socket, error, json = false }: CalibrateArguments,
      ) => {
        if (out !== undefined) checkOutput(out);
        const machine = readMachine(name);
        if (statSync(file).isDirectory())
          throw new Error(`${file}: is a directory (expected a file of points)`);
        const points = readPoints(file, readFileSync(file, 'utf8'), machine.nodes.length);
        const calibration = calibrate(machine, points, {
          ...(socket === undefined ? {} : { socket }),
          ...(error === undefined ? {} : { error: error / 100 }),
        });
        if (out !== undefined)
          await writeWholeFiles(
            new Map([[out, `${JSON.stringify(calibration.machine, null, 2)}\n`]]),
          );
        await print(json, calibration, () =>
          calibrationText(calibration, out === undefined ? [] : [out]),
        );
      },
    );
}
