import { fileProblem } from '../files/file-problem.ts';
import { UsageError, UserError } from '../user-error.ts';

/** Exit codes of every command. */
export const EXIT = { ok: 0, failure: 1, usage: 2 } as const;

/** Raised where work stops because the user pressed Ctrl-C or the process was asked to end. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted';
  constructor() {
    super('interrupted; nothing half-written was left');
  }
}

/**
 * Runs a command's main function: a UserError is one line and exit code 1, a UsageError one line and 2, an interrupt
 * one line and 1. Anything else is a defect of ours and is shown with its stack.
 *
 * @param main gets a signal that aborts on SIGINT and SIGTERM
 */
export async function runCommand(name: string, main: (signal: AbortSignal) => Promise<void>): Promise<void> {
  const controller = new AbortController();
  const interrupt = (): void => {
    // A second Ctrl-C must end what does not listen.
    if (controller.signal.aborted) process.exit(EXIT.failure);
    controller.abort(new Interrupted());
  };
  process.on('SIGINT', interrupt);
  process.on('SIGTERM', interrupt);
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    // A reader such as `head` may close our output early; that is no error.
    process.exit(error.code === 'EPIPE' ? EXIT.ok : report(name, fileProblem('standard output', error)));
  });
  try {
    await main(controller.signal);
  } catch (error) {
    process.exitCode = report(name, controller.signal.aborted ? controller.signal.reason : error);
  } finally {
    process.off('SIGINT', interrupt);
    process.off('SIGTERM', interrupt);
  }
}

function report(name: string, error: unknown): number {
  if (error instanceof UsageError) {
    process.stderr.write(`${name}: ${error.message}\n`);
    return EXIT.usage;
  }
  if (error instanceof UserError || error instanceof Interrupted) {
    process.stderr.write(`${name}: ${error.message}\n`);
    return EXIT.failure;
  }
  const detail = error instanceof Error ? (error.stack ?? error.message) : String(error);
  process.stderr.write(`${name}: a defect in EdgeGuard, please report it: ${detail}\n`);
  return EXIT.failure;
}
