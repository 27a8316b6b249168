/** Mean and covariance of residuals, added up in float64 part by part. */
export class ResidualMoments {
  readonly width: number;
  rows = 0;
  readonly #sum: Float64Array;
  /** Sums of products of the upper triangle, row-major. */
  readonly #products: Float64Array;
  readonly #row: Float64Array;

  constructor(width: number) {
    this.width = width;
    this.#sum = new Float64Array(width);
    this.#products = new Float64Array(width * width);
    this.#row = new Float64Array(width);
  }

  /** Adds `count` rows of target - output, each matrix with `stride` values from row to row. */
  add(targets: Float32Array, outputs: Float32Array, stride: number, count: number): void {
    const row = this.#row;
    const products = this.#products;
    for (let n = 0; n < count; n++) {
      for (let i = 0; i < this.width; i++) {
        row[i] = Math.fround(targets[n * stride + i]! - outputs[n * stride + i]!);
        this.#sum[i]! += row[i]!;
      }
      for (let i = 0; i < this.width; i++) {
        const value = row[i]!;
        for (let j = i, at = i * this.width + i; j < this.width; j++, at++) products[at]! += value * row[j]!;
      }
    }
    this.rows += count;
  }

  get mean(): Float64Array {
    return this.#sum.map((sum) => sum / this.rows);
  }

  /** The covariance matrix, row-major [width, width]. */
  get covariance(): Float64Array {
    const { width } = this;
    const mean = this.mean;
    const covariance = new Float64Array(width * width);
    for (let i = 0; i < width; i++) {
      for (let j = i; j < width; j++) {
        const value = this.#products[i * width + j]! / this.rows - mean[i]! * mean[j]!;
        covariance[i * width + j] = value;
        covariance[j * width + i] = value;
      }
    }
    return covariance;
  }
}
