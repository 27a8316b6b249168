import type { Layer, LayerCall, LayersModel } from './layers-model.ts';

/** Layers that Keras takes as the activation of another layer, whose options would else be lost. */
const ACTIVATION_LAYERS: ReadonlySet<unknown> = new Set(['ELU', 'LeakyReLU', 'ReLU', 'Softmax']);

/** The model with every activation that is a layer of its own, such as `ReLU(max_value=6)`, as a call of its own. */
export function separateActivations(model: LayersModel): LayersModel {
  if (!model.calls.some((call) => activationLayer(call.layer) !== undefined)) return model;
  const taken = [...model.inputs.map(({ value }) => value), ...model.calls.map(({ output }) => output)];
  let values = taken.reduce((most, value) => Math.max(most, value), -1) + 1;
  const calls = model.calls.flatMap((call): LayerCall[] => {
    const activation = activationLayer(call.layer);
    if (activation === undefined) return [call];
    const between = values++;
    const layer = { ...call.layer, config: { ...call.layer.config, activation: 'linear' } };
    return [
      { ...call, layer, output: between },
      { layer: activation, inputs: [between], output: call.output },
    ];
  });
  return { ...model, calls };
}

function activationLayer({ name, config }: Layer): Layer | undefined {
  const value = (config['activation'] ?? {}) as { class_name?: unknown; config?: unknown };
  if (!ACTIVATION_LAYERS.has(value.class_name)) return undefined;
  const options = typeof value.config === 'object' && value.config !== null ? value.config : {};
  return {
    name: `${name}/activation`,
    className: value.class_name as string,
    config: options as Layer['config'],
    weights: new Map(),
  };
}
