export type { Layer, LayerCall, LayersInput, LayersModel, LayersOutput, LayerWeight } from './layers-model.ts';
export { parseLayersModel, readLayersModel, type LayersArtifacts } from './read.ts';
export type { WeightSpec } from './weights.ts';
export { SUPPORTED_ACTIVATIONS } from './activations.ts';
export { convertLayersModel, SUPPORTED_LAYERS, type ConvertOptions } from './convert.ts';
export { toDenseChain } from './dense-chain.ts';
