import { fileProblem } from '@edgeguard/contracts';

/**
 * Ends the process with one line and exit code 1 when standard output cannot be written, as on a full disk. A reader
 * that closes early (`head`) ends it with 0, without a word. Call it before anything else listens to standard output.
 */
export function guardStandardOutput(command: string): void {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(0);
    const problem = fileProblem('standard output', error) as Error;
    process.stderr.write(`${command}: ${problem.message}\n`);
    process.exit(1);
  });
}
