/**
 * Products of rows with a weight matrix in double precision. Each sum runs over the inputs in order and starts at the
 * bias, so results are the same on every machine. Products of int8 values stay exact.
 */
export class WeightMatrix {
  readonly units: number;
  readonly width: number;
  readonly #weights: Float64Array;
  readonly #bias: Float64Array;

  /** Doubles are kept because converting float32 or int8 on each use costs more than their memory. */
  constructor(units: number, width: number) {
    this.units = units;
    this.width = width;
    this.#weights = new Float64Array(units * width);
    this.#bias = new Float64Array(units);
  }

  /** Takes over weights (units by width, row-major) and bias. */
  load(weights: ArrayLike<number>, bias?: ArrayLike<number>): this {
    this.#weights.set(weights);
    if (bias !== undefined) this.#bias.set(bias);
    return this;
  }

  /** sums[u] = bias[u] + sum over i of row[i] * weights[u][i]. */
  multiply(row: Float64Array, sums: Float64Array): void {
    const weights = this.#weights;
    const bias = this.#bias;
    const { units, width } = this;
    let unit = 0;
    // Four units at a time: four sums that do not wait for one another.
    for (; unit + 3 < units; unit += 4) {
      const w0 = unit * width;
      const w1 = w0 + width;
      const w2 = w1 + width;
      const w3 = w2 + width;
      let a = bias[unit];
      let b = bias[unit + 1];
      let c = bias[unit + 2];
      let d = bias[unit + 3];
      for (let i = 0; i < width; i++) {
        const x = row[i];
        a += x * weights[w0 + i];
        b += x * weights[w1 + i];
        c += x * weights[w2 + i];
        d += x * weights[w3 + i];
      }
      sums[unit] = a;
      sums[unit + 1] = b;
      sums[unit + 2] = c;
      sums[unit + 3] = d;
    }
    for (; unit < units; unit++) {
      const start = unit * width;
      let sum = bias[unit];
      for (let i = 0; i < width; i++) sum += row[i] * weights[start + i];
      sums[unit] = sum;
    }
  }
}
