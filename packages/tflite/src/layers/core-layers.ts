import type { TensorHandle } from '../builder/handles.ts';
import { applyActivation, applyRest, fusedPart, scaledElu } from './activations.ts';
import { activationOption, axisOption, booleanOption, numberOption, numbersOption, weight } from './config.ts';
import { onlyInput, refuse, transposed, type ConverterCall, type LayerConverter } from './converter.ts';
import type { Layer } from './layers-model.ts';
import { batchNormalizationAffine } from './fold.ts';

function dense(call: ConverterCall): TensorHandle {
  const { g, layer } = call;
  const x = onlyInput(call);
  const kernel = weight(layer, 'kernel');
  const [width, units] = kernel.shape;
  if (kernel.shape.length !== 2 || x.shape.at(-1) !== width)
    refuse(layer, `kernel [${kernel.shape.join(', ')}] does not fit input [${x.shape.join(', ')}]`);
  const weights = g.constant(`${layer.name}/weights`, [units, width], transposed(kernel.data, width, units));
  const bias = booleanOption(layer, 'use_bias', true)
    ? g.constant(`${layer.name}/bias`, [units], weight(layer, 'bias').data)
    : null;
  const activation = activationOption(layer);
  return applyRest(g, g.fullyConnected(x, weights, bias, fusedPart(activation), layer.name), activation, layer.name);
}

function relu(call: ConverterCall): TensorHandle {
  const { g, layer } = call;
  const x = onlyInput(call);
  const slope = numberOption(layer, 'negative_slope', 0);
  if (numberOption(layer, 'threshold', 0) !== 0) refuse(layer, 'a threshold other than 0 is not supported');
  const limit = layer.config['max_value'];
  const rising = (name?: string): TensorHandle => (slope === 0 ? g.relu(x, name) : g.leakyRelu(x, slope, name));
  if (limit === undefined || limit === null) return rising(layer.name);
  if (limit === 6 && slope === 0) return g.relu6(x, layer.name);
  return g.minimum(rising(), g.scalar(numberOption(layer, 'max_value', 0)), layer.name);
}

function leakyRelu(call: ConverterCall): TensorHandle {
  const alpha = numberOption(call.layer, 'alpha', numberOption(call.layer, 'negative_slope', 0.3));
  return call.g.leakyRelu(onlyInput(call), alpha, call.layer.name);
}

function prelu(call: ConverterCall): TensorHandle {
  const { g, layer } = call;
  const slopes = weight(layer, 'alpha');
  return g.prelu(onlyInput(call), g.constant(`${layer.name}/alpha`, slopes.shape, slopes.data), layer.name);
}

function elu(call: ConverterCall): TensorHandle {
  return scaledElu(call.g, onlyInput(call), numberOption(call.layer, 'alpha', 1), 1, call.layer.name);
}

function softmax(call: ConverterCall): TensorHandle {
  const { g, layer } = call;
  const x = onlyInput(call);
  const rank = x.shape.length;
  const axis = axisOption(layer, rank);
  if (axis === 0) refuse(layer, 'cannot work along the batch');
  if (axis === rank - 1) return g.softmax(x, 1, layer.name);
  // The kernel knows only the last dimension: swap the two, which is its own inverse.
  const order = Array.from({ length: rank }, (_, d) => (d === axis ? rank - 1 : d === rank - 1 ? axis : d));
  return g.transpose(g.softmax(g.transpose(x, order)), order, layer.name);
}

function activation(call: ConverterCall): TensorHandle {
  return applyActivation(call.g, onlyInput(call), activationOption(call.layer), call.layer.name);
}

/** Batch normalisation that could not be folded: a scale and a shift for each channel. */
function batchNormalization(call: ConverterCall): TensorHandle {
  const { g, layer } = call;
  const x = onlyInput(call);
  const { scale, shift } = batchNormalizationAffine(layer);
  const axis = axisOption(layer, x.shape.length);
  // Trailing ones let the constants broadcast along another axis than the last.
  const shape = [scale.length, ...x.shape.slice(axis + 1).map(() => 1)];
  if (axis === 0 || x.shape[axis] !== scale.length)
    refuse(layer, `has ${scale.length} channels, axis ${axis} of its input has ${x.shape[axis]}`);
  const scaled = g.mul(x, g.constant(`${layer.name}/scale`, shape, Float32Array.from(scale)));
  return g.add(scaled, g.constant(`${layer.name}/shift`, shape, Float32Array.from(shift)), 'none', layer.name);
}

function layerNormalization(call: ConverterCall): TensorHandle {
  const { g, layer } = call;
  const x = onlyInput(call);
  if (axisOption(layer, x.shape.length) !== x.shape.length - 1) refuse(layer, 'only the last axis is supported');
  const last = [x.shape.length - 1];
  const centred = g.sub(x, g.mean(x, last, true));
  const variance = g.mean(g.square(centred), last, true);
  const factor = g.rsqrt(g.add(variance, g.scalar(numberOption(layer, 'epsilon', 1e-3))));
  let y = g.mul(centred, factor);
  if (booleanOption(layer, 'scale', true)) y = g.mul(y, g.row(`${layer.name}/gamma`, weight(layer, 'gamma').data));
  if (booleanOption(layer, 'center', true)) y = g.add(y, g.row(`${layer.name}/beta`, weight(layer, 'beta').data));
  return y;
}

/**
 * Keras' Normalization: (x - mean) / max(sqrt(variance), 1e-7), or its inverse, by the statistics that `adapt` left or that
 * were given: one for each value of the last axis, or, with no axis, one for all.
 */
function normalization(call: ConverterCall): TensorHandle {
  const { g, layer } = call;
  const x = onlyInput(call);
  const axes = layer.config['axis'];
  const whole = axes === null || (Array.isArray(axes) && axes.length === 0);
  const width = whole ? 1 : x.shape.at(-1)!;
  if (!whole && axisOption(layer, x.shape.length) !== x.shape.length - 1)
    refuse(layer, 'only the last axis, or none, is supported');
  const mean = statistic(layer, 'mean', width);
  const variance = statistic(layer, 'variance', width);
  const deviation = variance.map((value) => Math.max(Math.sqrt(value), 1e-7));
  const [centre, spread] = [g.row(`${layer.name}/mean`, mean), g.row(`${layer.name}/deviation`, deviation)];
  if (booleanOption(layer, 'invert', false)) return g.add(g.mul(x, spread), centre, 'none', layer.name);
  return g.div(g.sub(x, centre), spread, 'none', layer.name);
}

/** Statistics lie among the weights after `adapt`, and in the configuration where they were given. */
function statistic(layer: Layer, name: string, width: number): Float32Array {
  const given = layer.config[name] !== undefined && layer.config[name] !== null;
  const values = given ? Float32Array.from(numbersOption(layer, name, width, 0)) : weight(layer, name).data;
  return values.length === width
    ? values
    : refuse(layer, `has ${values.length} values of ${name} for ${width} columns`);
}

function rescaling(call: ConverterCall): TensorHandle {
  const { g, layer } = call;
  const scaled = g.mul(onlyInput(call), g.scalar(numberOption(layer, 'scale', 1)));
  return g.add(scaled, g.scalar(numberOption(layer, 'offset', 0)), 'none', layer.name);
}

function embedding(call: ConverterCall): TensorHandle {
  const { g, layer } = call;
  const x = onlyInput(call);
  if (booleanOption(layer, 'mask_zero', false)) refuse(layer, 'mask_zero is not supported');
  const table = weight(layer, 'embeddings');
  const params = g.constant(`${layer.name}/embeddings`, table.shape, table.data);
  const indices = x.type === 'int32' ? x : g.cast(x, 'int32');
  return g.gather(params, indices, 0, layer.name);
}

export const CORE_CONVERTERS: Readonly<Record<string, LayerConverter>> = {
  Activation: activation,
  BatchNormalization: batchNormalization,
  Dense: dense,
  ELU: elu,
  Embedding: embedding,
  LayerNormalization: layerNormalization,
  LeakyReLU: leakyRelu,
  Normalization: normalization,
  PReLU: prelu,
  ReLU: relu,
  Rescaling: rescaling,
  Softmax: softmax,
};
