import { CommanderError } from 'commander';
import { createProgram } from './program.ts';

const USAGE = 2;

const program = createProgram();
try {
  await program.parseAsync();
} catch (error) {
  if (!(error instanceof CommanderError)) throw error;
  if (error.exitCode !== 0) {
    // Without a command, commander has printed the help already.
    if (error.code !== 'commander.help') report(error.message);
    process.exitCode = USAGE;
  }
}

function report(message: string): void {
  process.stderr.write(`edgeguard: ${message.replace(/^error: /, '').replaceAll(/\s*\n\s*/g, ' ')}\n`);
}
