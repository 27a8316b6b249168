import { printable } from './printable.ts';

/**
 * Something the user can mend: bad input, a missing file, a wrong setting. Commands print it as one line, without a
 * stack trace, and exit with 1.
 */
export class UserError extends Error {
  override readonly name = 'UserError';

  /**
   * @param place   the file, and where in it: `capture.pcap: byte 24`, `edgeguard.config.json: train.epochs`
   * @param problem what is wrong there
   * @param remedy  what to do about it
   */
  constructor(place: string, problem: string, remedy: string, options?: ErrorOptions) {
    super(printable(`${place}: ${problem}; ${remedy}`.replaceAll(/\s*[\r\n]+\s*/g, ' ')), options);
  }
}

/** The command line itself is wrong. Commands print it as one line and exit with 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}
