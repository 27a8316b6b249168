import { GraphBuilder } from '../builder/graph-builder.ts';
import type { TensorHandle } from '../builder/handles.ts';
import { TfliteError } from '../error.ts';
import { padExplicitly } from '../model/pad-explicitly.ts';
import type { Model } from '../model/types.ts';
import { CONVOLUTION_CONVERTERS } from './convolution-layers.ts';
import { CORE_CONVERTERS } from './core-layers.ts';
import type { LayerConverter } from './converter.ts';
import { simplify, TRAINING_ONLY } from './fold.ts';
import type { LayersModel } from './layers-model.ts';
import { SHAPE_CONVERTERS } from './shape-layers.ts';

const CONVERTERS: Readonly<Record<string, LayerConverter>> = {
  ...CORE_CONVERTERS,
  ...SHAPE_CONVERTERS,
  ...CONVOLUTION_CONVERTERS,
};

/** Keras classes of the layers that can be converted. Those that only matter in training, and names of inputs, vanish. */
export const SUPPORTED_LAYERS: readonly string[] = [
  ...Object.keys(CONVERTERS),
  ...TRAINING_ONLY,
  'InputLayer',
].toSorted();

export interface ConvertOptions {
  /** Text that the model carries as its description. */
  readonly description?: string;
}

/**
 * Converts a LayersModel to a TensorFlow Lite model in float32, with an open batch and the signature `serving_default`.
 * Layers that only matter in training are removed, batch normalisation is folded. Throws `TfliteError` that names the
 * layer where one is not supported.
 */
export function convertToFloat32(source: LayersModel, options: ConvertOptions = {}): Model {
  // All unsupported layers at once: fixing them one by one is tedious.
  const unknown = [
    ...new Set(source.calls.map((call) => call.layer).filter((layer) => !SUPPORTED_LAYERS.includes(layer.className))),
  ];
  if (unknown.length > 0) {
    const names = unknown.map((layer) => `${layer.name} (${layer.className})`).join(', ');
    throw new TfliteError(
      `model ${source.name}`,
      `has layers that are not supported: ${names}; these are: ${SUPPORTED_LAYERS.join(', ')}`,
    );
  }
  const model = simplify(source);
  const g = new GraphBuilder(options.description === undefined ? {} : { description: options.description });
  const values = new Map<number, TensorHandle>();
  for (const input of model.inputs) values.set(input.value, g.input(input.name, input.shape, { type: input.dtype }));
  const value = (index: number): TensorHandle => {
    const found = values.get(index);
    if (found === undefined) throw new TfliteError(`model ${model.name}`, `uses value ${index} before it is computed`);
    return found;
  };
  const uses = new Map<string, number>();
  for (const call of model.calls) {
    const use = (uses.get(call.layer.name) ?? 0) + 1;
    uses.set(call.layer.name, use);
    // Tensors are named after their layer, `layer/...`, so that reports and `keepFloat` know whose they are.
    const layer = use === 1 ? call.layer : { ...call.layer, name: `${call.layer.name}/${use}` };
    const convert = CONVERTERS[layer.className];
    if (convert === undefined) throw new TfliteError(`layer ${layer.name}`, `${layer.className} is not supported`);
    g.within(layer.name);
    values.set(call.output, convert({ g, layer, inputs: call.inputs.map(value) }));
  }
  const inputs = new Set(model.inputs.map((input) => value(input.value)));
  for (const output of model.outputs) {
    const x = value(output.value);
    // Some runtimes leave an output alone that is an input as well: give it a tensor of its own.
    g.output(output.name, inputs.has(x) ? g.reshape(x, [-1, ...x.shape.slice(1)]) : x);
  }
  return padExplicitly(g.build());
}
