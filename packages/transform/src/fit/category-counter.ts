import { UserError } from '@edgeguard/contracts';

/** Values that a category may have in train rows at most. Beyond it is an identity, not a category. */
const MAX_DISTINCT = 10_000;

/** Values that get a code of their own; rarer ones are unknown to the model. */
export const MAX_VOCABULARY = 64;

/** Counts the values of one utf8 category and gives them provisional codes in order of appearance. */
export class CategoryCounter {
  readonly #name: string;
  readonly #codes = new Map<string, number>();
  readonly #counts: number[] = [0];

  constructor(name: string) {
    this.#name = name;
  }

  /** The provisional code (from 1) of a value, which is counted. */
  count(value: string): number {
    let code = this.#codes.get(value);
    if (code === undefined) {
      if (this.#codes.size === MAX_DISTINCT) {
        throw new UserError(
          `category ${this.#name}`,
          `it has more than ${MAX_DISTINCT} different values in train rows`,
          'give the column the role identity or ignore',
        );
      }
      code = this.#counts.push(0) - 1;
      this.#codes.set(value, code);
    }
    this.#counts[code]!++;
    return code;
  }

  /** The most frequent values, ties by name; their place is the final code minus one. */
  vocabulary(): string[] {
    const byFrequency = [...this.#codes].sort(
      ([a, codeA], [b, codeB]) => this.#counts[codeB]! - this.#counts[codeA]! || (a < b ? -1 : 1),
    );
    return byFrequency.slice(0, MAX_VOCABULARY).map(([value]) => value);
  }

  /** For every provisional code the final one; 0 for values that the vocabulary left out. */
  finalCodes(vocabulary: readonly string[]): Float32Array {
    const final = new Float32Array(this.#counts.length);
    for (const [index, value] of vocabulary.entries()) final[this.#codes.get(value)!] = index + 1;
    return final;
  }
}
