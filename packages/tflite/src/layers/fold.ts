import { activationOption, axisOption, booleanOption, depthwiseKernelName, numberOption, weight } from './config.ts';
import type { Layer, LayerCall, LayersModel, LayerWeight } from './layers-model.ts';
import { separateActivations } from './separate-activations.ts';
import { valueRanks } from './value-ranks.ts';

/** Layers that do nothing outside of training. */
export const TRAINING_ONLY: ReadonlySet<string> = new Set([
  'ActivityRegularization',
  'AlphaDropout',
  'Dropout',
  'GaussianDropout',
  'GaussianNoise',
  'SpatialDropout1D',
  'SpatialDropout2D',
]);

/** Layers whose kernel ends in the output channels, into which a following scale and shift can be folded. */
const FOLDABLE: ReadonlySet<string> = new Set(['Dense', 'Conv1D', 'Conv2D', 'DepthwiseConv2D']);

/**
 * The model without layers that only matter in training, with batch normalisation folded into the dense or convolutional
 * layer before it, and with plain activation layers fused into the layer before them, where that layer feeds nothing
 * else. The bias of that layer is kept in the fold: y = (W x + b - mean) * gamma / sqrt(variance + epsilon) + beta.
 */
export function simplify(model: LayersModel): LayersModel {
  return fuseActivations(foldBatchNormalization(dropTrainingOnly(separateActivations(model))));
}

/** Replaces the uses of some values by others. */
function redirect(model: LayersModel, calls: readonly LayerCall[], instead: ReadonlyMap<number, number>): LayersModel {
  const follow = (value: number): number => {
    let current = value;
    for (let next = instead.get(current); next !== undefined; next = instead.get(current)) current = next;
    return current;
  };
  return {
    ...model,
    calls: calls.map((call) => ({ ...call, inputs: call.inputs.map(follow) })),
    outputs: model.outputs.map((output) => ({ ...output, value: follow(output.value) })),
  };
}

function dropTrainingOnly(model: LayersModel): LayersModel {
  const instead = new Map<number, number>();
  const calls = model.calls.filter((call) => {
    if (!TRAINING_ONLY.has(call.layer.className)) return true;
    instead.set(call.output, call.inputs[0]);
    return false;
  });
  return redirect(model, calls, instead);
}

/** How often each value is used, as an input or an output. */
function uses(model: LayersModel): Map<number, number> {
  const counts = new Map<number, number>();
  const add = (value: number): void => void counts.set(value, (counts.get(value) ?? 0) + 1);
  for (const call of model.calls) call.inputs.forEach(add);
  for (const output of model.outputs) add(output.value);
  return counts;
}

/** Merges a call into the one before it where `merge` gives a layer for both. `rank` is of the value between them. */
function mergePairs(
  model: LayersModel,
  merge: (first: Layer, second: Layer, rank: number) => Layer | undefined,
): LayersModel {
  const counts = uses(model);
  const ranks = valueRanks(model);
  const instead = new Map<number, number>();
  const calls: LayerCall[] = [];
  const position = new Map<number, number>();
  for (const call of model.calls) {
    const source = instead.get(call.inputs[0]) ?? call.inputs[0];
    const at = call.inputs.length === 1 && counts.get(call.inputs[0]) === 1 ? position.get(source) : undefined;
    const merged = at === undefined ? undefined : merge(calls[at].layer, call.layer, ranks.get(call.inputs[0]) ?? 0);
    if (at === undefined || merged === undefined) {
      position.set(call.output, calls.push(call) - 1);
      continue;
    }
    calls[at] = { ...calls[at], layer: merged };
    instead.set(call.output, source);
  }
  return redirect(model, calls, instead);
}

function foldBatchNormalization(model: LayersModel): LayersModel {
  return mergePairs(model, (first, second, rank) => {
    if (second.className !== 'BatchNormalization' || !FOLDABLE.has(first.className)) return undefined;
    if (activationOption(first) !== 'linear') return undefined;
    const affine = batchNormalizationAffine(second);
    const kernelName = first.className === 'DepthwiseConv2D' ? depthwiseKernelName(first) : 'kernel';
    const kernel = weight(first, kernelName);
    const channels = affine.scale.length;
    if (axisOption(second, rank) !== rank - 1) return undefined;
    const last = first.className === 'DepthwiseConv2D' ? kernel.shape[2] * kernel.shape[3] : kernel.shape.at(-1);
    if (last !== channels) return undefined;
    const bias = booleanOption(first, 'use_bias', true) ? weight(first, 'bias').data : new Float32Array(channels);
    const weights = new Map(first.weights);
    weights.set(kernelName, {
      shape: kernel.shape,
      data: kernel.data.map((value, i) => value * affine.scale[i % channels]),
    });
    weights.set('bias', { shape: [channels], data: bias.map((value, i) => value * affine.scale[i] + affine.shift[i]) });
    return { ...first, config: { ...first.config, use_bias: true }, weights };
  });
}

/** Batch normalisation as y = x * scale + shift, in double precision. */
export function batchNormalizationAffine(layer: Layer): { scale: Float64Array; shift: Float64Array } {
  const mean = weight(layer, 'moving_mean').data;
  const variance = weight(layer, 'moving_variance').data;
  const one = (name: string, option: string): LayerWeight | undefined =>
    booleanOption(layer, option, true) ? weight(layer, name) : undefined;
  const gamma = one('gamma', 'scale')?.data;
  const beta = one('beta', 'center')?.data;
  const epsilon = numberOption(layer, 'epsilon', 1e-3);
  const scale = Float64Array.from(variance, (value, i) => (gamma?.[i] ?? 1) / Math.sqrt(value + epsilon));
  const shift = Float64Array.from(mean, (value, i) => (beta?.[i] ?? 0) - value * scale[i]);
  return { scale, shift };
}

/** Activations that change one value at a time and that dense and convolutional layers know by name. */
const FUSABLE: ReadonlySet<string> = new Set(['relu', 'relu6', 'tanh', 'sigmoid', 'elu']);

function fuseActivations(model: LayersModel): LayersModel {
  return mergePairs(model, (first, second) => {
    if (!FOLDABLE.has(first.className) || activationOption(first) !== 'linear') return undefined;
    const activation = plainActivation(second);
    return activation === undefined ? undefined : { ...first, config: { ...first.config, activation } };
  });
}

function plainActivation(layer: Layer): string | undefined {
  if (layer.className === 'Activation') {
    const name = activationOption(layer);
    return FUSABLE.has(name) ? name : undefined;
  }
  if (layer.className !== 'ReLU') return undefined;
  const plain = numberOption(layer, 'negative_slope', 0) === 0 && numberOption(layer, 'threshold', 0) === 0;
  if (!plain) return undefined;
  const limit = layer.config['max_value'];
  if (limit === undefined || limit === null) return 'relu';
  return limit === 6 ? 'relu6' : undefined;
}
