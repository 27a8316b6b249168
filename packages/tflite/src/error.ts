/**
 * The one error class of this package: what is wrong, and where.
 *
 * `place` names the tensor, operator, layer or file; `problem` says what is wrong with it in one line.
 */
export class TfliteError extends Error {
  override readonly name = 'TfliteError';
  readonly place: string;
  readonly problem: string;

  constructor(place: string, problem: string, options?: { cause?: unknown }) {
    super(`${place}: ${problem}`, options);
    this.place = place;
    this.problem = problem;
  }
}
