import type { GraphBuilder } from '../builder/graph-builder.ts';
import { perTensor, type Affine, type TensorHandle } from '../builder/handles.ts';
import { TfliteError } from '../error.ts';
import type { FusedActivation } from '../model/operator-options.ts';
import { checkChain, isFused, type ChainCalibration } from './chain-calibration.ts';
import { quantizeBias, quantizeValues, quantizeWeights, type DenseLayer } from './dense.ts';
import { affineOfRange } from './range.ts';

/** One layer in int8, ready for `appendQuantizedChain`. */
export interface QuantizedDense {
  readonly layer: DenseLayer;
  readonly weights: Int8Array;
  readonly weightScale: number;
  readonly bias: Int32Array;
  readonly biasSaturated: number;
  /** Scale of the int32 sum after it was brought back to int8. */
  readonly sum: Affine;
  /** Scale after the activation; the same as `sum` where it is fused. */
  readonly output: Affine;
}

export interface QuantizedChain {
  readonly input: Affine;
  readonly layers: readonly QuantizedDense[];
}

/** Scales that the specification fixes for the results of TANH and LOGISTIC. */
const FIXED_OUTPUT: Readonly<Record<string, Affine>> = {
  tanh: { scale: 1 / 128, zeroPoint: 0 },
  logistic: { scale: 1 / 256, zeroPoint: -128 },
};

/**
 * Quantises a chain of dense layers: weights symmetric per tensor, activations by their calibrated ranges, bias int32 in
 * the product of the scales of input and weights.
 */
export function quantizeChain(layers: readonly DenseLayer[], calibration: ChainCalibration): QuantizedChain {
  checkChain(layers);
  if (calibration.layers.length !== layers.length)
    throw new TfliteError('calibration', `is of ${calibration.layers.length} layers, not ${layers.length}`);
  const input = affineOfRange(calibration.input);
  let scale = input.scale;
  const quantized = layers.map((layer, i): QuantizedDense => {
    const weights = layer.int8Weights ?? quantizeWeights(layer.weights);
    const bias = quantizeBias(layer.bias ?? new Float32Array(layer.units), scale, weights.scale);
    const sum = affineOfRange(calibration.layers[i].sum);
    const output = isFused(layer)
      ? sum
      : (FIXED_OUTPUT[layer.activation] ?? affineOfRange(calibration.layers[i].output));
    scale = output.scale;
    return {
      layer,
      weights: weights.values,
      weightScale: weights.scale,
      bias: bias.values,
      biasSaturated: bias.saturated,
      sum,
      output,
    };
  });
  return { input, layers: quantized };
}

/** How a quantised chain treats representative rows. */
export interface SaturationReport {
  /** Input values outside of the input's range. */
  readonly input: number;
  /** Bias values outside of int32, by layer. */
  readonly bias: readonly number[];
}

/** Counts what a chain had to cut off. */
export function chainSaturation(chain: QuantizedChain, rows: Float32Array): SaturationReport {
  return { input: quantizeValues(rows, chain.input).saturated, bias: chain.layers.map((layer) => layer.biasSaturated) };
}

/**
 * Adds dense layers that compute in float32 to a graph; gives the last result. Weights that were rounded to int8 are
 * stored as int8 and expanded when the graph is loaded.
 */
export function appendDenseChain(
  g: GraphBuilder,
  x: TensorHandle,
  layers: readonly DenseLayer[],
  prefix = 'dense',
): TensorHandle {
  let current = x;
  for (const layer of layers) current = appendDense(g, current, layer, `${prefix}/${layer.name}`);
  return current;
}

function appendDense(g: GraphBuilder, x: TensorHandle, layer: DenseLayer, name: string): TensorHandle {
  const weights = appendWeights(g, layer, name);
  const bias = layer.bias === null ? null : g.constant(`${name}/bias`, [layer.units], layer.bias);
  const fused = isFused(layer);
  const sum = g.fullyConnected(
    x,
    weights,
    bias,
    fused ? (layer.activation as FusedActivation) : 'none',
    fused ? name : `${name}/sum`,
  );
  return fused ? sum : appendActivation(g, sum, layer, name);
}

function appendWeights(
  g: GraphBuilder,
  { units, width, weights, int8Weights }: DenseLayer,
  name: string,
): TensorHandle {
  if (int8Weights === undefined) return g.constant(`${name}/weights`, [units, width], weights);
  const { values, scale } = int8Weights;
  const quantization = perTensor({ scale, zeroPoint: 0 });
  const stored = g.constant(`${name}/weights`, [units, width], values, { quantization });
  return g.dequantize(stored, `${name}/weights/float`);
}

function appendActivation(
  g: GraphBuilder,
  sum: TensorHandle,
  layer: DenseLayer,
  name: string,
  output?: Affine,
): TensorHandle {
  const result = { name, ...(output === undefined ? {} : { quantization: output }) };
  switch (layer.activation) {
    case 'tanh':
      return g.operator('TANH', [sum], {}, result);
    case 'logistic':
      return g.operator('LOGISTIC', [sum], {}, result);
    case 'elu':
      return g.operator('ELU', [sum], {}, result);
    case 'leaky_relu':
      return g.operator('LEAKY_RELU', [sum], { alpha: layer.alpha ?? 0.3 }, result);
    default:
      return sum;
  }
}

/**
 * Adds a quantised chain to a float graph: QUANTIZE, the layers in int8, DEQUANTIZE. Takes and gives float32.
 */
export function appendQuantizedChain(
  g: GraphBuilder,
  x: TensorHandle,
  chain: QuantizedChain,
  prefix = 'dense',
): TensorHandle {
  let current = g.quantize(x, chain.input, `${prefix}/quantized`);
  for (const each of chain.layers) current = appendQuantized(g, current, each, `${prefix}/${each.layer.name}`);
  return g.dequantize(current, `${prefix}/dequantized`);
}

function appendQuantized(g: GraphBuilder, x: TensorHandle, each: QuantizedDense, name: string): TensorHandle {
  const { layer } = each;
  const inputScale = x.quantization?.scale[0] ?? 1;
  const weights = g.constant(`${name}/weights`, [layer.units, layer.width], each.weights, {
    quantization: perTensor({ scale: each.weightScale, zeroPoint: 0 }),
  });
  const bias = g.constant(`${name}/bias`, [layer.units], each.bias, {
    quantization: perTensor({ scale: Math.fround(inputScale * each.weightScale), zeroPoint: 0 }),
  });
  const fused = isFused(layer);
  const activation = fused ? (layer.activation as FusedActivation) : 'none';
  const sum = g.fullyConnectedInt8(x, weights, bias, each.sum, activation, fused ? name : `${name}/sum`);
  return fused ? sum : appendActivation(g, sum, layer, name, each.output);
}
