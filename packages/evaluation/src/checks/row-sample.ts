import { SeededRandom } from '@edgeguard/transform';

/** An even sample of rows that arrive one by one, in bounded memory. */
export class RowSample {
  readonly #random: SeededRandom;
  readonly #capacity: number;
  readonly #width: number;
  readonly #kept: Float32Array;
  #seen = 0;

  constructor(capacity: number, width: number, seed: number) {
    this.#random = new SeededRandom(seed);
    this.#capacity = capacity;
    this.#width = width;
    this.#kept = new Float32Array(capacity * width);
  }

  /** Takes the row that starts at `start`. Algorithm R (Vitter 1985): every row is kept with the same chance. */
  add(rows: Float32Array, start: number): void {
    const place = this.#seen < this.#capacity ? this.#seen : this.#random.below(this.#seen + 1);
    this.#seen++;
    if (place < this.#capacity) this.#kept.set(rows.subarray(start, start + this.#width), place * this.#width);
  }

  /** Rows in the sample. */
  get count(): number {
    return Math.min(this.#seen, this.#capacity);
  }

  /** The sample, [count, width]. */
  get rows(): Float32Array {
    return this.#kept.subarray(0, this.count * this.#width);
  }

  /** The values of one column, ascending. */
  sortedColumn(column: number): Float32Array {
    return Float32Array.from({ length: this.count }, (_, row) => this.#kept[row * this.#width + column]!).sort();
  }
}
