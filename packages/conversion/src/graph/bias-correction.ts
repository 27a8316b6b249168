import {
  activate,
  affineOfRange,
  type ChainCalibration,
  type DenseLayer,
  quantizeWeights,
} from '@edgeguard/tflite/quantize';

/**
 * Moves the biases of a chain so that each layer's mean sum over the rows is that of the float chain, although its input
 * and weights are rounded to int8. Rounding to a few steps shifts means, and a shift adds up from layer to layer. (Nagel
 * and others 2019, "Data-Free Quantization Through Weight Equalization and Bias Correction", section 4.2, on rows.)
 *
 * @param chain       float layers
 * @param calibration ranges of all tensors of the chain
 * @param int8Layers  how many layers, from the first on, are int8; the others stay float
 * @param inputs      model inputs [count, width of the first layer]
 * @returns the chain with other biases
 */
export function correctBiases(
  chain: readonly DenseLayer[],
  calibration: ChainCalibration,
  int8Layers: number,
  inputs: Float32Array,
  count: number,
): DenseLayer[] {
  let exact: Float32Array = inputs;
  let rounded = fakeQuantize(inputs, calibration.input);
  return chain.map((layer, index) => {
    const quantized = index < int8Layers;
    const exactSums = multiply(layer.weights, exact, layer, count);
    const roundedSums = multiply(quantized ? roundedWeights(layer.weights) : layer.weights, rounded, layer, count);
    const shift = meanDifference(exactSums, roundedSums, layer.units, count);
    const bias = Float32Array.from(shift, (value, unit) => (layer.bias?.[unit] ?? 0) + value);
    exact = outputsOf(layer, exactSums, layer.bias);
    rounded = outputsOf(layer, roundedSums, bias);
    if (quantized) rounded = fakeQuantize(rounded, calibration.layers[index]!.output);
    return { ...layer, bias };
  });
}

/** Weights as their int8 steps stand for. */
function roundedWeights(weights: Float32Array): Float32Array {
  const { values, scale } = quantizeWeights(weights);
  return Float32Array.from(values, (value) => value * scale);
}

/** Values as their int8 steps stand for. */
function fakeQuantize(values: Float32Array, range: ChainCalibration['input']): Float32Array {
  const { scale, zeroPoint } = affineOfRange(range);
  return values.map((value) => {
    const step = Math.min(127, Math.max(-128, Math.round(value / scale) + zeroPoint));
    return (step - zeroPoint) * scale;
  });
}

function multiply(weights: Float32Array, x: Float32Array, { width, units }: DenseLayer, count: number): Float32Array {
  const sums = new Float32Array(count * units);
  for (let row = 0; row < count; row++) {
    for (let unit = 0; unit < units; unit++) {
      let sum = 0;
      for (let i = 0, from = row * width, at = unit * width; i < width; i++) sum += weights[at + i]! * x[from + i]!;
      sums[row * units + unit] = sum;
    }
  }
  return sums;
}

function meanDifference(wanted: Float32Array, found: Float32Array, units: number, count: number): Float64Array {
  const shift = new Float64Array(units);
  for (let at = 0; at < count * units; at++) shift[at % units]! += (wanted[at]! - found[at]!) / count;
  return shift;
}

function outputsOf(layer: DenseLayer, sums: Float32Array, bias: Float32Array | null): Float32Array {
  return sums.map((sum, at) => activate(layer, sum + (bias?.[at % layer.units] ?? 0)));
}
