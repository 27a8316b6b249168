import type { LayerLayout, NetworkLayout } from './layout.ts';

/** Added to variances, as in Keras: a unit that hardly varies is then enlarged by 32 at most. */
export const VARIANCE_FLOOR = 1e-3;

/** Weight of a whole batch in the moving averages, once there were enough of them. */
const MOVING_WEIGHT = 0.01;

/** Means and variances of a batch before normalisation: those of each hidden layer in turn, means first. */
export interface BatchStatistics {
  /** Variances are squares divided by the number of rows. */
  readonly values: Float32Array;
  readonly rows: number;
}

/** Memory that the normalisation of a network works on, padded; a matrix for each hidden layer. */
export interface NormalisedMemory {
  readonly parameters: Float32Array;
  readonly gradients: Float32Array;
  /** Parameters of the dense chain that computes the same with the moving averages. */
  readonly chain: Float32Array;
  /** Outputs of the layers. */
  readonly activations: readonly Float32Array[];
  /** Gradients with respect to the layers' outputs before their activation. */
  readonly deltas: readonly Float32Array[];
  /** Room for the normalised values of a batch. */
  readonly normalised: readonly Float32Array[];
}

/**
 * Batch normalisation of hidden layers (Ioffe and Szegedy 2015): u = γ (z - mean) / sqrt(variance + floor) + β before the
 * activation, with z = x W, the statistics of the batch in training and their moving averages after it. β is the layer's bias.
 */
export class BatchNormalisation {
  /** Moving averages, as {@link BatchStatistics.values} but with unbiased variances. */
  readonly moving: Float32Array;
  readonly #layers: readonly LayerLayout[];
  readonly #memory: NormalisedMemory;
  readonly #batchRows: number;
  readonly #last: Float32Array;
  readonly #movingOf: readonly LayerStatistics[];
  readonly #lastOf: readonly LayerStatistics[];
  readonly #first: Float64Array;
  readonly #second: Float64Array;
  #lastRows = 0;

  constructor(layout: NetworkLayout, batchRows: number, memory: NormalisedMemory) {
    this.#layers = layout.layers;
    this.#memory = memory;
    this.#batchRows = batchRows;
    const hidden = layout.layers.slice(0, -1).map(({ outputs }) => outputs);
    const units = hidden.reduce((sum, outputs) => sum + outputs, 0);
    this.moving = new Float32Array(2 * units);
    this.#last = new Float32Array(2 * units);
    this.#movingOf = perLayer(this.#layers, this.moving);
    this.#lastOf = perLayer(this.#layers, this.#last);
    this.#first = new Float64Array(Math.max(...hidden));
    this.#second = new Float64Array(Math.max(...hidden));
  }

  /** The statistics of the last batch; a view. */
  get last(): BatchStatistics {
    return { values: this.#last, rows: this.#lastRows };
  }

  /** Normalises, scales and shifts z, in place, for `count` rows of hidden layer `index`; notes the statistics. */
  forward(index: number, count: number): void {
    const { outputs, paddedOutputs, biases, scales } = this.#layers[index]!;
    const values = this.#memory.activations[index]!;
    const normalised = this.#memory.normalised[index]!;
    const { parameters } = this.#memory;
    const { means, variances } = this.#lastOf[index]!;
    const sums = this.#first.fill(0);
    const squares = this.#second.fill(0);
    for (let row = 0; row < count; row++) {
      for (let unit = 0, at = row * paddedOutputs; unit < outputs; unit++) sums[unit]! += values[at++]!;
    }
    for (let unit = 0; unit < outputs; unit++) means[unit] = sums[unit]! / count;
    for (let row = 0; row < count; row++) {
      for (let unit = 0, at = row * paddedOutputs; unit < outputs; unit++) {
        const centred = values[at++]! - means[unit]!;
        squares[unit]! += centred * centred;
      }
    }
    for (let unit = 0; unit < outputs; unit++) variances[unit] = squares[unit]! / count;
    for (let unit = 0; unit < outputs; unit++) squares[unit] = 1 / Math.sqrt(variances[unit]! + VARIANCE_FLOOR);
    for (let row = 0; row < count; row++) {
      for (let unit = 0, at = row * paddedOutputs; unit < outputs; unit++, at++) {
        const value = Math.fround((values[at]! - means[unit]!) * squares[unit]!);
        normalised[at] = value;
        values[at] = parameters[scales + unit]! * value + parameters[biases + unit]!;
      }
    }
    this.#lastRows = count;
  }

  /** Takes the gradients of hidden layer `index` from those of u to those of z, in place, and notes those of γ. */
  backward(index: number, count: number): void {
    const { outputs, paddedOutputs, scales } = this.#layers[index]!;
    const deltas = this.#memory.deltas[index]!;
    const normalised = this.#memory.normalised[index]!;
    const { parameters, gradients } = this.#memory;
    const { variances } = this.#lastOf[index]!;
    const sums = this.#first.fill(0);
    const products = this.#second.fill(0);
    for (let row = 0; row < count; row++) {
      for (let unit = 0, at = row * paddedOutputs; unit < outputs; unit++, at++) {
        sums[unit]! += deltas[at]!;
        products[unit]! += deltas[at]! * normalised[at]!;
      }
    }
    for (let unit = 0; unit < outputs; unit++) gradients[scales + unit] = products[unit]!;
    for (let row = 0; row < count; row++) {
      for (let unit = 0, at = row * paddedOutputs; unit < outputs; unit++, at++) {
        const factor = parameters[scales + unit]! / Math.sqrt(variances[unit]! + VARIANCE_FLOOR);
        const shared = (sums[unit]! + normalised[at]! * products[unit]!) / count;
        deltas[at] = factor * (deltas[at]! - shared);
      }
    }
  }

  /**
   * Takes the statistics of a batch into the moving averages: as their mean at first, later with a fixed weight, less for
   * fewer rows. One row has no variance and is left out.
   *
   * @param step from 1
   */
  average({ values, rows }: BatchStatistics, step: number): void {
    if (rows < 2) return;
    const weight = step === 1 ? 1 : (rows / this.#batchRows) * Math.max(MOVING_WEIGHT, 1 / step);
    for (const [index, from] of perLayer(this.#layers, values).entries()) {
      const to = this.#movingOf[index]!;
      for (const [unit, mean] of from.means.entries()) {
        const variance = (from.variances[unit]! * rows) / (rows - 1);
        to.means[unit]! += weight * (mean - to.means[unit]!);
        to.variances[unit]! += weight * (variance - to.variances[unit]!);
      }
    }
  }

  /** Writes the dense chain that reconstructs with the moving averages: W γ/σ and β - mean γ/σ. */
  fold(): void {
    const { parameters, chain } = this.#memory;
    for (const [index, layer] of this.#layers.entries()) {
      const { paddedInputs, outputs, paddedOutputs, weights, biases, scales } = layer;
      chain.set(parameters.subarray(weights, biases + paddedOutputs), weights);
      if (index === this.#layers.length - 1) return;
      const { means, variances } = this.#movingOf[index]!;
      for (let unit = 0; unit < outputs; unit++) {
        const factor = parameters[scales + unit]! / Math.sqrt(variances[unit]! + VARIANCE_FLOOR);
        for (let input = 0; input < paddedInputs; input++) chain[weights + input * paddedOutputs + unit]! *= factor;
        chain[biases + unit]! -= means[unit]! * factor;
      }
    }
  }
}

interface LayerStatistics {
  readonly means: Float32Array;
  readonly variances: Float32Array;
}

/** Views of the statistics of each hidden layer. */
function perLayer(layers: readonly LayerLayout[], values: Float32Array): LayerStatistics[] {
  let at = 0;
  const take = (count: number): Float32Array => values.subarray(at, (at += count));
  return layers.slice(0, -1).map(({ outputs }) => ({ means: take(outputs), variances: take(outputs) }));
}
