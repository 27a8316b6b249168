import { TfliteError } from '../error.ts';
import type { DenseActivation, DenseLayer } from '../quantize/dense.ts';
import { activationOption, booleanOption, numberOption, weight } from './config.ts';
import { transposed } from './converter.ts';
import { simplify } from './fold.ts';
import type { Layer, LayersModel } from './layers-model.ts';

const ACTIVATIONS: Readonly<Record<string, DenseActivation>> = {
  linear: 'none',
  relu: 'relu',
  relu6: 'relu6',
  tanh: 'tanh',
  sigmoid: 'logistic',
  elu: 'elu',
};

/**
 * A LayersModel that is one chain of dense layers (an autoencoder, for example) as a list of them: batch normalisation
 * folded, dropout and noise removed, activations attached. Weights are [units, width].
 *
 * Throws `TfliteError` that names the first layer that does not fit into a chain.
 */
export function toDenseChain(source: LayersModel): DenseLayer[] {
  const model = simplify(source);
  if (model.inputs.length !== 1 || model.outputs.length !== 1) {
    throw new TfliteError(
      `model ${model.name}`,
      `has ${model.inputs.length} inputs and ${model.outputs.length} outputs, a dense chain has one of each`,
    );
  }
  const chain: DenseLayer[] = [];
  let current = model.inputs[0].value;
  for (const call of model.calls) {
    const { layer } = call;
    if (call.inputs.length !== 1 || call.inputs[0] !== current)
      throw new TfliteError(`layer ${layer.name}`, 'is no part of a single chain');
    if (layer.className === 'Dense') chain.push(denseLayer(layer));
    else attach(chain, layer);
    current = call.output;
  }
  if (current !== model.outputs[0].value)
    throw new TfliteError(`model ${model.name}`, 'has an output in the middle of its chain');
  return chain;
}

function denseLayer(layer: Layer): DenseLayer {
  const kernel = weight(layer, 'kernel');
  const [width, units] = kernel.shape;
  const name = activationOption(layer);
  const activation = Object.hasOwn(ACTIVATIONS, name) ? ACTIVATIONS[name] : undefined;
  if (activation === undefined) {
    throw new TfliteError(
      `layer ${layer.name}`,
      `activation ${activationOption(layer)} is not supported in a dense chain`,
    );
  }
  const bias = booleanOption(layer, 'use_bias', true) ? weight(layer, 'bias').data : null;
  return { name: layer.name, width, units, weights: transposed(kernel.data, width, units), bias, activation };
}

/** An activation layer that no kernel fuses becomes the activation of the dense layer before it. */
function attach(chain: DenseLayer[], layer: Layer): void {
  const before = chain.at(-1);
  const isLeaky = layer.className === 'LeakyReLU';
  const isElu = layer.className === 'ELU' && numberOption(layer, 'alpha', 1) === 1;
  if (before === undefined || before.activation !== 'none' || !(isLeaky || isElu)) {
    throw new TfliteError(`layer ${layer.name}`, `${layer.className} is not supported in a dense chain`);
  }
  const alpha = numberOption(layer, 'alpha', numberOption(layer, 'negative_slope', 0.3));
  chain[chain.length - 1] = isLeaky ? { ...before, activation: 'leaky_relu', alpha } : { ...before, activation: 'elu' };
}
