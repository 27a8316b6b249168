import { SeededRandom } from '@edgeguard/transform';

/** What baselines are fitted on: moments of all train rows and a sample of them. */
export interface TrainStatistics {
  readonly rows: number;
  readonly width: number;
  readonly mean: Float64Array;
  /** [D, D], divided by the number of rows. */
  readonly covariance: Float64Array;
  /** [sampleRows, D], drawn evenly from all train rows. */
  readonly sample: Float32Array;
  readonly sampleRows: number;
}

/** Rows kept for baselines that need rows rather than moments. */
const SAMPLE_ROWS = 4096;

/** Gathers {@link TrainStatistics} batch by batch in one pass and bounded memory. */
export class TrainStatisticsBuilder {
  readonly #width: number;
  readonly #sums: Float64Array;
  readonly #products: Float64Array;
  readonly #origin: Float64Array;
  readonly #centred: Float64Array;
  readonly #sample: Float32Array;
  readonly #random: SeededRandom;
  #rows = 0;

  constructor(width: number, seed: number) {
    this.#width = width;
    this.#sums = new Float64Array(width);
    this.#products = new Float64Array(width * width);
    this.#origin = new Float64Array(width);
    this.#centred = new Float64Array(width);
    this.#sample = new Float32Array(SAMPLE_ROWS * width);
    this.#random = new SeededRandom(seed);
  }

  /** Takes rows [count, D]. */
  add(rows: Float32Array, count: number): void {
    const width = this.#width;
    // Sums of products lose their digits far from the origin, so all rows are taken relative to the first.
    if (this.#rows === 0 && count > 0) this.#origin.set(rows.subarray(0, width));
    for (let row = 0; row < count; row++) {
      const start = row * width;
      const x = this.#centred;
      for (let j = 0; j < width; j++) {
        x[j] = rows[start + j]! - this.#origin[j]!;
        this.#sums[j]! += x[j]!;
      }
      for (let i = 0; i < width; i++) {
        const xi = x[i]!;
        if (xi === 0) continue;
        const at = i * width;
        for (let j = i; j < width; j++) this.#products[at + j]! += xi * x[j]!;
      }
      this.#keep(rows, start);
      this.#rows++;
    }
  }

  /** Algorithm R (Vitter 1985): every row is in the sample with the same chance. */
  #keep(rows: Float32Array, start: number): void {
    const place = this.#rows < SAMPLE_ROWS ? this.#rows : this.#random.below(this.#rows + 1);
    if (place < SAMPLE_ROWS) this.#sample.set(rows.subarray(start, start + this.#width), place * this.#width);
  }

  /** The statistics of all rows so far. */
  finish(): TrainStatistics {
    const width = this.#width;
    const rows = this.#rows;
    if (rows === 0) throw new RangeError('no train rows');
    const mean = new Float64Array(width);
    const covariance = new Float64Array(width * width);
    for (let i = 0; i < width; i++) {
      mean[i] = this.#origin[i]! + this.#sums[i]! / rows;
      for (let j = i; j < width; j++) {
        const value = this.#products[i * width + j]! / rows - (this.#sums[i]! / rows) * (this.#sums[j]! / rows);
        covariance[i * width + j] = value;
        covariance[j * width + i] = value;
      }
    }
    const sampleRows = Math.min(rows, SAMPLE_ROWS);
    return { rows, width, mean, covariance, sample: this.#sample.subarray(0, sampleRows * width), sampleRows };
  }
}
