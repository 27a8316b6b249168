import type { GraphBuilder } from '../builder/graph-builder.ts';
import type { TensorHandle } from '../builder/handles.ts';
import type { Padding } from '../model/operator-options.ts';
import { applyRest, fusedPart } from './activations.ts';
import {
  activationOption,
  booleanOption,
  depthwiseKernelName,
  numberOption,
  numbersOption,
  requireChannelsLast,
  weight,
} from './config.ts';
import { onlyInput, refuse, type ConverterCall, type LayerConverter } from './converter.ts';
import type { Layer } from './layers-model.ts';

type Pair = readonly [number, number];

function pair(layer: Layer, key: string, fallback: number): Pair {
  const [height, width] = numbersOption(layer, key, 2, fallback);
  return [height, width];
}

function paddingOption(layer: Layer): Padding | 'causal' {
  const value = layer.config['padding'] ?? 'valid';
  if (value === 'same' || value === 'valid' || value === 'causal') return value;
  return refuse(layer, `padding ${String(value)} is not supported`);
}

function biasOf(g: GraphBuilder, layer: Layer, channels: number): TensorHandle | null {
  return booleanOption(layer, 'use_bias', true)
    ? g.constant(`${layer.name}/bias`, [channels], weight(layer, 'bias').data)
    : null;
}

/** A kernel [height, width, in, out] as TensorFlow Lite wants it: [out, height, width, in]. */
function outputsFirst(data: Float32Array, taps: number, inputs: number, outputs: number): Float32Array {
  const result = new Float32Array(data.length);
  for (let tap = 0; tap < taps; tap++) {
    for (let i = 0; i < inputs; i++) {
      for (let o = 0; o < outputs; o++) result[(o * taps + tap) * inputs + i] = data[(tap * inputs + i) * outputs + o];
    }
  }
  return result;
}

function requireOneGroup(layer: Layer): void {
  if (numberOption(layer, 'groups', 1) !== 1) refuse(layer, 'groups of channels are not supported');
}

function checkStrides(layer: Layer, strides: Pair, dilations: Pair): void {
  if (strides.some((stride) => stride !== 1) && dilations.some((dilation) => dilation !== 1)) {
    refuse(layer, 'strides and dilations together are not supported');
  }
}

function conv2d(call: ConverterCall): TensorHandle {
  const { g, layer } = call;
  requireChannelsLast(layer);
  requireOneGroup(layer);
  const x = onlyInput(call);
  const kernel = weight(layer, 'kernel');
  const [height, width, inputs, outputs] = kernel.shape;
  if (kernel.shape.length !== 4 || inputs !== x.shape[3])
    refuse(layer, `kernel [${kernel.shape.join(', ')}] does not fit input [${x.shape.join(', ')}]`);
  const padding = paddingOption(layer);
  if (padding === 'causal') refuse(layer, 'causal padding is for Conv1D only');
  const strides = pair(layer, 'strides', 1);
  const dilations = pair(layer, 'dilation_rate', 1);
  checkStrides(layer, strides, dilations);
  const filter = g.constant(
    `${layer.name}/filter`,
    [outputs, height, width, inputs],
    outputsFirst(kernel.data, height * width, inputs, outputs),
  );
  const activation = activationOption(layer);
  const options = { strides, dilations, padding, activation: fusedPart(activation), name: layer.name };
  return applyRest(g, g.conv2d(x, filter, biasOf(g, layer, outputs), options), activation, layer.name);
}

/** A convolution over [batch, steps, channels]: one of two dimensions with a height of 1. */
function conv1d(call: ConverterCall): TensorHandle {
  const { g, layer } = call;
  requireChannelsLast(layer);
  requireOneGroup(layer);
  const x = onlyInput(call);
  const kernel = weight(layer, 'kernel');
  const [size, inputs, outputs] = kernel.shape;
  if (kernel.shape.length !== 3 || inputs !== x.shape[2])
    refuse(layer, `kernel [${kernel.shape.join(', ')}] does not fit input [${x.shape.join(', ')}]`);
  const [stride] = numbersOption(layer, 'strides', 1, 1);
  const [dilation] = numbersOption(layer, 'dilation_rate', 1, 1);
  checkStrides(layer, [1, stride], [1, dilation]);
  const padding = paddingOption(layer);
  // Causal: a step sees itself and what was before it.
  const padded =
    padding === 'causal'
      ? g.pad(x, [
          [0, 0],
          [(size - 1) * dilation, 0],
          [0, 0],
        ])
      : x;
  const image = g.reshape(padded, [-1, 1, padded.shape[1], inputs]);
  const filter = g.constant(
    `${layer.name}/filter`,
    [outputs, 1, size, inputs],
    outputsFirst(kernel.data, size, inputs, outputs),
  );
  const activation = activationOption(layer);
  const y = g.conv2d(image, filter, biasOf(g, layer, outputs), {
    strides: [1, stride],
    dilations: [1, dilation],
    padding: padding === 'causal' ? 'valid' : padding,
    activation: fusedPart(activation),
  });
  return applyRest(g, g.reshape(y, [-1, y.shape[2], outputs], layer.name), activation, layer.name);
}

function depthwise(
  call: ConverterCall,
  kernelName: string,
  options: { bias: boolean; activation: string },
): TensorHandle {
  const { g, layer } = call;
  requireChannelsLast(layer);
  const x = onlyInput(call);
  const kernel = weight(layer, kernelName);
  const [height, width, inputs, multiplier] = kernel.shape;
  if (kernel.shape.length !== 4 || inputs !== x.shape[3])
    refuse(layer, `kernel [${kernel.shape.join(', ')}] does not fit input [${x.shape.join(', ')}]`);
  const padding = paddingOption(layer);
  if (padding === 'causal') refuse(layer, 'causal padding is for Conv1D only');
  const strides = pair(layer, 'strides', 1);
  const dilations = pair(layer, 'dilation_rate', 1);
  checkStrides(layer, strides, dilations);
  // [height, width, in, multiplier] is [1, height, width, in * multiplier] in memory.
  const filter = g.constant(`${layer.name}/depthwise_filter`, [1, height, width, inputs * multiplier], kernel.data);
  const bias = options.bias ? biasOf(g, layer, inputs * multiplier) : null;
  return g.depthwiseConv2d(x, filter, bias, { strides, dilations, padding, activation: fusedPart(options.activation) });
}

function depthwiseConv2d(call: ConverterCall): TensorHandle {
  const activation = activationOption(call.layer);
  return applyRest(
    call.g,
    depthwise(call, depthwiseKernelName(call.layer), { bias: true, activation }),
    activation,
    call.layer.name,
  );
}

function separableConv2d(call: ConverterCall): TensorHandle {
  const { g, layer } = call;
  const inner = depthwise(call, 'depthwise_kernel', { bias: false, activation: 'linear' });
  const kernel = weight(layer, 'pointwise_kernel');
  const [, , inputs, outputs] = kernel.shape;
  const filter = g.constant(
    `${layer.name}/pointwise_filter`,
    [outputs, 1, 1, inputs],
    outputsFirst(kernel.data, 1, inputs, outputs),
  );
  const activation = activationOption(layer);
  const y = g.conv2d(inner, filter, biasOf(g, layer, outputs), { activation: fusedPart(activation), name: layer.name });
  return applyRest(g, y, activation, layer.name);
}

function poolPadding(layer: Layer): Padding {
  const padding = paddingOption(layer);
  return padding === 'causal' ? refuse(layer, 'causal padding is for Conv1D only') : padding;
}

function pool2d(kind: 'averagePool2d' | 'maxPool2d'): LayerConverter {
  return (call) => {
    const { g, layer } = call;
    requireChannelsLast(layer);
    const size = pair(layer, 'pool_size', 2);
    const strides =
      layer.config['strides'] === undefined || layer.config['strides'] === null ? size : pair(layer, 'strides', 1);
    return g[kind](onlyInput(call), { size, strides, padding: poolPadding(layer), name: layer.name });
  };
}

function pool1d(kind: 'averagePool2d' | 'maxPool2d'): LayerConverter {
  return (call) => {
    const { g, layer } = call;
    requireChannelsLast(layer);
    const x = onlyInput(call);
    const [size] = numbersOption(layer, 'pool_size', 1, 2);
    const [stride] = numbersOption(layer, 'strides', 1, size);
    const image = g.reshape(x, [-1, 1, x.shape[1], x.shape[2]]);
    const y = g[kind](image, { size: [1, size], strides: [1, stride], padding: poolPadding(layer) });
    return g.reshape(y, [-1, y.shape[2], y.shape[3]], layer.name);
  };
}

function globalPool(kind: 'mean' | 'reduceMax', axes: readonly number[]): LayerConverter {
  return (call) => {
    requireChannelsLast(call.layer);
    return call.g[kind](onlyInput(call), axes, booleanOption(call.layer, 'keepdims', false), call.layer.name);
  };
}

/** `n`, `[n, n]` or `[[n, n], [n, n]]`: amounts before and after each of the two dimensions. */
function amounts(layer: Layer, key: string, fallback: number): readonly [Pair, Pair] {
  const value = layer.config[key] ?? fallback;
  const sides = Array.isArray(value) ? value : [value, value];
  const pairs = sides.map((side: unknown) => (Array.isArray(side) ? side : [side, side]));
  const fits =
    pairs.length === 2 &&
    pairs.every((side) => side.length === 2 && side.every((n) => Number.isInteger(n) && (n as number) >= 0));
  if (!fits) refuse(layer, `option ${key} is no pair of amounts`);
  return pairs as unknown as [Pair, Pair];
}

function zeroPadding2d(call: ConverterCall): TensorHandle {
  requireChannelsLast(call.layer);
  const [height, width] = amounts(call.layer, 'padding', 1);
  return call.g.pad(onlyInput(call), [[0, 0], height, width, [0, 0]], call.layer.name);
}

function zeroPadding1d(call: ConverterCall): TensorHandle {
  const [before, after] = numbersOption(call.layer, 'padding', 2, 1);
  return call.g.pad(
    onlyInput(call),
    [
      [0, 0],
      [before, after],
      [0, 0],
    ],
    call.layer.name,
  );
}

function cropping2d(call: ConverterCall): TensorHandle {
  requireChannelsLast(call.layer);
  const x = onlyInput(call);
  const [height, width] = amounts(call.layer, 'cropping', 0);
  const size = [-1, x.shape[1] - height[0] - height[1], x.shape[2] - width[0] - width[1], -1];
  if (size[1] < 1 || size[2] < 1) refuse(call.layer, 'crops everything away');
  return call.g.slice(x, [0, height[0], width[0], 0], size, call.layer.name);
}

export const CONVOLUTION_CONVERTERS: Readonly<Record<string, LayerConverter>> = {
  AveragePooling1D: pool1d('averagePool2d'),
  AveragePooling2D: pool2d('averagePool2d'),
  Conv1D: conv1d,
  Conv2D: conv2d,
  Cropping2D: cropping2d,
  DepthwiseConv2D: depthwiseConv2d,
  GlobalAveragePooling1D: globalPool('mean', [1]),
  GlobalAveragePooling2D: globalPool('mean', [1, 2]),
  GlobalMaxPooling1D: globalPool('reduceMax', [1]),
  GlobalMaxPooling2D: globalPool('reduceMax', [1, 2]),
  MaxPooling1D: pool1d('maxPool2d'),
  MaxPooling2D: pool2d('maxPool2d'),
  SeparableConv2D: separableConv2d,
  ZeroPadding1D: zeroPadding1d,
  ZeroPadding2D: zeroPadding2d,
};
