import { SeededRandom } from '../seeded-random.ts';

/** Rows kept for percentiles: the standard error of a median's rank is then 0.4 %. */
const CAPACITY = 16_384;

/** A uniform sample of rows in bounded memory (Vitter 1985, Algorithm R). Seeded: the same rows give the same sample. */
export class RowReservoir {
  readonly #width: number;
  readonly #rows: Float32Array;
  readonly #random: SeededRandom;
  #seen = 0;

  constructor(width: number, seed: number) {
    this.#width = width;
    this.#rows = new Float32Array(CAPACITY * width);
    this.#random = new SeededRandom(seed);
  }

  /** Offers the first `count` rows of a row-major matrix. */
  add(rows: Float32Array, count: number): void {
    for (let row = 0; row < count; row++) {
      const slot = this.#seen < CAPACITY ? this.#seen : Math.floor(this.#random.uniform() * (this.#seen + 1));
      this.#seen++;
      if (slot < CAPACITY) {
        this.#rows.set(rows.subarray(row * this.#width, (row + 1) * this.#width), slot * this.#width);
      }
    }
  }

  /** The sampled values of one column, unsorted. */
  column(index: number): Float32Array {
    const values = new Float32Array(Math.min(this.#seen, CAPACITY));
    for (let row = 0; row < values.length; row++) values[row] = this.#rows[row * this.#width + index]!;
    return values;
  }
}

/** The value below which a share of the sorted values lies: the nearest rank. */
export function percentile(sorted: Float32Array, share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.max(0, Math.ceil(share * sorted.length) - 1))]!;
}
