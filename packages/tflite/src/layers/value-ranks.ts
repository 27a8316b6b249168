import { booleanOption } from './config.ts';
import type { Layer, LayersModel } from './layers-model.ts';

/** Dimensions of every value of a model, the batch counted. True for the layers that can be converted. */
export function valueRanks(model: LayersModel): ReadonlyMap<number, number> {
  const ranks = new Map(model.inputs.map((input) => [input.value, input.shape.length + 1]));
  for (const { layer, inputs, output } of model.calls) {
    ranks.set(output, rankAfter(layer, ranks.get(inputs[0]) ?? 0));
  }
  return ranks;
}

function rankAfter(layer: Layer, rank: number): number {
  switch (layer.className) {
    case 'Flatten':
      return 2;
    case 'Embedding':
      return rank + 1;
    case 'Reshape': {
      const target = layer.config['target_shape'];
      return Array.isArray(target) ? target.length + 1 : rank;
    }
    case 'GlobalAveragePooling1D':
    case 'GlobalAveragePooling2D':
    case 'GlobalMaxPooling1D':
    case 'GlobalMaxPooling2D':
      return booleanOption(layer, 'keepdims', false) ? rank : 2;
    default:
      return rank;
  }
}
