import { activate, checkChain, type ChainCalibration } from './chain-calibration.ts';
import type { DenseLayer } from './dense.ts';
import { affineOfRange, type Range } from './range.ts';
import { roundWeights } from './round-weights.ts';
import { damped, inverse } from './symmetric.ts';

/** Share of the mean variance that keeps fitted weights near to what they were. */
const RIDGE = 1e-2;

/** One layer as it was rounded, and what it gives for the rows. */
interface RoundedLayer {
  readonly layer: DenseLayer;
  readonly outputs: Float32Array;
}

/**
 * Rounds the weights of a chain to int8 by what the layers compute for representative rows. Each layer takes its input as
 * the layers before it, rounded already, give it. Its weights are first fitted, by ridge regression, to give the sums of
 * the float chain from this input; then rounded with {@link roundWeights}; and its bias makes the mean sums those of the
 * float chain (Nagel and others 2019, "Data-Free Quantization Through Weight Equalization and Bias Correction", 4.2).
 */
export class ChainRounder {
  readonly #chain: readonly DenseLayer[];
  readonly #calibration: ChainCalibration;
  readonly #count: number;
  readonly #rows: Float32Array;
  /** Sums of the float chain, by layer. */
  readonly #sums: Float32Array[] = [];
  /** Inputs of the float chain, by layer. */
  readonly #inputs: Float32Array[] = [];
  /** The first layers, computed in int8: the same however many follow. */
  readonly #int8: RoundedLayer[] = [];

  /** @param rows inputs of the chain [n, width of the first layer]: rows of the training set, never of a test set */
  constructor(chain: readonly DenseLayer[], calibration: ChainCalibration, rows: Float32Array) {
    checkChain(chain);
    this.#chain = chain;
    this.#calibration = calibration;
    this.#rows = rows;
    this.#count = rows.length / chain[0].width;
    let input = rows;
    for (const layer of chain) {
      const sums = multiply(layer, layer.weights, input);
      this.#inputs.push(input);
      this.#sums.push(sums);
      input = outputsOf(layer, sums, layer.bias);
    }
  }

  /**
   * The chain with int8 weights in every layer, for a graph whose first `int8Layers` layers compute in int8 and whose
   * others compute in float with these weights.
   */
  round(int8Layers: number): DenseLayer[] {
    for (let i = this.#int8.length; i < int8Layers; i++) {
      const input = this.#int8[i - 1]?.outputs ?? fakeQuantize(this.#rows, this.#calibration.input);
      const { layer, outputs } = this.#roundLayer(i, input);
      this.#int8.push({ layer, outputs: fakeQuantize(outputs, this.#calibration.layers[i].output) });
    }
    const layers = this.#int8.slice(0, int8Layers).map(({ layer }) => layer);
    let input = int8Layers === 0 ? this.#rows : this.#int8[int8Layers - 1].outputs;
    for (let i = int8Layers; i < this.#chain.length; i++) {
      const { layer, outputs } = this.#roundLayer(i, input);
      layers.push(layer);
      input = outputs;
    }
    return layers;
  }

  #roundLayer(index: number, input: Float32Array): RoundedLayer {
    const layer = this.#chain[index];
    const { width, units } = layer;
    const means = meansOf(input, width);
    const covariance = covarianceOf(input, means, input, means);
    const weights = fitWeights(layer, covariance, this.#inputs[index], input, means);
    const int8Weights = roundWeights(weights, width, covariance);
    const rounded = Float32Array.from(int8Weights.values, (value) => value * int8Weights.scale);
    const sums = multiply(layer, rounded, input);
    const bias = Float32Array.from({ length: units }, (_, unit) => layer.bias?.[unit] ?? 0);
    const shift = new Float64Array(units);
    for (let at = 0; at < sums.length; at++) shift[at % units] += (this.#sums[index][at] - sums[at]) / this.#count;
    for (let unit = 0; unit < units; unit++) bias[unit] += shift[unit];
    return { layer: { ...layer, weights: rounded, int8Weights, bias }, outputs: outputsOf(layer, sums, bias) };
  }
}

/** W + W D (C + ridge)⁻¹ with D = cov(exact, input) - C: what the weights must be for the sums to be the exact ones. */
function fitWeights(
  { weights, width }: DenseLayer,
  covariance: Float64Array,
  exact: Float32Array,
  input: Float32Array,
  means: Float64Array,
): Float64Array {
  const fitted = Float64Array.from(weights);
  if (exact === input) return fitted;
  const difference = covarianceOf(exact, meansOf(exact, width), input, means);
  for (let i = 0; i < difference.length; i++) difference[i] -= covariance[i];
  const change = product(difference, inverse(damped(covariance, width, RIDGE), width), width);
  const moved = product(fitted, change, width);
  for (let i = 0; i < fitted.length; i++) fitted[i] += moved[i];
  return fitted;
}

/** a [n, size] times b [size, size]. */
function product(a: Float64Array, b: Float64Array, size: number): Float64Array {
  const result = new Float64Array(a.length);
  for (let row = 0; row < a.length; row += size) {
    for (let k = 0; k < size; k++) {
      const factor = a[row + k];
      for (let column = 0; column < size; column++) result[row + column] += factor * b[k * size + column];
    }
  }
  return result;
}

function meansOf(values: Float32Array, width: number): Float64Array {
  const means = new Float64Array(width);
  for (let at = 0; at < values.length; at++) means[at % width] += values[at];
  for (let i = 0; i < width; i++) means[i] /= values.length / width;
  return means;
}

/** Covariance [width, width] of the columns of `a` with those of `b`, both [n, width]. */
function covarianceOf(a: Float32Array, meansA: Float64Array, b: Float32Array, meansB: Float64Array): Float64Array {
  const width = meansA.length;
  const count = a.length / width;
  const covariance = new Float64Array(width * width);
  for (let row = 0; row < a.length; row += width) {
    for (let i = 0; i < width; i++) {
      const factor = a[row + i];
      if (factor === 0) continue;
      for (let j = 0; j < width; j++) covariance[i * width + j] += factor * b[row + j];
    }
  }
  for (let i = 0; i < width; i++) {
    for (let j = 0; j < width; j++) {
      covariance[i * width + j] = covariance[i * width + j] / count - meansA[i] * meansB[j];
    }
  }
  return covariance;
}

/** Values as their int8 steps stand for. */
function fakeQuantize(values: Float32Array, range: Range): Float32Array {
  const { scale, zeroPoint } = affineOfRange(range);
  return values.map((value) => {
    const step = Math.min(127, Math.max(-128, Math.round(value / scale) + zeroPoint));
    return (step - zeroPoint) * scale;
  });
}

function multiply({ width, units }: DenseLayer, weights: Float32Array, x: Float32Array): Float32Array {
  const sums = new Float32Array((x.length / width) * units);
  for (let from = 0, to = 0; from < x.length; from += width) {
    for (let unit = 0; unit < units; unit++, to++) {
      let sum = 0;
      for (let i = 0, at = unit * width; i < width; i++) sum += weights[at + i] * x[from + i];
      sums[to] = sum;
    }
  }
  return sums;
}

function outputsOf(layer: DenseLayer, sums: Float32Array, bias: Float32Array | null): Float32Array {
  return sums.map((sum, at) => activate(layer, sum + (bias?.[at % layer.units] ?? 0)));
}
