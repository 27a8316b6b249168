/**
 * Mean, deviation, smallest and largest value of columns, in one pass over batches. Sums of a batch are taken around
 * the batch's own mean and merged pairwise (Chan, Golub and LeVeque 1983), so a large mean costs no digits.
 */
export class ColumnMoments {
  readonly mean: Float64Array;
  readonly min: Float64Array;
  readonly max: Float64Array;
  readonly #squares: Float64Array;
  #rows = 0;

  constructor(width: number) {
    this.mean = new Float64Array(width);
    this.min = new Float64Array(width).fill(Number.POSITIVE_INFINITY);
    this.max = new Float64Array(width).fill(Number.NEGATIVE_INFINITY);
    this.#squares = new Float64Array(width);
  }

  get rows(): number {
    return this.#rows;
  }

  /** Adds the column-major block [width, count], each column `count` values long. */
  add(columns: Float64Array, count: number): void {
    if (count === 0) return;
    const total = this.#rows + count;
    for (let column = 0; column < this.mean.length; column++) {
      const start = column * count;
      let sum = 0;
      let min = this.min[column]!;
      let max = this.max[column]!;
      for (let i = start; i < start + count; i++) {
        const value = columns[i]!;
        sum += value;
        if (value < min) min = value;
        if (value > max) max = value;
      }
      const mean = sum / count;
      let squares = 0;
      for (let i = start; i < start + count; i++) {
        const distance = columns[i]! - mean;
        squares += distance * distance;
      }
      const shift = mean - this.mean[column]!;
      this.#squares[column]! += squares + shift * shift * ((this.#rows * count) / total);
      this.mean[column]! += shift * (count / total);
      this.min[column] = min;
      this.max[column] = max;
    }
    this.#rows = total;
  }

  /** Standard deviation of a column, of the rows themselves (divided by their number). */
  deviation(column: number): number {
    return this.#rows === 0 ? 0 : Math.sqrt(this.#squares[column]! / this.#rows);
  }
}
