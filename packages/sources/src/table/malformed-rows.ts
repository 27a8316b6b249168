import { UserError } from '@edgeguard/contracts/problems';

/** Malformed rows that are named. */
const NAMED = 20;

/** Counts rows that could not be read, by reason, and names the first of them. */
export class MalformedRows {
  readonly counts = new Map<string, number>();
  /** `file: line 7: column bytes: "x" is not a number`, the first twenty. */
  readonly named: string[] = [];
  #total = 0;
  readonly #limit: number;

  constructor(limit: number) {
    this.#limit = limit;
  }

  get total(): number {
    return this.#total;
  }

  /**
   * @param place the file, and the line or row in it
   * @param reason bounded in number: it becomes a key
   * @throws UserError when there are more than the limit
   */
  add(place: string, reason: string, detail: string): void {
    this.#total++;
    this.counts.set(reason, (this.counts.get(reason) ?? 0) + 1);
    if (this.named.length < NAMED) this.named.push(`${place}: ${detail}`);
    if (this.#total > this.#limit) {
      throw new UserError(
        place,
        `${detail}; that makes ${this.#total} malformed rows`,
        'correct collect.source (delimiter, header, columns), or raise collect.source.maxMalformed',
      );
    }
  }
}
