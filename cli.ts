#!/usr/bin/env node
import { constants } from 'node:os';
import { Command, CommanderError } from 'commander';
import { evaluateCommand, sweepCommand } from './evaluator/cli.ts';
import { validateCommand } from './evaluator/validate-cli.ts';
import { machineCommand, policyCommand } from './models/cli.ts';
import { cachesOfCopies } from './models/memory/caches-per-copy.ts';
import { coresOf } from './models/memory/copies-per-socket.ts';
import { readMachine } from './models/memory/read-machine.ts';
import { cachegrindText, cacheUseText } from './reports/cache-text.ts';
import { calibrationText } from './reports/calibration-text.ts';
import { reportCommand } from './reports/cli.ts';
import { evaluationText } from './reports/evaluation-text.ts';
import { machineSvg } from './reports/latency-chart.ts';
import { implausibleText, machineImportText } from './reports/machine-import-text.ts';
import { machineListText, machineText } from './reports/machine-text.ts';
import { answeredText, checkedText } from './reports/policy-text.ts';
import { reportHtml } from './reports/report.ts';
import { severalText } from './reports/several-text.ts';
import { sweepText } from './reports/sweep-text.ts';
import { traceInfoText } from './reports/trace-info-text.ts';
import { tracePage } from './reports/trace-page.ts';
import {
  importedText,
  recordedText,
  recordingText,
  writingText,
  wroteDemandText,
  wroteText,
} from './reports/trace-text.ts';
import { validationSvg } from './reports/validation-chart.ts';
import { validationText } from './reports/validation-text.ts';
import { traceCommand } from './traces/cli.ts';
import { VERSION } from './traces/version.ts';
import { removeUnfinishedFiles } from './traces/whole-file.ts';

const EXIT = { failed: 1, usage: 2 };

function cachesOf(name: string, copies: number | undefined) {
  const machine = readMachine(name);
  return {
    caches: cachesOfCopies(machine, copies ?? coresOf(machine)),
    lineBytes: machine.line_bytes,
    pageBytes: machine.page_bytes,
    sockets: machine.sockets.length,
  };
}

const evaluatorText = { evaluationText, sweepText, severalText, reportHtml };
const program = new Command('numaweave')
  .description(
    'Which interleave weights a machine with DRAM and CXL memory should use, and what each choice costs',
  )
  .version(VERSION)
  .enablePositionalOptions()
  .addCommand(
    traceCommand({
      infoText: traceInfoText,
      infoPage: tracePage,
      recordingText,
      recordedText,
      importedText,
      wroteDemandText,
      writingText,
      wroteText,
      cacheUseText,
      cachegrindText,
      cachesOf,
    }),
  )
  .addCommand(
    machineCommand({
      listText: machineListText,
      machineText,
      machineSvg,
      machineImportText,
      calibrationText,
      implausibleText,
    }),
  )
  .addCommand(policyCommand({ answeredText, checkedText }))
  .addCommand(evaluateCommand(evaluatorText))
  .addCommand(sweepCommand(evaluatorText))
  .addCommand(reportCommand())
  .addCommand(validateCommand({ validationText, validationSvg }));

/** Every command reports its errors here: as one line, thrown instead of exiting. */
function throwErrors(command: Command): void {
  command.exitOverride();
  command.configureOutput({ outputError: () => {} });
  for (const inner of command.commands) throwErrors(inner);
}

function oneLine(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { code, path } = error as NodeJS.ErrnoException;
  const message = error.message.replace(/[\s\p{Cc}]+/gu, ' ').replace(/^error: /, '');
  if (code === undefined || !/^E[A-Z]+$/.test(code)) return message;
  const reason = message.replace(`${code}: `, '').replace(/, [a-z]+( '.*')?$/, '');
  return path === undefined ? reason : `${path}: ${reason}`;
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.once(signal, () => {
    removeUnfinishedFiles();
    process.exit(128 + constants.signals[signal]);
  });
}
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
});

throwErrors(program);
try {
  await program.parseAsync();
} catch (error) {
  if (error instanceof CommanderError) {
    const asked = ['commander.helpDisplayed', 'commander.version'].includes(error.code);
    process.exitCode = asked ? 0 : EXIT.usage;
    if (!asked && error.code !== 'commander.help')
      process.stderr.write(`numaweave: ${oneLine(error)}\n`);
  } else if ((error as NodeJS.ErrnoException).code !== 'EPIPE') {
    process.stderr.write(`numaweave: ${oneLine(error)}\n`);
    process.exitCode = EXIT.failed;
  }
}
