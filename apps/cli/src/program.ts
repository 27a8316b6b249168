import { readFileSync } from 'node:fs';
import { Command } from 'commander';
import { addDetectCommand } from './commands/detect.ts';
import { addDriftCommand } from './commands/drift.ts';
import { addInspectCommand } from './commands/inspect.ts';
import { addKeygenCommand } from './commands/keygen.ts';
import { addMeterCommand } from './commands/meter.ts';
import { addSignCommand } from './commands/sign.ts';
import { addStageCommands } from './commands/stages.ts';
import { addSuppressCommand } from './commands/suppress.ts';
import { addSynthCommand } from './commands/synth.ts';
import { addTfliteCommands } from './commands/tflite.ts';
import { addThresholdCommand } from './commands/threshold.ts';
import { addVerdictCommand } from './commands/verdict.ts';
import { addVerifyCommand } from './commands/verify.ts';

const EPILOGUE = `
Exit codes: 0 done, 1 bad input or failure (one line on standard error says what to mend), 2 wrong usage.
Results go to standard output or a file, everything else to standard error.

Start here:
  edgeguard collect demo && edgeguard preprocess demo && edgeguard train demo && edgeguard convert demo
  edgeguard detect data/artifacts/demo/convert/detector.int8.tflite capture.pcap`;

/**
 * The command line. Commands are described here and loaded when they run. Wrong usage and `--help` end in a
 * `CommanderError`, whose `exitCode` is 0 for help.
 */
export function createProgram(): Command {
  const program = new Command('edgeguard')
    .description('Anomaly detection in network traffic at the edge: packets in, explained alerts out')
    .version(versionOfPackage(), '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .helpCommand('help [command]', 'print the help of a command')
    .addHelpText('after', EPILOGUE)
    .exitOverride()
    // main.ts prints the one line that every other problem gets too.
    .configureOutput({ outputError: () => undefined })
    .configureHelp({ showGlobalOptions: false });
  addStageCommands(program);
  addDetectCommand(program);
  addThresholdCommand(program);
  addSuppressCommand(program);
  addVerdictCommand(program);
  addDriftCommand(program);
  addMeterCommand(program);
  addSynthCommand(program);
  addInspectCommand(program);
  addTfliteCommands(program);
  addKeygenCommand(program);
  addSignCommand(program);
  addVerifyCommand(program);
  return program;
}

function versionOfPackage(): string {
  const text = readFileSync(new URL('../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}
